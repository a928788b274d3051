/** A real OpenSSH server on a free port of the loopback interface, with its own directory, keys and log. */

import { findProgram, peerTest } from "./peers.ts";

/** The kinds of keys that servers and clients of the tests have. */
export type KeyType = "ed25519" | "ecdsa" | "rsa";

/** A key pair in files. */
export interface KeyFile {
  /** The private key's file, mode 0600. */
  path: string;
  /** The public key as a line of authorized_keys: type, base64 and comment. */
  publicLine: string;
  /** The fingerprint as OpenSSH shows it: `SHA256:…`. */
  fingerprint: string;
}

/** What {@linkcode startSshd} may be told. */
export interface SshdOptions {
  /** Lines for sshd_config. They come first, so they win over the fixture's own. */
  config?: string[];
  /** Lines for authorized_keys; the run's client keys of all three types if omitted. */
  authorizedKeys?: string[];
  /** Types of the host keys offered; all three if omitted. */
  hostKeyTypes?: KeyType[];
  /** Host keys in place of the run's own. */
  hostKeys?: KeyFile[];
  /** The port to listen on; a free one if omitted. */
  port?: number;
  /** Environment variables of the server. */
  env?: Record<string, string>;
  /** A command and arguments that the server's command line is appended to, such as `unshare -m`. */
  wrapper?: string[];
}

/** A running server. Disposing of it ends it and its sessions and removes its directory. */
export interface Sshd extends AsyncDisposable {
  /** Always 127.0.0.1. */
  readonly host: string;
  /** Where it listens. */
  readonly port: number;
  /** The only user that can log in: the one who runs the tests. */
  readonly user: string;
  /** Its own directory, also free for the test's files. */
  readonly directory: string;
  /** Its host keys. */
  readonly hostKeys: KeyFile[];
  /** Client keys that the default authorized_keys accepts. */
  readonly clientKeys: Record<KeyType, KeyFile>;
  /** Lines for a known_hosts file that name this server's host keys. */
  readonly knownHosts: string;
  /** The authorized_keys file in use. */
  readonly authorizedKeysPath: string;
  /** What it logged so far. */
  log(): string;
  /** Waits until the log holds this text. */
  logged(text: string): Promise<void>;
  /** Kills every session, as an administrator or a crash would. The server goes on. */
  killSessions(): Promise<void>;
  /** Stops listening and kills every session; `start` brings it back on the same port. */
  stop(): Promise<void>;
  /** Starts it again after `stop`. */
  start(): Promise<void>;
}

/**
 * Registers a test that needs a real sshd.
 *
 * @param name what holds
 * @param run the test
 */
export function sshdTest(name: string, run: (t: Deno.TestContext) => Promise<void>): void {
  peerTest(["sshd", "ssh-keygen"], name, run);
}

/**
 * Makes a key pair with ssh-keygen.
 *
 * @param path where the private key goes
 * @param args arguments for ssh-keygen beside the path; no passphrase unless they hold `-N`
 * @returns the key pair
 */
export async function generateKey(path: string, ...args: string[]): Promise<KeyFile> {
  const passphrase = args.includes("-N") ? [] : ["-N", ""];
  await runProgram("ssh-keygen", ["-q", "-C", "test", ...passphrase, ...args, "-f", path]);
  const publicLine = (await Deno.readTextFile(`${path}.pub`)).trim();
  const fingerprint = (await runProgram("ssh-keygen", ["-l", "-f", `${path}.pub`])).split(" ")[1];
  return { path, publicLine, fingerprint };
}

/**
 * Makes a host certificate, in a file beside the key whose name ends in `-cert.pub`.
 *
 * @param authority who certifies
 * @param hostKey the host's key
 * @param args more arguments for ssh-keygen
 */
export async function certifyHost(authority: KeyFile, hostKey: KeyFile, ...args: string[]): Promise<void> {
  const certify = ["-q", "-s", authority.path, "-I", "host", "-h", ...args];
  await runProgram("ssh-keygen", [...certify, `${hostKey.path}.pub`]);
}

/**
 * Runs a program and returns what it printed; a non-zero exit status is an error.
 *
 * @param program its name
 * @param args its arguments
 * @param options environment to add, and whether to start from an empty one
 * @returns its standard output
 */
export async function runProgram(
  program: string,
  args: string[],
  options: { env?: Record<string, string>; clearEnv?: boolean } = {},
): Promise<string> {
  const command = new Deno.Command(findProgram(program) ?? program, { args, stdin: "null", ...options });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/**
 * Starts a server.
 *
 * @param options its configuration
 * @returns the running server
 */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const { hostKeys: defaultHostKeys, clientKeys } = await keysOfThisRun();
  const types = options.hostKeyTypes ?? ["ed25519", "ecdsa", "rsa"];
  const hostKeys = options.hostKeys ?? types.map((type) => defaultHostKeys[type]);
  const directory = await Deno.makeTempDir({ prefix: "sshd-" });
  const authorizedKeysPath = `${directory}/authorized_keys`;
  const authorized = options.authorizedKeys ?? Object.values(clientKeys).map((key) => key.publicLine);
  await Deno.writeTextFile(authorizedKeysPath, authorized.join("\n") + "\n");
  const configPath = `${directory}/sshd_config`;
  // Root's sshd insists on its privilege separation directory.
  if (Deno.uid() === 0) await Deno.mkdir("/run/sshd", { recursive: true, mode: 0o755 });

  let log = "";
  let port = options.port ?? 0;
  let process: Deno.ChildProcess | undefined;
  let logEnded: Promise<void> = Promise.resolve();
  const listeners = new Set<() => void>();

  async function start(): Promise<void> {
    for (let attempt = 0;; attempt++) {
      if (port === 0) port = freePort();
      const config = configText(options, port, hostKeys, authorizedKeysPath);
      await Deno.writeTextFile(configPath, config);
      const [program, ...before] = options.wrapper ?? [];
      const sshd = findProgram("sshd") ?? "/usr/sbin/sshd";
      const args = ["-D", "-e", "-f", configPath];
      process = new Deno.Command(program ?? sshd, {
        args: program ? [...before, sshd, ...args] : args,
        env: options.env,
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      const begin = log.length;
      let ended = false;
      const listening = Promise.withResolvers<boolean>();
      logEnded = (async (stderr: ReadableStream<Uint8Array>) => {
        for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
          log += text;
          if (log.indexOf("Server listening on", begin) >= 0) listening.resolve(true);
          for (const listener of listeners) listener();
        }
        ended = true;
        listening.resolve(false);
        for (const listener of listeners) listener();
      })(process.stderr);
      if (await listening.promise) return;
      await process.status;
      process = undefined;
      // Somebody else may have taken the port meanwhile.
      if (!ended || attempt === 5 || !log.includes("Address already in use")) {
        throw new Error(`sshd did not start: ${log}`);
      }
      if (options.port === undefined) port = 0;
    }
  }

  async function stop(): Promise<void> {
    if (!process) return;
    // A session that is being opened meanwhile would live on, and keep the log open.
    const tree = frozen(process.pid);
    signal(process.pid, "SIGTERM");
    for (const pid of tree) signal(pid, "SIGKILL");
    signal(process.pid, "SIGCONT");
    await process.status;
    await logEnded;
    process = undefined;
  }

  await start();
  return {
    host: "127.0.0.1",
    get port() {
      return port;
    },
    user: await userName(),
    directory,
    hostKeys,
    clientKeys,
    get knownHosts() {
      const host = port === 22 ? "127.0.0.1" : `[127.0.0.1]:${port}`;
      return hostKeys.map((key) => `${host} ${key.publicLine.split(" ").slice(0, 2).join(" ")}\n`).join("");
    },
    authorizedKeysPath,
    log: () => log,
    async logged(text: string) {
      while (!log.includes(text)) {
        if (!process) throw new Error(`sshd ended without logging "${text}": ${log}`);
        await new Promise<void>((resolve) => {
          const listener = () => {
            listeners.delete(listener);
            resolve();
          };
          listeners.add(listener);
        });
      }
    },
    killSessions() {
      if (process) { for (const pid of descendants(process.pid)) signal(pid, "SIGKILL"); }
      return Promise.resolve();
    },
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** The test's lines first, as the first value of a keyword wins; its Match blocks last, as they reach to the end. */
function configText(options: SshdOptions, port: number, hostKeys: KeyFile[], authorizedKeys: string): string {
  const lines = options.config ?? [];
  const match = lines.findIndex((line) => /^\s*match\s/i.test(line));
  const global = match < 0 ? lines : lines.slice(0, match);
  const hasSubsystem = global.some((line) => /^\s*subsystem\s/i.test(line));
  return [
    ...global,
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    ...hostKeys.map((key) => `HostKey ${key.path}`),
    `AuthorizedKeysFile ${authorizedKeys}`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin yes",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "LogLevel VERBOSE",
    "PrintMotd no",
    ...(hasSubsystem ? [] : ["Subsystem sftp internal-sftp"]),
    ...(match < 0 ? [] : lines.slice(match)),
  ].join("\n") + "\n";
}

/**
 * A port of the loopback interface that nobody listens on.
 *
 * @returns its number
 */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/**
 * The name of the user who runs the tests.
 *
 * @returns the name
 */
export async function userName(): Promise<string> {
  return (await runProgram("id", ["-un"])).trim();
}

function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch {
    // It has ended already.
  }
}

/** The processes below a process, from what the kernel says of each process's parent. */
function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(entry.name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${entry.name}/stat`);
      parents.set(Number(entry.name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (parents.get(pid) === root || isBelow(parents.get(pid)));
  return [...parents.keys()].filter(isBelow);
}

/** Stops a process and all below it, until none of them can make another; returns those below. */
function frozen(root: number): number[] {
  signal(root, "SIGSTOP");
  const stopped = new Set<number>();
  for (;;) {
    const found = descendants(root).filter((pid) => !stopped.has(pid));
    if (found.length === 0) return [...stopped];
    for (const pid of found) {
      signal(pid, "SIGSTOP");
      stopped.add(pid);
    }
  }
}

let keys: Promise<Record<"hostKeys" | "clientKeys", Record<KeyType, KeyFile>>> | undefined;

/** Keys are made once a run: RSA takes a while. */
function keysOfThisRun(): Promise<Record<"hostKeys" | "clientKeys", Record<KeyType, KeyFile>>> {
  keys ??= (async () => {
    const directory = await Deno.makeTempDir({ prefix: "sshd-keys-" });
    globalThis.addEventListener("unload", () => Deno.removeSync(directory, { recursive: true }));
    const make = async (name: string): Promise<Record<KeyType, KeyFile>> => ({
      ed25519: await generateKey(`${directory}/${name}_ed25519`, "-t", "ed25519"),
      ecdsa: await generateKey(`${directory}/${name}_ecdsa`, "-t", "ecdsa", "-b", "256"),
      rsa: await generateKey(`${directory}/${name}_rsa`, "-t", "rsa", "-b", "2048"),
    });
    return { hostKeys: await make("host"), clientKeys: await make("client") };
  })();
  return keys;
}

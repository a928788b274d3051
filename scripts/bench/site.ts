/** Where a run takes place: an SSH server, the line to it, and the files that are backed up. */

import { type Sshd, startSshd } from "../../tests/support/sshd.ts";

/** A kind of line to the server. */
export interface Network {
  /** Its name in tables and on the command line. */
  name: string;
  /** Milliseconds that everything takes each way; 0 for the loopback interface as it is. */
  delay: number;
}

/** The lines there are. */
export const NETWORKS: readonly Network[] = [
  { name: "loopback", delay: 0 },
  { name: "5ms", delay: 5 },
  { name: "25ms", delay: 25 },
];

/** A server and a line to it. Disposing of it ends both. */
export interface Site extends AsyncDisposable {
  /** The port of 127.0.0.1 that leads to the server over the line. */
  readonly port: number;
  /** The user to log in as. */
  readonly user: string;
  /** The private key that lets it in. */
  readonly identity: string;
  /** An ssh_config in which the server is called `bench`. */
  readonly sshConfig: string;
  /** The directory that is backed up, on the server. */
  readonly source: string;
  /**
   * Makes the line as slow as its kind is, or as fast as can be.
   *
   * @param isSlow which of them
   * @returns bytes on the line since it was called last, both ways; `undefined` where the line does not count
   */
  delay(isSlow: boolean): Promise<number | undefined>;
}

/**
 * Starts a server and a line to it.
 *
 * @param network the kind of line
 * @param directory an empty directory for its files
 * @param source the directory that is backed up
 * @returns the site
 */
export async function openSite(network: Network, directory: string, source: string): Promise<Site> {
  const sshd = await startSshd();
  const line = network.delay === 0 ? undefined : await startLine(sshd.port);
  const port = line?.port ?? sshd.port;
  const identity = sshd.clientKeys.ed25519.path;
  const knownHosts = `${directory}/known_hosts`;
  const sshConfig = `${directory}/ssh_config`;
  await Deno.writeTextFile(knownHosts, knownHostsFor(sshd, port));
  await Deno.writeTextFile(
    sshConfig,
    [
      "Host bench",
      "  HostName 127.0.0.1",
      `  Port ${port}`,
      `  User ${sshd.user}`,
      `  IdentityFile ${identity}`,
      "  IdentitiesOnly yes",
      `  UserKnownHostsFile ${knownHosts}`,
    ].join("\n") + "\n",
  );
  return {
    port,
    user: sshd.user,
    identity,
    sshConfig,
    source,
    delay: async (isSlow) => await line?.delay(isSlow ? network.delay : 0),
    async [Symbol.asyncDispose]() {
      await line?.[Symbol.asyncDispose]();
      await sshd[Symbol.asyncDispose]();
    },
  };
}

function knownHostsFor(sshd: Sshd, port: number): string {
  return sshd.knownHosts.replaceAll(`:${sshd.port} `, `:${port} `);
}

/** A slow line. Disposing of it ends it. */
export interface Line extends AsyncDisposable {
  /** The port of 127.0.0.1 that leads to the server. */
  readonly port: number;
  /**
   * Sets the delay from now on.
   *
   * @param milliseconds how long everything takes each way
   * @returns bytes since it was called last, both ways
   */
  delay(milliseconds: number): Promise<number>;
}

/**
 * Starts the delaying proxy as a process of its own, so that its work is on no contender's account. At first it
 * delays nothing.
 *
 * @param port where the server listens on 127.0.0.1
 * @returns the line
 */
export async function startLine(port: number): Promise<Line> {
  const script = new URL("./delay_proxy.ts", import.meta.url).pathname;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-net", script, `${port}`],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const input = process.stdin.getWriter();
  const number = async () => Number((await lines.read()).value);
  return {
    port: await number(),
    async delay(milliseconds) {
      await input.write(new TextEncoder().encode(`${milliseconds}\n`));
      return await number();
    },
    async [Symbol.asyncDispose]() {
      await input.close();
      await process.status;
      await lines.cancel();
    },
  };
}

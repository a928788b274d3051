/**
 * The main job, shown: an SFTP server on the loopback interface with a few files, a repository, a backup, its
 * listing, and a restore whose files are compared byte by byte. Everything happens in a temporary directory.
 */

import { Buffer } from "node:buffer";
import { startSftpServer } from "./demo/sftp_server.ts";
import { programCommand } from "./program.ts";
import { say } from "./say.ts";

const directory = await Deno.makeTempDir({ prefix: "plakar-demo-" });
const program = await programCommand();

try {
  const files = `${directory}/server/srv/documents`;
  await writeSampleFiles(files);
  await Deno.mkdir(`${directory}/server/srv/restored`);
  const server = await startSftpServer(`${directory}/server`);
  try {
    await writeSshFiles(`${directory}/home/.ssh`, server);
    say("An SFTP server listens on the loopback interface. Its address and key are in ~/.ssh/config:");
    say("");
    say(await Deno.readTextFile(`${directory}/home/.ssh/config`));

    await plakar("at", "./backups", "create");
    await plakar("at", "./backups", "backup", "sftp://demo/srv/documents");
    const id = (await plakar("at", "./backups", "ls")).split(/\s+/)[1];
    await plakar("at", "./backups", "ls", id);
    await plakar("at", "./backups", "check", id);
    await plakar("at", "./backups", "restore", "-to", "sftp://demo/srv/restored", id);

    const compared = await compare(files, `${directory}/server/srv/restored`);
    say(`All ${compared} files on the server under /srv/restored are the same, byte by byte.`);
  } finally {
    server.close();
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}

/** Runs the program as a person would, shows the command and what it prints, and returns its output. */
async function plakar(...args: string[]): Promise<string> {
  say(`$ plakar ${args.join(" ")}`);
  const { code, stdout, stderr } = await new Deno.Command(program.path, {
    args: [...program.args, ...args],
    clearEnv: true,
    env: {
      ...program.env,
      HOME: `${directory}/home`,
      PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
      PLAKAR_PASSPHRASE: "a passphrase for the demonstration 42",
    },
    cwd: directory,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout);
  say(output + decoder.decode(stderr));
  if (code !== 0) throw new Error(`plakar ${args.join(" ")} ended with exit status ${code}`);
  return output;
}

async function writeSampleFiles(path: string): Promise<void> {
  await Deno.mkdir(`${path}/letters`, { recursive: true });
  await Deno.writeTextFile(`${path}/letters/letter.txt`, "Dear reader,\n\nthis was on a server.\n");
  await Deno.writeTextFile(`${path}/notes.md`, "# Notes\n".repeat(500));
  await Deno.writeTextFile(`${path}/run.sh`, "#!/bin/sh\necho ready\n", { mode: 0o755 });
  const photo = new Uint8Array(3 << 20);
  for (let at = 0; at < photo.length; at += 65536) crypto.getRandomValues(photo.subarray(at, at + 65536));
  await Deno.writeFile(`${path}/photo.raw`, photo);
  await Deno.writeFile(`${path}/empty`, new Uint8Array());
}

async function writeSshFiles(
  path: string,
  server: { port: number; hostKey: string; userKey: string },
): Promise<void> {
  await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(`${path}/id_demo`, server.userKey, { mode: 0o600 });
  await Deno.writeTextFile(`${path}/known_hosts`, `[127.0.0.1]:${server.port} ${server.hostKey}\n`);
  const config = [
    "Host demo",
    "  HostName 127.0.0.1",
    `  Port ${server.port}`,
    "  User demo",
    "  IdentityFile ~/.ssh/id_demo",
  ];
  await Deno.writeTextFile(`${path}/config`, config.join("\n") + "\n", { mode: 0o600 });
}

/** Compares two directories, and returns the number of files that are the same in both. */
async function compare(left: string, right: string): Promise<number> {
  const names = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  if (names(left).join("/") !== names(right).join("/")) throw new Error(`${right} holds other names`);
  let count = 0;
  for (const name of names(left)) {
    const [one, other] = [`${left}/${name}`, `${right}/${name}`];
    const [from, to] = [await Deno.lstat(one), await Deno.lstat(other)];
    if (from.mode !== to.mode) throw new Error(`${other} has another type or mode`);
    if (from.isDirectory) {
      count += await compare(one, other);
      continue;
    }
    const same = Buffer.compare(await Deno.readFile(one), await Deno.readFile(other)) === 0;
    if (!same) throw new Error(`${other} has other content`);
    count++;
  }
  return count;
}

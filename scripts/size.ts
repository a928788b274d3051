/**
 * `deno task size`: many files and a huge one, backed up and restored over SFTP, with the memory it took.
 *
 * The program is the one-file stand-in for the compiled one, with the compiled one's flags; the server is a
 * real sshd on the loopback.
 */

import { newStandIn } from "../tests/support/stand_in.ts";
import { makeDataSet } from "./bench/data_sets.ts";
import { measure, type Measurement } from "./bench/measure.ts";
import { openSite } from "./bench/site.ts";
import { say } from "./say.ts";

const FILES_SCALE = 100_000 / 60_000;
const HUGE_FILE = 4 * 1024 ** 3;
const BLOCK = 8 * 1024 * 1024;
const MIB = 1024 * 1024;

const directory = await Deno.makeTempDir({ prefix: "plakar-size-" });
try {
  const source = `${directory}/source`;
  await makeDataSet("src", `${source}/files`, FILES_SCALE);
  await makeHugeFile(`${source}/huge`);
  await using site = await openSite({ name: "loopback", delay: 0 }, directory, source);
  await using program = await newStandIn();
  const home = `${directory}/home`;
  await Deno.mkdir(`${home}/.ssh`, { recursive: true, mode: 0o700 });
  await Deno.copyFile(site.sshConfig, `${home}/.ssh/config`);
  const env = { HOME: home, PATH: "/usr/bin:/bin", PLAKAR_PASSPHRASE: "Granite-otter-72-lanterns" };
  const plakar = (...args: string[]) =>
    measure({ path: program.path, args: ["at", `${directory}/store`, ...args], env, cwd: directory });

  await plakar("create");
  row("backup", await plakar("backup", "-silent", `sftp://bench${source}`));
  row("backup again", await plakar("backup", "-silent", `sftp://bench${source}`));
  row("restore", await plakar("restore", "-silent", "-latest", "-to", `sftp://bench${directory}/restored`));
  await compare(source, `${directory}/restored`);
} finally {
  await Deno.remove(directory, { recursive: true });
}

function row(work: string, { wall, cpu, memory }: Measurement): void {
  say(`| ${work} | ${wall.toFixed(1)} s | ${cpu.toFixed(1)} s | ${Math.round(memory / MIB)} MiB |`);
}

/** Incompressible, and the same in every run. */
async function makeHugeFile(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const key = await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-CTR", false, ["encrypt"]);
  const zeros = new Uint8Array(BLOCK);
  const counter = new Uint8Array(16);
  for (let block = 0; block < HUGE_FILE / BLOCK; block++) {
    new DataView(counter.buffer).setUint32(0, block);
    const bytes = await crypto.subtle.encrypt({ name: "AES-CTR", counter, length: 64 }, key, zeros);
    await file.write(new Uint8Array(bytes));
  }
}

async function compare(a: string, b: string): Promise<void> {
  const { code, stdout } = await new Deno.Command("diff", { args: ["-r", "--no-dereference", a, b] })
    .output();
  if (code !== 0) {
    throw new Error(`What was restored differs: ${new TextDecoder().decode(stdout).slice(0, 500)}`);
  }
  say("What was restored is the same, byte for byte.");
}

/** A directory with every kind of file on this machine, and what the machine itself says of a directory. */

import { Buffer } from "node:buffer";
import { randomOf } from "./random.ts";
import { runProgram } from "./sshd.ts";

/** How exactly times are told. */
export type TimeUnit = "ms" | "s";

const MIB = 1024 * 1024;

/**
 * Makes a directory with files of every kind whose names are UTF-8.
 *
 * @param path where; it must not exist
 */
export async function growTree(path: string): Promise<void> {
  const random = randomOf(7);
  const write = async (name: string, content: string | Uint8Array, mode = 0o644) => {
    const file = `${path}/${name}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(file, content);
    else await Deno.writeFile(file, content);
    await Deno.chmod(file, mode);
  };
  await write("a name with spaces.txt", "spaces\n");
  for (
    const name of [
      "日本語 ファイル.txt",
      "e\u0301 decomposed",
      "😀",
      "new\nline",
      "tab\tand\\back",
      "-rf",
      "...",
    ]
  ) {
    await write(`names/${name}`, `content of ${name}\n`);
  }
  await write("empty", "");
  await write("random.bin", Uint8Array.from({ length: 3 * MIB }, () => random(256)));
  await write("compressible.log", logLines(20 * MIB));
  await write("page.html", "<!DOCTYPE html><html><body>page</body></html>\n");
  await write("deep/" + "down/".repeat(40) + "bottom", "deep\n");
  for (let i = 0; i < 300; i++) await write(`many/file ${i}`, `${i % 50}\n`.repeat(i));
  await write("secret", "secret\n", 0o600);
  await write("program", "#!/bin/sh\n", 0o755);
  await write("setuid", "#!/bin/sh\n", 0o4755);
  await write("setgid", "#!/bin/sh\n", 0o2750);
  await write("hard link 1", "linked\n");
  for (const i of [2, 3]) await Deno.link(`${path}/hard link 1`, `${path}/hard link ${i}`);
  await Deno.mkdir(`${path}/nothing in it`);
  await Deno.mkdir(`${path}/sticky`);
  await Deno.chmod(`${path}/sticky`, 0o1777);
  await Deno.symlink("random.bin", `${path}/link`);
  await Deno.symlink("nowhere/at all", `${path}/dangling link`);
  await Deno.symlink("deep", `${path}/link to a directory`);
  await runProgram("mkfifo", ["-m", "640", `${path}/pipe`]);
  await runProgram("touch", ["-d", "1999-12-31T23:59:59.987654321Z", `${path}/empty`]);
  await runProgram("touch", ["-d", "2038-01-19T03:14:08.5Z", `${path}/secret`]);
  if (Deno.uid() === 0) await Deno.chown(`${path}/a name with spaces.txt`, 12345, 54321);
  await settleTimes(path);
}

/**
 * Makes a directory with files whose names are not text. Deno itself can name none of them.
 *
 * @param path where; it must not exist
 */
export async function growUnprintable(path: string): Promise<void> {
  const names = String.raw`caf\351 \377\376\200 \001\033[31m \355\240\200`;
  const script = 'mkdir "$0" && cd "$0" && for name in $1; do printf "$name" >"$(printf "$name")"; done';
  await runProgram("sh", ["-c", script, path, names]);
}

/**
 * Changes a directory that {@linkcode growTree} made, each time in another way.
 *
 * @param path the directory
 * @param step which time this is, from 0
 */
export async function changeTree(path: string, step: number): Promise<void> {
  const write = (name: string, content: string, append = false) =>
    Deno.writeTextFile(`${path}/${name}`, content, { append });
  await write("compressible.log", `appended ${step}\n`, true);
  await write("page.html", `<!DOCTYPE html><html><body>page ${step}</body></html>\n`);
  await write(`many/added ${step}`, `added ${step}\n`);
  await Deno.remove(`${path}/many/file ${step}`);
  await Deno.rename(`${path}/many/file ${100 + step}`, `${path}/nothing in it/moved ${step}`);
  await Deno.chmod(`${path}/program`, step % 2 === 0 ? 0o700 : 0o755);
  await Deno.remove(`${path}/link`);
  await Deno.symlink(`many/added ${step}`, `${path}/link`);
  await Deno.mkdir(`${path}/directory ${step}/below`, { recursive: true });
  // A name that was a file becomes a directory, and the other way round.
  const turning = `${path}/turning`;
  await Deno.remove(turning, { recursive: true }).catch(() => {});
  if (step % 2 === 0) await write("turning", `${step}`);
  else await Deno.mkdir(turning);
  await settleTimes(path);
}

/**
 * Sees to it that nothing was changed in the last microsecond of a millisecond: plakar 1.1.4 restores times rounded
 * up to microseconds, which would then be another millisecond.
 */
async function settleTimes(path: string): Promise<void> {
  while (true) {
    const fields = await bytesPrinted("find", path, "-mindepth", "1", "-printf", String.raw`%p\0%T@\0`);
    const last = fields.filter((_, i) => /\.\d{3}999[^\0]*[1-9]/.test(fields[i + 1] ?? ""));
    if (last.length === 0) return;
    await runProgram("touch", ["-h", "--", ...last.map((name) => Buffer.from(name, "latin1").toString())]);
  }
}

/**
 * What find and sha256sum say of everything below a directory.
 *
 * @param path the directory
 * @param unit how exactly times are told
 * @returns a line for each path, one code unit a byte, in any order: kind, mode, owner, time, size, link target, digest
 */
export async function listTree(path: string, unit: TimeUnit = "ms"): Promise<Map<string, string>> {
  const format = String.raw`%P\0%y\0%#m\0%U:%G\0%T@\0%s\0%l\0`;
  const fields = await bytesPrinted("find", path, "-mindepth", "1", "-printf", format);
  const digests = new Map(
    (await bytesPrinted("sh", "-c", 'cd "$0" && find . -type f -print0 | xargs -0 -r sha256sum -z', path))
      .map((line) => [line.slice(68), line.slice(0, 64)]),
  );
  const tree = new Map<string, string>();
  for (let i = 0; i + 6 < fields.length; i += 7) {
    const [name, kind, mode, owner, time, size, target] = fields.slice(i, i + 7);
    const digits = unit === "ms" ? 4 : 0;
    const truncated = time.slice(0, time.indexOf(".") + digits);
    // What a directory's size is depends on its past.
    const bytes = kind === "d" ? "" : size;
    const line = [kind, mode, owner, truncated, bytes, target, digests.get(name) ?? ""];
    tree.set(name, line.join(" ").trimEnd());
  }
  return tree;
}

/**
 * What two lists or two listings do not have in common, which is easier to read than both of them.
 *
 * @param actual one
 * @param expected the other
 * @returns a line with `+` for each thing in the first only, with `-` for each in the second only
 */
export function differences(
  actual: Iterable<string | [string, string]>,
  expected: Iterable<string | [string, string]>,
): string[] {
  const [here, there] = [actual, expected].map((all) => Array.from(all, (one) => [one].flat().join(": ")));
  const without = (some: string[], others: string[], mark: string) => {
    const counts = Map.groupBy(others, (one) => one);
    return some.filter((one) => counts.get(one)?.pop() === undefined).map((one) => `${mark} ${one}`);
  };
  return [...without(here, there, "+"), ...without(there, here, "-")].sort();
}

/** What a program prints, split at the zero bytes. */
async function bytesPrinted(program: string, ...args: string[]): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  if (!success) throw new Error(`${program}: ${new TextDecoder().decode(stderr)}`);
  return Buffer.from(stdout).toString("latin1").split("\0");
}

function logLines(size: number): string {
  const lines: string[] = [];
  for (let length = 0, i = 0; length < size; i++) {
    const line = `2026-05-01T10:00:00Z host service[${i % 977}]: request ${i} took ${(i * 7919) % 1000} ms\n`;
    lines.push(line);
    length += line.length;
  }
  return lines.join("");
}

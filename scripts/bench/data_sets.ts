/** The trees that are backed up, made from a fixed seed, and what changes in them between two backups. */

import { Buffer } from "node:buffer";
import { SeededRandom } from "./seeded_random.ts";

/** The names of the data sets. */
export const DATA_SETS = ["src", "rand", "vm", "tiny"] as const;

/** The name of a data set. */
export type DataSetName = (typeof DATA_SETS)[number];

/** Those that {@linkcode makeEditedCopy} changes. */
export const EDITED_SETS: readonly DataSetName[] = ["src", "vm"];

const MIB = 1 << 20;
const VM_BLOCK = 64 << 10;
const MAX_SOURCE_FILE = 2 * MIB;

/**
 * When the first file was last changed, in seconds since 1970, and the others one second apart: borg does not trust
 * files that are as old as the newest, and reads them again.
 */
const MTIME = 1_700_000_000;

/**
 * Makes a data set.
 *
 * @param name which
 * @param directory where; it must not be there
 * @param scale 1 for its full size
 */
export async function makeDataSet(name: DataSetName, directory: string, scale: number): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  const random = new SeededRandom(name);
  if (name === "src") makeSources(random, directory, scale);
  else if (name === "tiny") makeTinyFiles(random, directory, scale);
  else if (name === "vm") await makeImages(random, directory, scale);
  else {
    for (let file = 0; file < 4; file++) {
      await writeBlocks(`${directory}/random-${file}`, Math.ceil(512 * scale), () => random.bytes(MIB));
    }
  }
}

/**
 * Makes a copy of a data set in which one per cent of the files, or of the blocks of an image, is different.
 * What is not changed is hard-linked.
 *
 * @param name which
 * @param from the data set
 * @param to where the copy goes; it must not be there
 */
export async function makeEditedCopy(name: DataSetName, from: string, to: string): Promise<void> {
  const random = new SeededRandom(`${name} edited`);
  if (name !== "vm") {
    await copy(from, to, "--link");
    editFiles(random, to);
    return;
  }
  await copy(from, to);
  for (const { name: file } of Deno.readDirSync(to)) editBlocks(random, `${to}/${file}`);
}

/** Like a kernel's tree: many small texts, one in eight there twice, a directory for every ten, and links. */
function makeSources(random: SeededRandom, root: string, scale: number): void {
  const text = sourceText(random);
  const directories = [root];
  for (let count = 1; count < 6000 * scale; count++) {
    const directory = `${directories[random.below(Math.min(count, 400))]}/${word(random)}-${count}`;
    Deno.mkdirSync(directory);
    directories.push(directory);
  }
  let previous: Uint8Array = text.subarray(0, 4096);
  for (let count = 0; count < 60_000 * scale; count++) {
    const path = `${directories[random.below(directories.length)]}/${word(random)}-${count}`;
    if (random.fraction() >= 0.12) {
      const size = Math.min(MAX_SOURCE_FILE, Math.round(random.logNormal(4096, 1.3)));
      const at = random.below(text.length - size);
      previous = Buffer.concat([Buffer.from(`/* ${count} */\n`), text.subarray(at, at + size)]);
    }
    write(`${path}.c`, previous, count);
    // Some systems do not read links with slashes, or set the times of links to nothing, in mounted directories.
    if (random.fraction() < 0.01) Deno.symlinkSync(`${path.slice(path.lastIndexOf("/") + 1)}.c`, path);
  }
  for (const directory of directories) Deno.utimeSync(directory, MTIME, MTIME);
}

function makeTinyFiles(random: SeededRandom, root: string, scale: number): void {
  const bytes = random.bytes(256);
  for (let count = 0; count < 200_000 * scale; count++) {
    const at = random.below(256);
    write(`${root}/file-${count}`, bytes.subarray(at, at + random.below(2)), count);
  }
}

/** A disk image, and the same image with 777 bytes before it, so that no block of it is where it was. */
async function makeImages(random: SeededRandom, root: string, scale: number): Promise<void> {
  const repeated = Array.from({ length: 32 }, () => random.bytes(VM_BLOCK));
  const zero = new Uint8Array(VM_BLOCK);
  const next = () => {
    const kind = random.fraction();
    if (kind < 0.4) return zero;
    return kind < 0.7 ? repeated[random.below(repeated.length)] : random.bytes(VM_BLOCK);
  };
  await writeBlocks(`${root}/image`, Math.ceil((2048 * scale * MIB) / VM_BLOCK), next);
  using image = await Deno.open(`${root}/image`);
  using shifted = await Deno.open(`${root}/shifted`, { write: true, createNew: true });
  await shifted.write(random.bytes(777));
  await image.readable.pipeTo(shifted.writable, { preventClose: true }).catch(ignoreClosed);
  Deno.utimeSync(`${root}/shifted`, MTIME, MTIME);
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof Deno.errors.BadResource)) throw error;
}

function editFiles(random: SeededRandom, directory: string): void {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) editFiles(random, path);
    else if (isFile && random.fraction() < 0.01) {
      const content = Deno.readFileSync(path);
      // Its links keep what was there before.
      Deno.removeSync(path);
      Deno.writeFileSync(path, Buffer.concat([random.bytes(1), content]));
    }
  }
}

function editBlocks(random: SeededRandom, path: string): void {
  using file = Deno.openSync(path, { write: true });
  const blocks = Math.floor(file.statSync().size / VM_BLOCK);
  for (let count = 0; count < Math.max(1, blocks / 100); count++) {
    file.seekSync(random.below(blocks) * VM_BLOCK, Deno.SeekMode.Start);
    file.writeSync(random.bytes(VM_BLOCK));
  }
}

async function writeBlocks(path: string, count: number, next: () => Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let written = 0; written < count; written++) {
    let block = next();
    while (block.length > 0) block = block.subarray(await file.write(block));
  }
  Deno.utimeSync(path, MTIME, MTIME);
}

function write(path: string, content: Uint8Array, count: number): void {
  Deno.writeFileSync(path, content);
  Deno.utimeSync(path, MTIME + count, MTIME + count);
}

async function copy(from: string, to: string, ...options: string[]): Promise<void> {
  const { success } = await new Deno.Command("cp", { args: ["-a", ...options, from, to] }).output();
  if (!success) throw new Error(`Cannot copy "${from}" to "${to}"`);
}

/** Text that compresses about as source code does: words of a small vocabulary, numbers and indentation. */
function sourceText(random: SeededRandom): Uint8Array {
  const vocabulary = Array.from({ length: 800 }, () => word(random));
  const parts: string[] = [];
  for (let length = 0; length < 4 * MIB;) {
    const line = "\t".repeat(random.below(4)) +
      Array.from({ length: 2 + random.below(8) }, () => {
        return random.fraction() < 0.1
          ? `0x${random.below(65536).toString(16)}`
          : vocabulary[Math.floor(random.fraction() ** 3 * vocabulary.length)];
      }).join(" ") + ";\n";
    parts.push(line);
    length += line.length;
  }
  return Buffer.from(parts.join(""));
}

function word(random: SeededRandom): string {
  const letters = Array.from(
    { length: 3 + random.below(8) },
    () => "etaoinshrdlucmfwypvbgkjqxz"[random.below(26)],
  );
  return letters.join("");
}

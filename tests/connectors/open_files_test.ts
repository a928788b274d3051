import assert from "node:assert/strict";
import { OpenFiles } from "../../src/connectors/storage/open_files.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** The files below a directory that this process has open; `undefined` where the system does not tell. */
function openBelow(directory: string): string[] | undefined {
  if (Deno.build.os !== "linux") return undefined;
  return [...Deno.readDirSync("/proc/self/fd")].flatMap(({ name }) => {
    try {
      const path = Deno.readLinkSync(`/proc/self/fd/${name}`);
      return path.startsWith(`${directory}/`) ? [path] : [];
    } catch {
      return [];
    }
  });
}

async function makeFiles(directory: string, count: number): Promise<string[]> {
  const paths = Array.from({ length: count }, (_, i) => `${directory}/${i}`);
  await Promise.all(paths.map((path, i) => Deno.writeTextFile(path, `file ${i}, `.repeat(100))));
  return paths;
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("ranges of many files are read at once, and only some files stay open", async () => {
  await using directory = await temporaryDirectory();
  const root = await Deno.realPath(directory.path);
  const paths = await makeFiles(root, 100);
  using files = new OpenFiles();
  for (let round = 0; round < 3; round++) {
    const all = await Promise.all(
      [...paths.entries()].map(async ([i, path]) =>
        [i, await files.read(path, { offset: 5, length: 2 })] as const
      ),
    );
    for (const [i, bytes] of all) assert.equal(text(bytes), `${i}, `.slice(0, 2));
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  const open = openBelow(root)?.length ?? 32;
  assert.ok(open > 0 && open <= 32, `${open} files are open`);
});

Deno.test("no file stays open for ever", async () => {
  await using directory = await temporaryDirectory();
  const root = await Deno.realPath(directory.path);
  const files = new OpenFiles();
  for (const path of await makeFiles(root, 3)) await files.read(path, { offset: 0, length: 1 });
  files[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(openBelow(root) ?? [], []);
});

Deno.test("a range that is not all there is an error, and so is a file that is not there; both may come later", async () => {
  await using directory = await temporaryDirectory();
  const [path] = await makeFiles(directory.path, 1);
  using files = new OpenFiles();
  await assert.rejects(files.read(path, { offset: 790, length: 20 }), {
    code: "unreadable",
    message: `Cannot read "${path}": 20 bytes from 790 are asked for, but it has only 800`,
  });
  await Deno.writeTextFile(path, "x".repeat(900));
  assert.equal(text(await files.read(path, { offset: 790, length: 20 })), "x".repeat(20));

  const later = `${directory.path}/later`;
  await assert.rejects(files.read(later, { offset: 0, length: 1 }), Deno.errors.NotFound);
  await Deno.writeTextFile(later, "y");
  assert.equal(text(await files.read(later, { offset: 0, length: 1 })), "y");
});

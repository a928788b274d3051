/** What every importer must do. */

import assert from "node:assert/strict";
import type { FileReader, Importer, WalkOptions } from "../../src/connectors/importer/importer.ts";
import type { ChildRecord, DirectoryRecord } from "../../src/connectors/record.ts";
import {
  isDirectory,
  isPipe,
  isRegular,
  isSymlink,
  MODE_SETUID,
  MODE_STICKY,
} from "../../src/kloset/file_mode.ts";
import { dirname, join } from "../../src/lib/byte_path.ts";
import { type ByteString, fromBytes, fromText } from "../../src/lib/byte_string.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** An importer and a reader of its files. */
export interface ImporterFixture extends AsyncDisposable {
  /** The importer. */
  importer: Importer;
  /** A reader. */
  reader: FileReader;
}

const p = (text: string) => fromText(text);

/**
 * Walks to the end.
 *
 * @param importer what to walk
 * @param options how
 * @returns the records by path, in the order they came
 */
export async function walk(
  importer: Importer,
  options?: WalkOptions,
): Promise<Map<ByteString, DirectoryRecord>> {
  const records = new Map<ByteString, DirectoryRecord>();
  for await (const record of importer.walk(options)) {
    assert.ok(!records.has(record.path), `${record.path} comes once`);
    if (record.path !== importer.root) {
      assert.ok(records.has(dirname(record.path)), `${record.path} comes after its parent`);
    }
    records.set(record.path, record);
  }
  return records;
}

/**
 * Everything below the root of a walk.
 *
 * @param records what {@linkcode walk} returned
 * @returns the children by path
 */
export function childrenOf(records: Map<ByteString, DirectoryRecord>): Map<ByteString, ChildRecord> {
  const children = new Map<ByteString, ChildRecord>();
  for (const { path, children: found } of records.values()) {
    for (const child of found) children.set(join(path, child.info.name), child);
  }
  return children;
}

async function contentOf(reader: FileReader, path: ByteString, child: ChildRecord): Promise<ByteString> {
  let content = "";
  const { size } = await reader.read(path, child, (piece) => void (content += fromBytes(piece)));
  assert.equal(size, content.length);
  return content as ByteString;
}

/**
 * Registers the contract's tests.
 *
 * @param name the importer's name
 * @param register registers one test
 * @param open opens an importer of a path of this machine, however it gets there
 */
export function testImporter(
  name: string,
  register: (name: string, run: () => Promise<void>) => void,
  open: (path: string) => Promise<ImporterFixture>,
): void {
  const test = (what: string, run: (root: string) => Promise<void>) => {
    register(`${name}: ${what}`, async () => {
      await using directory = await temporaryDirectory();
      await run(directory.path);
    });
  };

  test("a root of which nothing can be found ends the walk; a directory below is an error of it", async (root) => {
    await Deno.mkdir(`${root}/source/below`, { recursive: true });
    await using fixture = await open(`${root}/source`);
    const { importer } = fixture;
    const prune = async ({ path }: DirectoryRecord) => {
      if (path === importer.root) await Deno.remove(`${root}/source/below`);
    };
    const records = await walk(importer, { prune });
    assert.deepEqual(records.get(p(`${root}/source/below`))?.errors.map(({ path }) => path), [
      p(`${root}/source/below`),
    ]);
    await Deno.remove(`${root}/source`);
    await assert.rejects(walk(importer), { code: "io", message: /^Cannot list directory ".*\/source": / });
  });

  test("every kind of file is found with its metadata", async (root) => {
    await Deno.mkdir(`${root}/dir/sub/empty`, { recursive: true });
    await Deno.writeTextFile(`${root}/dir/file`, "12345");
    await Deno.writeTextFile(`${root}/dir/sub/é`, "");
    await Deno.symlink("../nowhere é", `${root}/dir/link`);
    await new Deno.Command("mkfifo", { args: [`${root}/dir/pipe`] }).output();
    await Deno.chmod(`${root}/dir/file`, 0o4711);
    await Deno.chmod(`${root}/dir/sub`, 0o1750);
    await Deno.utime(`${root}/dir/file`, 5, 1_234_567_890);

    await using fixture = await open(root);
    const { importer } = fixture;
    assert.equal(importer.root, p(root));
    const records = await walk(importer);
    const children = childrenOf(records);
    assert.deepEqual(
      [...records.keys()].sort(),
      ["", "/dir", "/dir/sub", "/dir/sub/empty"].map((q) => p(root + q)),
    );
    assert.deepEqual(
      [...children.keys()].sort(),
      ["/dir", "/dir/file", "/dir/link", "/dir/pipe", "/dir/sub", "/dir/sub/empty", "/dir/sub/é"]
        .map((path) => p(root + path)).sort(),
    );
    for (const { errors } of records.values()) assert.deepEqual(errors, []);
    const at = (path: string) => children.get(p(root + path)) ?? assert.fail(path);
    const file = at("/dir/file").info;
    assert.equal(file.name, "file");
    assert.equal(file.size, 5);
    assert.equal(file.mode, (MODE_SETUID | 0o711) >>> 0);
    assert.equal(file.mtime, 1_234_567_890_000_000_000n);
    const stat = await Deno.lstat(`${root}/dir/file`);
    assert.deepEqual([file.uid, file.gid], [stat.uid, stat.gid]);
    assert.ok(isRegular(file.mode));
    assert.ok(isPipe(at("/dir/pipe").info.mode));
    assert.ok(isDirectory(at("/dir/sub").info.mode));
    assert.equal(at("/dir/sub").info.mode & (MODE_STICKY | 0o777), MODE_STICKY | 0o750);
    assert.ok(isSymlink(at("/dir/link").info.mode));
    assert.equal(at("/dir/link").target, p("../nowhere é"));
    assert.equal(at("/dir/file").target, undefined);
    assert.equal(at("/dir/sub/é").info.name, p("é"));
  });

  test("the directories above the root are known up to /", async (root) => {
    await Deno.mkdir(`${root}/a/b`, { recursive: true });
    await using fixture = await open(`${root}/a/b`);
    const ancestors = await fixture.importer.ancestors();
    const expected = [];
    for (let path = p(`${root}/a/b`);; path = dirname(path)) {
      expected.push(path);
      if (path === "/") break;
    }
    assert.deepEqual(ancestors.map(({ path }) => path), expected);
    for (const { path, info } of ancestors) {
      assert.equal(info.name, path === "/" ? "/" : path.slice(path.lastIndexOf("/") + 1));
      assert.ok(isDirectory(info.mode));
    }
  });

  test("links to directories are not followed, except the root", async (root) => {
    await Deno.mkdir(`${root}/real/loop`, { recursive: true });
    await Deno.symlink("..", `${root}/real/loop/up`);
    await Deno.symlink("real", `${root}/link`);
    await using fixture = await open(`${root}/link`);
    assert.equal(fixture.importer.root, p(`${root}/real`));
    const records = await walk(fixture.importer);
    assert.deepEqual([...records.keys()], [p(`${root}/real`), p(`${root}/real/loop`)]);
    assert.equal(childrenOf(records).get(p(`${root}/real/loop/up`))?.target, "..");
  });

  test("of a single file, its directory is the root and it is the only child", async (root) => {
    await Deno.writeTextFile(`${root}/one`, "content");
    await Deno.writeTextFile(`${root}/two`, "");
    await Deno.mkdir(`${root}/dir`);
    await using fixture = await open(`${root}/one`);
    const { importer, reader } = fixture;
    assert.equal(importer.root, p(root));
    assert.equal(importer.only, "one");
    assert.deepEqual((await importer.list(p(root))).children.map(({ info }) => info.name), ["one"]);
    assert.equal((await importer.ancestors())[0].path, p(root));
    const records = await walk(importer);
    assert.deepEqual([...records.keys()], [p(root)]);
    const [child, ...others] = records.get(p(root))?.children ?? [];
    assert.equal(child.info.name, "one");
    assert.deepEqual(others, []);
    assert.equal(await contentOf(reader, p(`${root}/one`), child), "content");
  });

  test("one directory can be listed apart from a walk", async (root) => {
    await Deno.mkdir(`${root}/dir/below`, { recursive: true });
    await Deno.writeTextFile(`${root}/dir/file`, "content");
    await using fixture = await open(root);
    assert.equal(fixture.importer.only, undefined);
    const { path, children, errors } = await fixture.importer.list(p(`${root}/dir`));
    assert.equal(path, p(`${root}/dir`));
    assert.deepEqual(children.map(({ info }) => info.name).sort(), ["below", "file"]);
    assert.deepEqual(errors, []);
    const missing = await fixture.importer.list(p(`${root}/nothing`));
    assert.deepEqual(missing.children, []);
    assert.deepEqual(missing.errors.map((error) => error.path), [p(`${root}/nothing`)]);
  });

  test("a location where nothing is cannot be opened", async (root) => {
    await assert.rejects(open(`${root}/nothing`), { code: "not-found" });
  });

  test("what is excluded is neither yielded nor listed", async (root) => {
    for (const path of ["keep/drop", "drop/keep"]) await Deno.mkdir(`${root}/${path}`, { recursive: true });
    for (const path of ["keep/file", "keep/drop.txt", "drop/file"]) {
      await Deno.writeTextFile(`${root}/${path}`, "");
    }
    await using fixture = await open(root);
    const asked = new Map<ByteString, boolean>();
    const records = await walk(fixture.importer, {
      exclude: (path, isDirectory) => {
        asked.set(path, isDirectory);
        return path.slice(root.length).includes("/drop");
      },
    });
    assert.deepEqual([...childrenOf(records).keys()].sort(), [p(`${root}/keep`), p(`${root}/keep/file`)]);
    assert.deepEqual([...records.keys()], [p(root), p(`${root}/keep`)]);
    assert.deepEqual([...asked].sort(), [
      [p(`${root}/drop`), true],
      [p(`${root}/keep`), true],
      [p(`${root}/keep/drop`), true],
      [p(`${root}/keep/drop.txt`), false],
      [p(`${root}/keep/file`), false],
    ]);
  });

  test("a directory can be looked at as a whole before anything in it is", async (root) => {
    await Deno.mkdir(`${root}/cache/below/deeper`, { recursive: true });
    await Deno.mkdir(`${root}/kept`);
    for (const path of ["cache/TAG", "cache/file", "kept/file"]) {
      await Deno.writeTextFile(`${root}/${path}`, "");
    }
    await using fixture = await open(root);
    const seen: ByteString[] = [];
    const records = await walk(fixture.importer, {
      prune: async (record) => {
        await Promise.resolve();
        seen.push(record.path);
        const tag = record.children.filter(({ info }) => info.name === "TAG");
        if (tag.length > 0) record.children = tag;
      },
    });
    assert.deepEqual([...childrenOf(records).keys()].sort(), [
      p(`${root}/cache`),
      p(`${root}/cache/TAG`),
      p(`${root}/kept`),
      p(`${root}/kept/file`),
    ]);
    assert.deepEqual(seen.sort(), [p(root), p(`${root}/cache`), p(`${root}/kept`)]);
    await assert.rejects(
      walk(fixture.importer, { prune: () => Promise.reject(new Error("broken")) }),
      { message: "broken" },
    );
  });

  test("the first bytes of a file can be read by themselves", async (root) => {
    await Deno.writeTextFile(`${root}/short`, "1234");
    await Deno.writeFile(`${root}/long`, new Uint8Array(3_000_000).fill(7));
    await using fixture = await open(root);
    const children = childrenOf(await walk(fixture.importer));
    const start = async (name: string, length: number) => {
      const path = p(`${root}/${name}`);
      return [...await fixture.importer.readStart(path, children.get(path) ?? assert.fail(), length)];
    };
    assert.deepEqual(await start("short", 2), [0x31, 0x32]);
    assert.deepEqual(await start("short", 4), [0x31, 0x32, 0x33, 0x34]);
    assert.deepEqual(await start("short", 9), [0x31, 0x32, 0x33, 0x34]);
    assert.deepEqual(await start("long", 3), [7, 7, 7]);
    await Deno.remove(`${root}/short`);
    await assert.rejects(start("short", 2), { code: "not-found" });
  });

  test("a wide and a deep tree are walked whole", async (root) => {
    const deep = Array.from({ length: 200 }, (_, i) => `d${i % 10}`).join("/");
    await Deno.mkdir(`${root}/${deep}`, { recursive: true });
    for (let i = 0; i < 50; i++) {
      await Deno.mkdir(`${root}/wide/${i}`, { recursive: true });
      for (let j = 0; j < 10; j++) await Deno.writeTextFile(`${root}/wide/${i}/${j}`, "");
    }
    await using fixture = await open(root);
    const children = childrenOf(await walk(fixture.importer));
    assert.equal(children.size, 200 + 1 + 50 + 500);
    assert.ok(children.has(p(`${root}/${deep}`)));
  });

  test("a walk can be stopped and left", async (root) => {
    for (let i = 0; i < 30; i++) await Deno.mkdir(`${root}/${i}/sub`, { recursive: true });
    await using fixture = await open(root);
    const controller = new AbortController();
    await assert.rejects(async () => {
      for await (const _ of fixture.importer.walk({ signal: controller.signal })) {
        controller.abort(new Error("enough"));
      }
    }, { message: "enough" });
    for await (const _ of fixture.importer.walk()) break;
  });

  test("contents are read, of many files at once", async (root) => {
    const sizes = [0, 1, 4096, 65_536, 1_048_576, 1_048_577, 3_000_000];
    for (const size of sizes) {
      await Deno.writeFile(
        `${root}/${size}`,
        Uint8Array.from({ length: size }, (_, i) => (i * 13 + (i >> 8)) & 0xff),
      );
    }
    await using fixture = await open(root);
    const children = childrenOf(await walk(fixture.importer));
    await Promise.all([...children].map(async ([path, child]) => {
      let size = 0;
      let wrong = 0;
      const result = await fixture.reader.read(path, child, (piece) => {
        for (const byte of piece) if (byte !== ((size * 13 + (size++ >> 8)) & 0xff)) wrong++;
      });
      assert.deepEqual([size, wrong], [child.info.size, 0]);
      assert.deepEqual(result, { size, changed: false });
    }));
  });

  test("the next piece waits for the sink", async (root) => {
    await Deno.writeFile(`${root}/file`, new Uint8Array(5_000_000));
    await using fixture = await open(`${root}/file`);
    const [[path, child]] = childrenOf(await walk(fixture.importer));
    let inside = 0;
    let size = 0;
    await fixture.reader.read(path, child, async (piece) => {
      assert.equal(inside++, 0);
      size += piece.length;
      await new Promise((resolve) => setTimeout(resolve));
      inside--;
    });
    assert.equal(size, 5_000_000);
  });

  test("an error of the sink is the reader's error, and the reader goes on", async (root) => {
    await Deno.writeFile(`${root}/file`, new Uint8Array(3_000_000));
    await using fixture = await open(`${root}/file`);
    const [[path, child]] = childrenOf(await walk(fixture.importer));
    const sinks = [() => {
      throw new Error("full");
    }, () => Promise.reject(new Error("full"))];
    for (const sink of sinks) {
      await assert.rejects(fixture.reader.read(path, child, sink), { message: "full" });
    }
    assert.equal((await contentOf(fixture.reader, path, child)).length, 3_000_000);
  });

  test("a file that grew, shrank or was touched since the walk is said to have changed", async (root) => {
    for (const name of ["grown", "shrunk", "touched"]) {
      await Deno.writeTextFile(`${root}/${name}`, "0123456789");
    }
    await using fixture = await open(root);
    const children = childrenOf(await walk(fixture.importer));
    await Deno.writeTextFile(`${root}/grown`, "more", { append: true });
    await Deno.truncate(`${root}/shrunk`, 3);
    await Deno.utime(`${root}/touched`, 1, 1);
    for (
      const [name, content] of [["grown", "0123456789more"], ["shrunk", "012"], ["touched", "0123456789"]]
    ) {
      const path = p(`${root}/${name}`);
      let read = "";
      const child = children.get(path) ?? assert.fail();
      const result = await fixture.reader.read(path, child, (piece) => void (read += fromBytes(piece)));
      assert.deepEqual([read, result], [content, { size: content.length, changed: true }], name);
    }
  });

  test("a file that vanished or is no file any more is an error of that file", async (root) => {
    for (const name of ["vanished", "directory"]) await Deno.writeTextFile(`${root}/${name}`, "0123456789");
    await using fixture = await open(root);
    const children = childrenOf(await walk(fixture.importer));
    for (const name of ["vanished", "directory"]) await Deno.remove(`${root}/${name}`);
    await Deno.mkdir(`${root}/directory`);
    for (const [path, child] of children) {
      await assert.rejects(fixture.reader.read(path, child, () => {}), { name: "PlakarError" });
    }
  });

  test("reading can be stopped", async (root) => {
    await Deno.writeFile(`${root}/file`, new Uint8Array(30_000_000));
    await using fixture = await open(`${root}/file`);
    const [[path, child]] = childrenOf(await walk(fixture.importer));
    const controller = new AbortController();
    const stopped = fixture.reader.read(
      path,
      child,
      () => controller.abort(new Error("enough")),
      controller.signal,
    );
    await assert.rejects(stopped, { message: "enough" });
  });
}

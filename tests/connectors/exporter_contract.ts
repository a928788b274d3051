/** What every exporter must do. */

import assert from "node:assert/strict";
import type { Exporter, ExporterOptions } from "../../src/connectors/exporter/exporter.ts";
import type { FileInfo } from "../../src/kloset/file_info.ts";
import { MODE_DIRECTORY, MODE_PIPE, MODE_SETUID, MODE_SYMLINK } from "../../src/kloset/file_mode.ts";
import { basename } from "../../src/lib/byte_path.ts";
import { type ByteString, fromText } from "../../src/lib/byte_string.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Opens an exporter into a directory of this machine, however it gets there. */
export type OpenExporter = (root: string, options?: ExporterOptions) => Promise<Exporter>;

const MTIME = 1_600_000_000n * 1_000_000_000n;
const isRoot = Deno.uid() === 0;
const p = (text: string) => fromText(text);
const bytes = (text: string) => new TextEncoder().encode(text);

/**
 * Metadata of something to restore.
 *
 * @param path where it goes
 * @param mode Go's mode
 * @returns the metadata, owned by who runs the tests
 */
export function infoOf(path: ByteString, mode = 0o644): FileInfo {
  const [uid, gid] = [Deno.uid() ?? 0, Deno.gid() ?? 0];
  const none = "" as ByteString;
  return {
    name: basename(path),
    size: 0,
    mode,
    mtime: MTIME,
    dev: 0n,
    ino: 0n,
    uid,
    gid,
    nlink: 0,
    username: none,
    groupname: none,
  };
}

async function writeFile(exporter: Exporter, path: string, content: string, mode = 0o644): Promise<void> {
  const writer = await exporter.createFile(p(path), infoOf(p(path), mode));
  await writer.write(bytes(content));
  await writer.commit();
}

async function names(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
}

/**
 * Registers the contract's tests.
 *
 * @param name the exporter's name
 * @param register registers one test
 * @param open opens the exporter
 */
export function testExporter(
  name: string,
  register: (name: string, run: () => Promise<void>) => void,
  open: OpenExporter,
): void {
  const test = (what: string, run: (root: string) => Promise<void>) => {
    register(`${name}: ${what}`, async () => {
      await using directory = await temporaryDirectory();
      await run(directory.path);
    });
  };

  test("a tree is there with contents, modes, times and links", async (root) => {
    await using exporter = await open(root);
    await exporter.createDirectory(p("/dir"));
    await exporter.createDirectory(p("/dir/sub"));
    await writeFile(exporter, "/dir/sub/file", "content", 0o640);
    await writeFile(exporter, "/dir/empty", "");
    await exporter.createSymlink(
      p("/dir/link"),
      p("../nowhere é"),
      infoOf(p("/dir/link"), MODE_SYMLINK | 0o777),
    );
    await exporter.finishDirectory(p("/dir/sub"), infoOf(p("/dir/sub"), MODE_DIRECTORY | 0o500));
    await exporter.finishDirectory(p("/dir"), infoOf(p("/dir"), MODE_DIRECTORY | 0o755));

    assert.deepEqual(await names(root), ["dir"]);
    assert.deepEqual(await names(`${root}/dir`), ["empty", "link", "sub"]);
    assert.deepEqual(await names(`${root}/dir/sub`), ["file"]);
    assert.equal(await Deno.readTextFile(`${root}/dir/sub/file`), "content");
    assert.equal(await Deno.readTextFile(`${root}/dir/empty`), "");
    assert.equal(await Deno.readLink(`${root}/dir/link`), "../nowhere é");
    for (const [path, mode] of [["dir", 0o755], ["dir/sub", 0o500], ["dir/sub/file", 0o640]] as const) {
      const stat = await Deno.lstat(`${root}/${path}`);
      assert.equal((stat.mode ?? 0) & 0o7777, mode, path);
      assert.equal(stat.mtime?.getTime(), Number(MTIME / 1_000_000n), path);
    }
    assert.equal((await Deno.lstat(`${root}/dir/link`)).mtime?.getTime(), Number(MTIME / 1_000_000n));
    assert.deepEqual(exporter.degradations, []);
  });

  test("without permissions, modes and owners are those of new files, and times are restored", async (root) => {
    // What a new file and a new directory get here.
    await Deno.writeTextFile(`${root}/plain`, "");
    await Deno.mkdir(`${root}/directory`);
    await using exporter = await open(`${root}/target`, { skipPermissions: true });
    const foreign = { uid: 12_345, gid: 23_456 };
    await exporter.createDirectory(p("/dir"));
    const writer = await exporter.createFile(p("/dir/file"), { ...infoOf(p("/x"), 0o4711), ...foreign });
    await writer.commit();
    await exporter.createSymlink(p("/dir/link"), p("x"), {
      ...infoOf(p("/x"), MODE_SYMLINK | 0o777),
      ...foreign,
    });
    for (const path of ["/dir", "/"]) {
      await exporter.finishDirectory(p(path), { ...infoOf(p("/x"), MODE_DIRECTORY | 0o700), ...foreign });
    }
    const pairs = [["", "directory"], ["/dir", "directory"], ["/dir/file", "plain"], ["/dir/link", ""]];
    for (const [path, like] of pairs) {
      const stat = await Deno.lstat(`${root}/target${path}`);
      if (like !== "") assert.equal(stat.mode, (await Deno.lstat(`${root}/${like}`)).mode, path);
      assert.deepEqual([stat.uid, stat.gid], [Deno.uid(), Deno.gid()], path);
      assert.equal(stat.mtime?.getTime(), Number(MTIME / 1_000_000n), path);
    }
    assert.deepEqual(exporter.degradations, []);
  });

  test("a large file comes whole, in whatever pieces it is written", async (root) => {
    await using exporter = await open(root);
    const content = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7 + (i >> 9)) & 0xff);
    const writer = await exporter.createFile(p("/file"), infoOf(p("/file")));
    const piece = new Uint8Array(1_100_000);
    for (let at = 0; at < content.length; at += 1_000_000) {
      piece.set(content.subarray(at, at + 1_000_000));
      await writer.write(piece.subarray(0, 1_000_000));
      piece.fill(0);
    }
    await writer.commit();
    assert.ok((await Deno.readFile(`${root}/file`)).every((byte, i) => byte === content[i]));
  });

  test("the attributes of a root that was there are never changed", async (root) => {
    await Deno.chmod(root, 0o751);
    await using exporter = await open(root);
    await exporter.createDirectory(p("/"));
    await writeFile(exporter, "/file", "x");
    await exporter.finishDirectory(p("/"), infoOf(p("/"), MODE_DIRECTORY | 0o700));
    const stat = await Deno.lstat(root);
    assert.equal((stat.mode ?? 0) & 0o7777, 0o751);
    assert.notEqual(stat.mtime?.getTime(), Number(MTIME / 1_000_000n));
  });

  test("a missing root is created with its parents", async (root) => {
    await using exporter = await open(`${root}/a/b`);
    await writeFile(exporter, "/file", "x");
    await exporter.finishDirectory(p("/"), infoOf(p("/"), MODE_DIRECTORY | 0o711));
    assert.deepEqual(await names(`${root}/a/b`), ["file"]);
    assert.equal(((await Deno.lstat(`${root}/a/b`)).mode ?? 0) & 0o7777, 0o711);
  });

  test("a root that is a file is refused", async (root) => {
    await Deno.writeTextFile(`${root}/file`, "x");
    await assert.rejects(open(`${root}/file`), { code: "exists" });
    await assert.rejects(open(`${root}/file/below`), { name: "PlakarError" });
    assert.equal(await Deno.readTextFile(`${root}/file`), "x");
  });

  test("a root that is a link to a directory is followed, once", async (root) => {
    await Deno.mkdir(`${root}/real`);
    await Deno.symlink("real", `${root}/link`);
    await using exporter = await open(`${root}/link`);
    await writeFile(exporter, "/file", "x");
    assert.deepEqual(await names(`${root}/real`), ["file"]);
  });

  test("a directory that is there is accepted, and finished", async (root) => {
    await Deno.mkdir(`${root}/dir`, { mode: 0o777 });
    await Deno.writeTextFile(`${root}/dir/other`, "kept");
    await using exporter = await open(root);
    await exporter.createDirectory(p("/dir"));
    await writeFile(exporter, "/dir/file", "x");
    await exporter.finishDirectory(p("/dir"), infoOf(p("/dir"), MODE_DIRECTORY | 0o710));
    assert.deepEqual(await names(`${root}/dir`), ["file", "other"]);
    assert.equal(((await Deno.lstat(`${root}/dir`)).mode ?? 0) & 0o7777, 0o710);
  });

  test("directories above a file are made where nobody asked for them", async (root) => {
    await using exporter = await open(root);
    await writeFile(exporter, "/a/b/c", "x");
    assert.equal(await Deno.readTextFile(`${root}/a/b/c`), "x");
  });

  test("a link in the place of a directory is not followed", async (root) => {
    await Deno.mkdir(`${root}/outside`);
    await Deno.mkdir(`${root}/target`);
    await Deno.symlink("../outside", `${root}/target/dir`);
    await using exporter = await open(`${root}/target`);
    for (
      const attempt of [
        () => exporter.createDirectory(p("/dir")),
        () => exporter.createDirectory(p("/dir/sub")),
        () => exporter.createFile(p("/dir/file"), infoOf(p("/dir/file"))),
        () => exporter.createSymlink(p("/dir/link"), p("x"), infoOf(p("/dir/link"))),
        () => exporter.finishDirectory(p("/dir"), infoOf(p("/dir"), MODE_DIRECTORY | 0o700)),
      ]
    ) await assert.rejects(attempt(), { code: "exists", message: /a symbolic link is in its place/ });
    assert.deepEqual(await names(`${root}/outside`), []);
    assert.deepEqual(await names(`${root}/target`), ["dir"]);
  });

  test("a file in the place of a directory is an error", async (root) => {
    await Deno.writeTextFile(`${root}/dir`, "x");
    await using exporter = await open(root);
    await assert.rejects(exporter.createDirectory(p("/dir")), { code: "exists" });
    assert.equal(await Deno.readTextFile(`${root}/dir`), "x");
  });

  test("files, read-only ones too, and links that are there are replaced", async (root) => {
    await Deno.writeTextFile(`${root}/old`, "old");
    await Deno.chmod(`${root}/old`, 0o400);
    await Deno.writeTextFile(`${root}/elsewhere`, "kept");
    await Deno.symlink("elsewhere", `${root}/link`);
    await Deno.writeTextFile(`${root}/file`, "old");
    await using exporter = await open(root);
    await writeFile(exporter, "/old", "new");
    await writeFile(exporter, "/link", "new");
    await exporter.createSymlink(p("/file"), p("elsewhere"), infoOf(p("/file"), MODE_SYMLINK | 0o777));
    assert.equal(await Deno.readTextFile(`${root}/old`), "new");
    assert.equal((await Deno.lstat(`${root}/link`)).isFile, true);
    assert.equal(await Deno.readLink(`${root}/file`), "elsewhere");
    assert.equal(await Deno.readTextFile(`${root}/elsewhere`), "kept");
    assert.deepEqual(await names(root), ["elsewhere", "file", "link", "old"]);
  });

  test("a directory in the place of a file or a link is an error, and stays", async (root) => {
    await Deno.mkdir(`${root}/full`);
    await Deno.writeTextFile(`${root}/full/file`, "x");
    await Deno.mkdir(`${root}/empty`);
    await using exporter = await open(root);
    for (const path of ["/full", "/empty"]) {
      const writer = await exporter.createFile(p(path), infoOf(p(path)));
      await assert.rejects(writer.commit(), { code: "exists", message: /a directory is in its place/ });
      await writer.abort();
      await assert.rejects(exporter.createSymlink(p(path), p("x"), infoOf(p(path))), { code: "exists" });
    }
    assert.deepEqual(await names(root), ["empty", "full"]);
    assert.deepEqual(await names(`${root}/full`), ["file"]);
  });

  test("a file has its name only once it is whole", async (root) => {
    await using exporter = await open(root);
    const writer = await exporter.createFile(p("/file"), infoOf(p("/file")));
    await writer.write(bytes("x"));
    const [temporary, ...others] = await names(root);
    assert.deepEqual(others, []);
    assert.match(temporary, /^\.plakar-\d+$/);
    assert.equal(((await Deno.lstat(`${root}/${temporary}`)).mode ?? 0) & 0o7777, 0o600);
    await writer.commit();
    assert.deepEqual(await names(root), ["file"]);
  });

  test("what is aborted, or never finished, leaves nothing", async (root) => {
    {
      await using exporter = await open(root);
      const aborted = await exporter.createFile(p("/aborted"), infoOf(p("/aborted")));
      await aborted.write(bytes("x"));
      await aborted.abort();
      await aborted.abort();
      assert.deepEqual(await names(root), []);
      await (await exporter.createFile(p("/forgotten"), infoOf(p("/forgotten")))).write(bytes("x"));
    }
    assert.deepEqual(await names(root), []);
  });

  test("special files are counted, not created", async (root) => {
    await using exporter = await open(root);
    for (const path of ["/one", "/two"]) {
      await exporter.skipSpecialFile(p(path), infoOf(p(path), MODE_PIPE | 0o600));
    }
    assert.deepEqual(await names(root), []);
    assert.equal(exporter.degradations.length, 1);
    const [{ kind, path, count }] = exporter.degradations;
    assert.deepEqual({ kind, path, count }, { kind: "special-file", path: "/one", count: 2 });
  });

  test("no path leads out of the target", async (root) => {
    await Deno.mkdir(`${root}/target`);
    await using exporter = await open(`${root}/target`);
    for (const path of ["", "x", "/..", "/../x", "/a/../../x", "/a//b", "/./a", "/a/", "/a\0b"]) {
      await assert.rejects(exporter.createDirectory(p(path)), { code: "corrupt" });
      await assert.rejects(exporter.createFile(p(path), infoOf(p("/x"))), { code: "corrupt" });
      await assert.rejects(exporter.createSymlink(p(path), p("x"), infoOf(p("/x"))), { code: "corrupt" });
      await assert.rejects(exporter.finishDirectory(p(path), infoOf(p("/x"))), { code: "corrupt" });
    }
    assert.deepEqual(await names(root), ["target"]);
    assert.deepEqual(await names(`${root}/target`), []);
  });

  test("many files of many directories are written at once", async (root) => {
    await using exporter = await open(root);
    const paths = Array.from({ length: 200 }, (_, i) => `/d${i % 10}/e${i % 20}/f${i}`);
    await Promise.all(paths.map((path) => writeFile(exporter, path, path)));
    for (const path of paths) assert.equal(await Deno.readTextFile(root + path), path);
  });

  if (isRoot) {
    test("owners are restored by root, and setuid with them", async (root) => {
      await using exporter = await open(root);
      const path = p("/file");
      const writer = await exporter.createFile(path, {
        ...infoOf(path, MODE_SETUID | 0o755),
        uid: 1234,
        gid: 4321,
      });
      await writer.commit();
      await exporter.createSymlink(p("/link"), p("x"), { ...infoOf(p("/link")), uid: 1234, gid: 4321 });
      await exporter.createDirectory(p("/dir"));
      await exporter.finishDirectory(p("/dir"), {
        ...infoOf(p("/dir"), MODE_DIRECTORY | 0o750),
        uid: 1234,
        gid: 4321,
      });
      for (const [name, mode] of [["file", 0o4755], ["link", undefined], ["dir", 0o750]] as const) {
        const stat = await Deno.lstat(`${root}/${name}`);
        assert.deepEqual([stat.uid, stat.gid], [1234, 4321], name);
        if (mode !== undefined) assert.equal((stat.mode ?? 0) & 0o7777, mode);
      }
      assert.deepEqual(exporter.degradations, []);
    });
  }
}

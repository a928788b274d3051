import assert from "node:assert/strict";
import { FsStorage } from "../../src/connectors/storage/fs.ts";
import { openRepository } from "../../src/repository/repository.ts";
import { DiskLog } from "../support/disk_log.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { testStorage } from "./storage_contract.ts";

const id = "ab".repeat(32);
const config = new Uint8Array([1, 2, 3]);

testStorage("fs storage", async () => {
  const directory = await temporaryDirectory();
  const path = `${directory.path}/deep/store`;
  const storage = new FsStorage(path);
  return {
    storage,
    reopen: () => new FsStorage(path),
    [Symbol.asyncDispose]: async () => {
      await storage[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
});

async function names(path: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
}

async function mode(path: string): Promise<number> {
  return ((await Deno.lstat(path)).mode ?? 0) & 0o777;
}

Deno.test("fs storage: a store has all its directories from the start, and only its owner may enter", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/store`;
  await using storage = new FsStorage(path);
  await storage.create(config);
  assert.deepEqual(await names(path), ["CONFIG", "locks", "packfiles", "states"]);
  assert.equal(await mode(path), 0o700);
  assert.equal(await mode(`${path}/CONFIG`), 0o600);
  assert.equal(await mode(`${path}/locks`), 0o700);
  for (const kind of ["packfiles", "states"]) {
    const found = await names(`${path}/${kind}`);
    assert.equal(found.length, 256);
    assert.equal(found[0], "00");
    assert.equal(found[255], "ff");
    for (const bucket of found) assert.equal(await mode(`${path}/${kind}/${bucket}`), 0o700);
  }
});

Deno.test("fs storage: files lie where plakar looks for them", async () => {
  await using directory = await temporaryDirectory();
  await using storage = new FsStorage(directory.path);
  await storage.create(config);
  await storage.put("packfile", id, config);
  await storage.put("state", id, config);
  await storage.put("lock", id, config);
  for (const path of [`packfiles/ab/${id}`, `states/ab/${id}`, `locks/${id}`]) {
    assert.equal(await mode(`${directory.path}/${path}`), 0o600);
  }
});

Deno.test("fs storage: an empty directory becomes a store, and one that is not empty is left alone", async () => {
  await using directory = await temporaryDirectory();
  await Deno.mkdir(`${directory.path}/empty`);
  await using empty = new FsStorage(`${directory.path}/empty`);
  await empty.create(config);
  assert.deepEqual(await empty.readConfig(), config);

  await Deno.mkdir(`${directory.path}/full`);
  await Deno.writeTextFile(`${directory.path}/full/.hidden`, "");
  await using full = new FsStorage(`${directory.path}/full`);
  await assert.rejects(full.create(config), { code: "exists", message: /the directory is not empty$/ });
  assert.deepEqual(await names(`${directory.path}/full`), [".hidden"]);
});

Deno.test("fs storage: a file in the place of a store, or of its parent, is left alone", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/file`, "x");
  await using inPlace = new FsStorage(`${directory.path}/file`);
  await assert.rejects(inPlace.create(config), { code: "exists" });
  await using below = new FsStorage(`${directory.path}/file/store`);
  await assert.rejects(below.create(config), { name: "PlakarError" });
  await assert.rejects(below.readConfig(), { code: "no-store" });
  assert.deepEqual(await names(directory.path), ["file"]);
});

Deno.test("fs storage: of what is far too long for a CONFIG, little is read", async () => {
  await using directory = await temporaryDirectory();
  await using storage = new FsStorage(directory.path);
  const path = `${directory.path}/CONFIG`;
  await Deno.writeFile(path, new Uint8Array(1024 * 1024));
  assert.equal((await storage.readConfig()).length, 1024 * 1024);
  const tooLong = { code: "corrupt", message: "it has more than 1 MiB" };
  // Sparse: all of it would not fit into memory.
  await Deno.truncate(path, 2 ** 40);
  await assert.rejects(storage.readConfig(), tooLong);
  await Deno.remove(path);
  await Deno.symlink("/dev/zero", path);
  await assert.rejects(storage.readConfig(), tooLong);
  await assert.rejects(openRepository(storage), {
    code: "corrupt",
    message: `Cannot use CONFIG of the store "${directory.path}": it has more than 1 MiB`,
    hint: /copy of the store/,
  });
});

Deno.test("fs storage: what a failed creation has made is removed again", async () => {
  await using directory = await temporaryDirectory();
  await using storage = new FsStorage(`${directory.path}/a/b`);
  const failing = { length: 1 } as Uint8Array;
  await assert.rejects(storage.create(failing), { name: "PlakarError" });
  assert.deepEqual(await names(directory.path), []);
});

Deno.test("fs storage: what is there stays there after a power failure", async () => {
  await using directory = await temporaryDirectory();
  await using storage = new FsStorage(`${directory.path}/a/b/store`);
  using disk = new DiskLog(directory.path);
  await storage.create(config);
  const created = disk.lines.splice(0);
  const whole = created.indexOf("rename /a/b/store/tmp.* /a/b/store/CONFIG");
  for (const before of ["flush /a/b/store/packfiles", "flush /a/b/store/states", "flush /a/b/store/tmp.*"]) {
    const at = created.indexOf(before);
    assert.ok(at >= 0 && at < whole, `${before} in ${created}`);
  }
  assert.deepEqual(created.slice(whole + 1), ["flush /a/b/store", "flush /a/b", "flush /a", "flush /"]);

  await storage.put("state", id, config);
  assert.deepEqual(disk.lines.splice(0), [
    "flush /a/b/store/states/tmp.*",
    `rename /a/b/store/states/tmp.* /a/b/store/states/ab/${id}`,
    "flush /a/b/store/states/ab",
  ]);
  const writer = await storage.begin("packfile", () => id);
  await writer.write(config);
  await writer.commit();
  assert.deepEqual(disk.lines, [
    "flush /a/b/store/packfiles/tmp.*",
    `rename /a/b/store/packfiles/tmp.* /a/b/store/packfiles/ab/${id}`,
    "flush /a/b/store/packfiles/ab",
  ]);
});

Deno.test("fs storage: names that are no ids are passed over", async () => {
  await using directory = await temporaryDirectory();
  await using storage = new FsStorage(directory.path);
  await storage.create(config);
  await storage.put("packfile", id, config);
  await Deno.writeTextFile(`${directory.path}/packfiles/tmp.123`, "");
  await Deno.writeTextFile(`${directory.path}/packfiles/ab/tmp.123`, "");
  await Deno.mkdir(`${directory.path}/packfiles/ab/${"cd".repeat(32)}`);
  await Deno.writeTextFile(`${directory.path}/locks/${id}.tmp`, "");
  assert.deepEqual(await storage.list("packfile"), [id]);
  assert.deepEqual(await storage.list("lock"), []);
});

Deno.test("fs storage: a listing that cannot be complete fails", async () => {
  await using directory = await temporaryDirectory();
  await using storage = new FsStorage(directory.path);
  await storage.create(config);
  await Deno.remove(`${directory.path}/states`, { recursive: true });
  await assert.rejects(storage.list("state"), {
    name: "PlakarError",
    message: /^Cannot list ".*states": No such/,
  });
});

Deno.test("fs storage: temporary files are outside the buckets, and go when the storage is disposed of", async () => {
  await using directory = await temporaryDirectory();
  const storage = new FsStorage(directory.path);
  await storage.create(config);
  for (const kind of ["packfile", "state", "lock"] as const) await storage.begin(kind, () => id);
  const temporary = async (path: string) => (await names(path)).filter((name) => name.startsWith("tmp."));
  assert.equal((await temporary(`${directory.path}/packfiles`)).length, 1);
  assert.equal((await temporary(`${directory.path}/states`)).length, 1);
  assert.equal((await temporary(directory.path)).length, 1);
  await storage[Symbol.asyncDispose]();
  for (const path of ["packfiles", "states", "."]) {
    assert.deepEqual(await temporary(`${directory.path}/${path}`), []);
  }
});

Deno.test("fs storage: a bucket that is missing is not made by a put", async () => {
  await using directory = await temporaryDirectory();
  await using storage = new FsStorage(directory.path);
  await storage.create(config);
  await Deno.remove(`${directory.path}/packfiles/ab`);
  await assert.rejects(storage.put("packfile", id, config), { code: "not-found" });
  assert.equal((await names(`${directory.path}/packfiles`)).length, 255);
});

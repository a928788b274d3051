import assert from "node:assert/strict";
import { FsCache } from "../../src/connectors/cache/fs.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const ONE = "6c271697-0f31-4af2-9c2d-95bb6973b304";
const OTHER = "00000000-0f31-4af2-9c2d-95bb6973b304";
const DAY = 24 * 3_600_000;
const NOW = Date.parse("2026-05-01T10:00:00Z");
const bytes = (length: number) => new Uint8Array(length).fill(7);
const filesOf = (directory: string) => [...Deno.readDirSync(directory)].map(({ name }) => name).sort();

Deno.test("a file of the cache is found by its kind, and read by nobody else", async () => {
  await using directory = await temporaryDirectory();
  const root = `${directory.path}/not/yet/there`;
  const cache = new FsCache(root, ONE);
  assert.deepEqual(await cache.names("states"), []);
  const name = await cache.write("states", bytes(3));
  const header = await cache.write("headers", bytes(4));
  assert.deepEqual(await new FsCache(root, ONE).names("states"), [name]);
  assert.deepEqual(await new FsCache(root, OTHER).names("states"), []);
  assert.deepEqual(await cache.read("headers", header), bytes(4));
  assert.equal((Deno.statSync(root).mode ?? 0) & 0o777, 0o700);
  assert.equal((Deno.statSync(`${root}/${ONE}/states-${name}`).mode ?? 0) & 0o777, 0o600);
  await cache.remove("states", name);
  await cache.remove("states", name);
  assert.deepEqual(filesOf(`${root}/${ONE}`), [`headers-${header}`]);
  await assert.rejects(cache.read("states", name));
});

Deno.test("what was not used for the longest time makes room, in whatever repository it is", async () => {
  await using directory = await temporaryDirectory();
  let now = Date.now();
  const options = { limit: 250, now: () => now };
  const one = new FsCache(directory.path, ONE, options);
  const other = new FsCache(directory.path, OTHER, options);
  const [first, second] = [await one.write("states", bytes(100)), await other.write("states", bytes(100))];
  now += 2 * DAY;
  // Reading is use.
  await one.read("states", first);
  const third = await one.write("headers", bytes(100));
  assert.deepEqual(await other.names("states"), []);
  assert.deepEqual([await one.names("states"), await one.names("headers")], [[first], [third]]);
  assert.notEqual(first, second);
});

Deno.test("only files of the cache make room: others may share its directory", async () => {
  await using directory = await temporaryDirectory();
  await Deno.mkdir(`${directory.path}/2.0.0/${ONE}`, { recursive: true });
  await Deno.mkdir(`${directory.path}/${OTHER}/states-directory`, { recursive: true });
  const foreign = ["cookies", `2.0.0/${ONE}/states-${"0".repeat(32)}`, `${OTHER}/state.db`];
  for (const name of foreign) await Deno.writeFile(`${directory.path}/${name}`, bytes(1000));
  const cache = new FsCache(directory.path, ONE, { limit: 150 });
  const name = await cache.write("states", bytes(100));
  assert.deepEqual(await cache.names("states"), [name]);
  for (const name of foreign) assert.equal(Deno.statSync(`${directory.path}/${name}`).size, 1000);
});

Deno.test("what an interrupted run was writing is removed after a day, and never listed", async () => {
  await using directory = await temporaryDirectory();
  const cache = new FsCache(directory.path, ONE, { now: () => NOW });
  await cache.write("states", bytes(1));
  for (const [name, age] of [["tmp.old", 2 * DAY], ["tmp.new", 1000]] as const) {
    const path = `${directory.path}/${ONE}/${name}`;
    await Deno.writeFile(path, bytes(1));
    await Deno.utime(path, (NOW - age) / 1000, (NOW - age) / 1000);
  }
  await cache.write("states", bytes(1));
  assert.equal((await cache.names("states")).length, 2);
  assert.deepEqual(filesOf(`${directory.path}/${ONE}`).filter((name) => name.startsWith("tmp")), ["tmp.new"]);
});

Deno.test("a place that cannot be written to is an error, and leaves nothing behind", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeFile(`${directory.path}/file`, bytes(1));
  const cache = new FsCache(`${directory.path}/file`, ONE);
  assert.deepEqual(await cache.names("states"), []);
  await assert.rejects(cache.write("states", bytes(1)));
  assert.deepEqual(filesOf(directory.path), ["file"]);
});

import assert from "node:assert/strict";
import { createBLAKE3 } from "hash-wasm";
import { concat, fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import type { MacFunction } from "../../src/kloset/mac.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { encodeWrapperHeader, splitWrapper, unwrap, wrap, wrapEncoded } from "../../src/kloset/wrapper.ts";
import { assertBytes, assertTruncationRefused, repository, treeMac } from "./vectors.ts";

async function blake3(key?: string): Promise<MacFunction> {
  const hasher = await createBLAKE3(256, key === undefined ? undefined : fromHex(key));
  return (data) => fromHex(hasher.init().update(data).digest("hex"));
}

const PAYLOAD = Uint8Array.of(1, 2, 3);
const corrupt = (error: unknown) => isPlakarError(error, "corrupt");

/** A wrapped file with a right MAC over whatever was changed before it. */
function remac(change: (authenticated: Uint8Array) => void): Uint8Array {
  const authenticated = wrap(ResourceType.state, PAYLOAD, treeMac).slice(0, -32);
  change(authenticated);
  return concat(authenticated, treeMac(authenticated));
}

Deno.test("the files of Go's repository unwrap and wrap to the same bytes", async () => {
  const key = "2ff58ddf3d00b27143e7960de70679f11786176dc50d3ffd688b8aa4d1bd4294";
  const keyed = await blake3(key);
  const config = unwrap(fromHex(repository.config_plain_file), ResourceType.config, await blake3());
  assert.equal(toHex(config.payload), repository.config_plain_msgpack);
  const packfile = unwrap(fromHex(repository.packfile_plain_lz4.file), ResourceType.packfile, keyed);
  assert.equal(toHex(packfile.payload), repository.packfile_plain_lz4.payload);
  for (
    const [type, hex] of [
      [ResourceType.packfile, repository.packfile_plain_lz4.file],
      [ResourceType.state, repository.state_plain_lz4.file],
      [ResourceType.lock, repository.lock_shared_file_plain_lz4],
    ] as const
  ) {
    const { payload, version } = unwrap(fromHex(hex), type, keyed);
    assertBytes(wrap(type, payload, keyed, version), hex);
  }
});

Deno.test("an empty payload can be wrapped", () => {
  const file = wrap(ResourceType.lock, new Uint8Array(0), treeMac);
  assert.equal(file.length, 48);
  assert.equal(unwrap(file, ResourceType.lock, treeMac).payload.length, 0);
});

Deno.test("a payload that is encoded to its place makes the same file", () => {
  const encode = (room: (length: number) => Uint8Array) => room(PAYLOAD.length).set(PAYLOAD);
  const file = wrapEncoded(ResourceType.state, encode, treeMac);
  assert.deepEqual(file, wrap(ResourceType.state, PAYLOAD, treeMac));
  assertBytes(unwrap(file, ResourceType.state, treeMac).payload, PAYLOAD);
});

Deno.test("the header alone is what a wrapped file begins with", () => {
  const file = wrap(ResourceType.state, PAYLOAD, treeMac);
  assertBytes(file.subarray(0, 16), encodeWrapperHeader(ResourceType.state));
});

Deno.test("the magic from before the release is accepted, no other", () => {
  const magic = (text: string) => remac((bytes) => bytes.set(new TextEncoder().encode(text)));
  assertBytes(unwrap(magic("_PLAKAR_"), ResourceType.state, treeMac).payload, PAYLOAD);
  assert.throws(() => unwrap(magic("_KLOSED_"), ResourceType.state, treeMac), corrupt);
});

Deno.test("a file of another type is refused and both types named", () => {
  const file = wrap(ResourceType.lock, PAYLOAD, treeMac);
  assert.throws(
    () => unwrap(file, ResourceType.state, treeMac),
    (error) => isPlakarError(error, "corrupt") && error.message === "Cannot unwrap state: it holds a lock",
  );
});

Deno.test("a newer version is told from damage", () => {
  const file = remac((bytes) => bytes[12] = 0xff);
  assert.throws(() => unwrap(file, ResourceType.state, treeMac), (error) => isPlakarError(error, "version"));
});

Deno.test("an older version is read", () => {
  assert.equal(unwrap(remac((bytes) => bytes[13] = 0), ResourceType.state, treeMac).version, 0x10000);
});

Deno.test("any change of any byte is corruption, whatever field it hits", () => {
  const file = wrap(ResourceType.state, PAYLOAD, treeMac);
  for (let at = 0; at < file.length; at++) {
    const damaged = file.slice();
    damaged[at] ^= 1;
    assert.throws(() => unwrap(damaged, ResourceType.state, treeMac), corrupt, `at ${at}`);
  }
  assertTruncationRefused(file, (bytes) => unwrap(bytes, ResourceType.state, treeMac));
});

Deno.test("a file can be taken apart before its MAC can be computed", () => {
  const parts = splitWrapper(wrap(ResourceType.config, PAYLOAD, treeMac), ResourceType.config);
  assert.equal(parts.type, ResourceType.config);
  assertBytes(parts.payload, PAYLOAD);
  assertBytes(treeMac(parts.authenticated), parts.mac);
});

import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { decodeXattr, encodeXattr, xattrKey, XattrType } from "../../src/kloset/xattr.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  msgpackVector,
} from "./vectors.ts";

const XATTR = {
  path: "/x" as ByteString,
  name: "user.a" as ByteString,
  size: 3,
  type: XattrType.extended,
  object: new Uint8Array(32).fill(0x66),
};

Deno.test("an attribute has the bytes that Go writes, and reads back", () => {
  assert.deepEqual(decodeXattr(msgpackVector("xattr")), XATTR);
  assertBytes(encodeXattr(XATTR), msgpackVector("xattr"));
});

Deno.test("the key of an attribute ends with a sign for its kind", () => {
  const keys = [XattrType.extended, XattrType.alternateDataStream, XattrType.custom, 9]
    .map((type) => xattrKey({ ...XATTR, type }));
  assert.deepEqual(keys, ["/xuser.a:", "/xuser.a@", "/xuser.a%", "/xuser.a#"]);
});

Deno.test("damage to an attribute is an error that says so", () => {
  assertTruncationRefused(msgpackVector("xattr"), decodeXattr);
  assertSturdy(msgpackVector("xattr"), decodeXattr);
  assertHostileRefused(decodeXattr);
});

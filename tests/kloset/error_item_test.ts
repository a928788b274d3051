import assert from "node:assert/strict";
import { decodeErrorItem, encodeErrorItem } from "../../src/kloset/error_item.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  msgpackVector,
} from "./vectors.ts";

Deno.test("an error item has the bytes that Go writes, and reads back", () => {
  const item = decodeErrorItem(msgpackVector("error_item"));
  assert.deepEqual(item, { path: "/root/secret", message: "open /root/secret: permission denied" });
  assertBytes(encodeErrorItem(item), msgpackVector("error_item"));
});

Deno.test("paths of any bytes and messages of any letters survive", () => {
  const item = { path: "/\xff\xfe" as ByteString, message: "nicht möglich: \u{1f6ab}" };
  assert.deepEqual(decodeErrorItem(encodeErrorItem(item)), item);
});

Deno.test("damage to an error item is an error that says so", () => {
  assertTruncationRefused(msgpackVector("error_item"), decodeErrorItem);
  assertSturdy(msgpackVector("error_item"), decodeErrorItem);
  assertHostileRefused(decodeErrorItem);
});

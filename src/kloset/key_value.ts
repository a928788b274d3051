/** Free-form pairs in a snapshot header. */

import type { MsgpackReader } from "./msgpack_reader.ts";
import type { MsgpackWriter } from "./msgpack_writer.ts";

/** A pair of words. */
export interface KeyValue {
  /** What is said of. */
  key: string;
  /** What is said. */
  value: string;
}

const FIELDS = ["key", "value"] as const;

/**
 * Writes pairs.
 *
 * @param writer where to
 * @param pairs what to write
 */
export function writeKeyValues(writer: MsgpackWriter, pairs: readonly KeyValue[]): void {
  writer.arrayHeader(pairs.length);
  for (const { key, value } of pairs) {
    writer.mapHeader(FIELDS.length);
    writer.key("key");
    writer.text(key);
    writer.key("value");
    writer.text(value);
  }
}

/**
 * Reads pairs.
 *
 * @param reader where from
 * @returns the pairs
 * @throws {PlakarError} `corrupt` if they are none
 */
export function readKeyValues(reader: MsgpackReader): KeyValue[] {
  const pairs: KeyValue[] = [];
  reader.readArray(() => {
    const pair: KeyValue = { key: "", value: "" };
    reader.readMap(FIELDS, (field) => {
      if (field === "key") pair.key = reader.text();
      else pair.value = reader.text();
    });
    pairs.push(pair);
  });
  return pairs;
}

/** Reads the golden vectors, and makes random values whose seed a failure shows. */

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { isPlakarError } from "../../src/lib/errors.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";

function load<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")) as T;
}

/** A tree of `trees.json`. */
export interface TreeVector {
  name: string;
  root_node_mac: string;
  btree_root_blob_hex: string;
  btree_root_mac: string;
  nodes_in_put_order: {
    mac: string;
    leaf: boolean;
    nkeys: number;
    first: string;
    last: string;
    hex: string;
  }[];
}

/** All trees of `trees.json`. */
export const trees: TreeVector[] = load<TreeVector[]>("trees");

/** The contents of `repository.json` that these tests use. */
export const repository: {
  config_plain_file: string;
  config_plain_msgpack: string;
  config_nocompression_msgpack: string;
  config_encrypted_msgpack: string;
  lock_shared_msgpack: string;
  lock_exclusive_msgpack: string;
  lock_shared_file_plain_lz4: string;
  object_msgpack: string;
  object_nochunks_msgpack: string;
  packfile_plain_lz4: Record<"file" | "footer_plain" | "index_mac" | "index_plain" | "payload", string>;
  state_plain_lz4: Record<"delta_entry" | "file" | "packfile_entry" | "stream", string>;
} = load("repository");

const msgpackVectors = load<{ name: string; hex: string }[]>("msgpack");

/** The bytes of one vector of `msgpack.json`. */
export function msgpackVector(name: string): Uint8Array {
  const vector = msgpackVectors.find((candidate) => candidate.name === name);
  assert.ok(vector, `no vector named ${name}`);
  return fromHex(vector.hex);
}

/** The MAC of `trees.json`: HMAC-SHA256 under the SHA-256 of sixteen zero bytes. */
export function treeMac(data: Uint8Array): Uint8Array {
  const key = createHash("sha256").update(new Uint8Array(16)).digest();
  return new Uint8Array(createHmac("sha256", key).update(data).digest());
}

/** Compares bytes so that a difference is readable. */
export function assertBytes(actual: Uint8Array, expected: Uint8Array | string): void {
  assert.equal(toHex(actual), typeof expected === "string" ? expected : toHex(expected));
}

/**
 * Runs a test on random values. A failure names the seed, with which the same values come again.
 */
export function withSeed(body: (random: Random) => void, seed = Math.floor(Math.random() * 2 ** 32)): void {
  try {
    body(new Random(seed));
  } catch (cause) {
    throw new Error(`Failed with seed ${seed}`, { cause });
  }
}

/** Random values. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** 0 to limit - 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * limit);
  }

  bool(): boolean {
    return this.below(2) === 1;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  bits64(): bigint {
    return BigInt(this.below(2 ** 32)) << 32n | BigInt(this.below(2 ** 32));
  }

  pick<T>(...choices: T[]): T {
    return choices[this.below(choices.length)];
  }
}

/**
 * Decodes the bytes cut off at every length and with every byte changed: whatever happens, nothing but a
 * PlakarError may be thrown.
 */
export function assertSturdy(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): void {
  const attempt = (damaged: Uint8Array, how: string) => {
    try {
      decode(damaged);
    } catch (error) {
      assert.ok(isPlakarError(error, "corrupt", "version", "unsupported"), `${how}: ${error}`);
    }
  };
  for (let length = 0; length < bytes.length; length++) attempt(bytes.slice(0, length), `cut at ${length}`);
  for (let at = 0; at < bytes.length; at++) {
    for (const value of [0x00, 0x7f, 0x90, 0xc0, 0xc6, 0xd3, 0xdd, 0xdf, 0xff]) {
      const damaged = bytes.slice();
      damaged[at] = value;
      attempt(damaged, `${value} at ${at}`);
    }
  }
}

/** Decodes the bytes cut off at every length: each must be refused as corrupt. */
export function assertTruncationRefused(bytes: Uint8Array, decode: (bytes: Uint8Array) => unknown): void {
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(
      () => decode(bytes.slice(0, length)),
      (error) => isPlakarError(error, "corrupt"),
      `at ${length}`,
    );
  }
  decode(bytes);
}

/** A map that announces 2³¹ pairs, an array that announces as many values, and the like. */
export const HOSTILE: readonly Uint8Array[] = [
  "df80000000",
  "dfffffffffa0",
  "dd80000000",
  "dbffffffff61",
  "c6ffffffff61",
  "81a46b657973dd80000000",
  "c1",
].map(fromHex).concat(new Uint8Array(10_000).fill(0x91), new Uint8Array(10_000).fill(0x81));

/** Asserts that every hostile input is refused as corrupt. */
export function assertHostileRefused(decode: (bytes: Uint8Array) => unknown): void {
  for (const bytes of HOSTILE) assert.throws(() => decode(bytes), (error) => isPlakarError(error, "corrupt"));
}

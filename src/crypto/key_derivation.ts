/** The master key of a repository from its passphrase. */

import { pbkdf2, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { createBLAKE3, pbkdf2 as wasmPbkdf2 } from "hash-wasm";
import type { Argon2idParameters, KdfParameters } from "../kloset/kdf.ts";
import { PlakarError } from "../lib/errors.ts";

/** What a repository may ask for: parameters come from a file that somebody else may have written. */
const MAX_MEMORY_KIB = 2 * 1024 * 1024;
const MAX_KIB_PASSES = 64 * 1024 * 1024;
const MAX_ITERATIONS = 100_000_000;
const KEY_BYTES = 32;

function inRange(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}

function demand(holds: boolean, kdf: string, name: string, value: unknown): void {
  if (holds) return;
  throw new PlakarError("unsupported", `Cannot derive a key with ${kdf}: ${name} is "${value}"`, {
    hint: "Check that the repository's CONFIG is the one it was created with",
  });
}

/** Refuses what would take memory or time out of all proportion, before anything is allocated. */
function checkParams(params: KdfParameters): void {
  const { kdf } = params;
  demand(params.keyLength === KEY_BYTES, kdf, "key length", params.keyLength);
  demand(inRange(params.salt.length, 8, 1024), kdf, "salt length", params.salt.length);
  switch (kdf) {
    case "ARGON2ID":
      demand(inRange(params.threads, 1, 255), kdf, "threads", params.threads);
      demand(inRange(params.memory, 8 * params.threads, MAX_MEMORY_KIB), kdf, "memory in KiB", params.memory);
      demand(inRange(params.time, 1, MAX_KIB_PASSES / params.memory), kdf, "time", params.time);
      return;
    case "SCRYPT": {
      const kib = params.n * params.r / 8;
      demand(inRange(Math.log2(params.n), 1, 31), kdf, "N", params.n);
      demand(inRange(params.r, 1, 2 ** 20), kdf, "R", params.r);
      demand(kib <= MAX_MEMORY_KIB, kdf, "N × R", params.n * params.r);
      demand(inRange(params.p, 1, MAX_KIB_PASSES / kib), kdf, "P", params.p);
      return;
    }
    case "PBKDF2":
      demand(inRange(params.iterations, 1, MAX_ITERATIONS), kdf, "iterations", params.iterations);
      demand(params.hashing === "SHA256" || params.hashing === "BLAKE3", kdf, "hashing", params.hashing);
      return;
  }
}

/** Deno's own: it runs on another thread and gives its memory back at once. */
async function argon2id(passphrase: Uint8Array, params: Argon2idParameters): Promise<Uint8Array> {
  const { salt, memory, time: passes, threads: parallelism } = params;
  const algorithm = { name: "Argon2id", version: 0x13, nonce: salt, memory, passes, parallelism };
  const secret = await crypto.subtle.importKey("raw-secret", Uint8Array.from(passphrase), "Argon2id", false, [
    "deriveBits",
  ]);
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, secret, 8 * KEY_BYTES));
}

async function derive(passphrase: Uint8Array, params: KdfParameters): Promise<Uint8Array> {
  const { salt } = params;
  switch (params.kdf) {
    case "ARGON2ID":
      return await argon2id(passphrase, params);
    case "SCRYPT": {
      const { n: N, r, p } = params;
      const maxmem = 128 * (N * r + p * r + 4 * r) + 2 ** 20;
      const run = promisify<Uint8Array, Uint8Array, number, Record<string, number>, Uint8Array>(scrypt);
      return new Uint8Array(await run(passphrase, salt, KEY_BYTES, { N, r, p, maxmem }));
    }
    case "PBKDF2":
      if (params.hashing === "BLAKE3") {
        return await wasmPbkdf2({
          password: passphrase,
          salt,
          iterations: params.iterations,
          hashLength: KEY_BYTES,
          hashFunction: createBLAKE3(),
          outputType: "binary",
        });
      }
      return new Uint8Array(
        await promisify(pbkdf2)(passphrase, salt, params.iterations, KEY_BYTES, "sha256"),
      );
  }
}

/**
 * The master key for a passphrase.
 *
 * @param passphrase its bytes
 * @param params the function and its parameters, from the configuration of the repository
 * @returns 32 bytes
 * @throws {PlakarError} "unsupported" for parameters no sane repository has, "passphrase" if it is empty
 */
export async function deriveKey(passphrase: Uint8Array, params: KdfParameters): Promise<Uint8Array> {
  checkParams(params);
  if (passphrase.length === 0) {
    throw new PlakarError("passphrase", "Cannot derive a key: the passphrase is empty");
  }
  return await derive(passphrase, params);
}

/**
 * Times each kernel beside the best plain way to do the same, alone on one thread: best of five runs.
 *
 * A kernel earns its place by being at least half as fast again.
 */

import { gcmsiv } from "@noble/ciphers/aes.js";
import { createBLAKE3 } from "hash-wasm";
import { createChunker } from "../src/chunking/chunker.ts";
import { entropy } from "../src/chunking/entropy.ts";
import { masksFor } from "../src/chunking/fastcdc.ts";
import { lz4 } from "../src/compression/lz4_frame.ts";
import { xxHash32 } from "../src/compression/xxhash32.ts";
import { BlobCodec } from "../src/crypto/blob_codec.ts";
import { EncryptedStream } from "../src/crypto/encrypted_stream.ts";
import { createMac } from "../src/crypto/mac.ts";
import { randomBytes } from "../src/crypto/random.ts";
import { kernelArena } from "../src/kernel/kernel.ts";
import { ChaCha20Poly1305Cipher } from "../src/ssh/transport/chacha20_poly1305.ts";
import { bigEndian, plainSealer } from "../tests/kernel/reference/chacha20_poly1305.ts";
import { cutPlainly } from "../tests/kernel/reference/fastcdc.ts";
import { compressPlainly, decompressPlainly } from "../tests/kernel/reference/lz4_block.ts";
import { say } from "./say.ts";

const MIB = 1024 * 1024;
const RUNS = 5;
/** How long a run lasts at least, in milliseconds. */
const RUN_TIME = 100;

/** Microseconds a call, in the best of five runs after one to warm up. */
function time(work: () => unknown): number {
  let calls = 1;
  let best = Infinity;
  for (let run = 0; run <= RUNS;) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) work();
    const spent = performance.now() - start;
    if (spent < RUN_TIME) {
      calls = Math.ceil(calls * Math.min(10, 1.2 * RUN_TIME / Math.max(spent, 0.1)));
      continue;
    }
    if (run > 0) best = Math.min(best, 1000 * spent / calls);
    run++;
  }
  return best;
}

function show(what: string, bytes: number, kernel: number, plain?: { name: string; time: number }): void {
  const rate = (micros: number) => `${Math.round(bytes / micros)} MB/s`;
  const cells = [what, rate(kernel), bytes < 10_000 ? `${kernel.toFixed(2)} µs` : ""];
  if (plain === undefined) cells.push("", "", "");
  else cells.push(plain.name, rate(plain.time), `${(plain.time / kernel).toFixed(1)} ×`);
  say(`| ${cells.join(" | ")} |`);
}

function compare(
  what: string,
  bytes: number,
  kernel: () => unknown,
  name: string,
  plain: () => unknown,
): void {
  show(what, bytes, time(kernel), { name, time: time(plain) });
}

/** The project's own sources, one after another. */
function sources(): Uint8Array {
  const found: Uint8Array[] = [];
  const visit = (directory: URL): void => {
    for (const { name, isDirectory } of Deno.readDirSync(directory)) {
      if (isDirectory) visit(new URL(`${name}/`, directory));
      else found.push(Deno.readFileSync(new URL(name, directory)));
    }
  };
  visit(new URL("../src/", import.meta.url));
  const all = new Uint8Array(Math.min(found.reduce((sum, { length }) => sum + length, 0), 4 * MIB));
  let at = 0;
  for (const bytes of found) {
    const part = bytes.subarray(0, all.length - at);
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const key = randomBytes(32);
const nonce = randomBytes(12);
const noise = randomBytes(MIB);
const text = sources();
const small = text.subarray(1000, 1300);
const arena = kernelArena();
arena.set(noise);
const inArena = arena.subarray(0, MIB);

say("| work | kernel | a call | plain alternative | | kernel is faster by |");
say("| --- | ---: | ---: | --- | ---: | ---: |");

const mac = createMac("BLAKE3", key);
const wasm = await createBLAKE3(256, key);
const hashWasm = (data: Uint8Array) => () => wasm.init().update(data).digest("binary");
compare("BLAKE3, 1 MiB", MIB, () => mac.mac(noise), "hash-wasm", hashWasm(noise));
show("BLAKE3, 1 MiB in the arena", MIB, time(() => mac.mac(inArena)));
compare(
  "BLAKE3, 64 KiB",
  65536,
  () => mac.mac(noise.subarray(0, 65536)),
  "hash-wasm",
  hashWasm(noise.subarray(0, 65536)),
);
compare("BLAKE3, 300 bytes", 300, () => mac.mac(small), "hash-wasm", hashWasm(small));

const sshKey = randomBytes(64);
const sealPlainly = await plainSealer(MIB);
for (const size of [40, 400, 32_768]) {
  const cipher = new ChaCha20Poly1305Cipher({ seqno: 0, onWrite: () => {}, cipherKey: sshKey });
  const body = noise.subarray(0, size);
  const head = bigEndian(size);
  compare(
    `SSH message of ${size} bytes`,
    size,
    () => cipher.encrypt(cipher.allocPacket(size)),
    "node:crypto, Poly1305 of ssh2",
    () => sealPlainly(sshKey, 0, head, body),
  );
}

const stream = new EncryptedStream(key, {
  subkeyAlgorithm: "AES256-KW",
  segmentSize: 65536,
  random: randomBytes,
});
const noble = (data: Uint8Array) => () => gcmsiv(key, nonce).encrypt(data);
const sealed = stream.encrypt(noise);
const segment = noise.subarray(0, 65536);
compare("encrypt, 1 MiB", MIB, () => stream.encrypt(noise), "noble, without key wrap", noble(noise));
show("encrypt, 1 MiB in the arena", MIB, time(() => stream.encrypt(inArena)));
compare("encrypt, 64 KiB", 65536, () => stream.encrypt(segment), "noble, without key wrap", noble(segment));
for (const length of [2048, 8192]) {
  show(`encrypt, ${length} bytes`, length, time(() => stream.encrypt(noise.subarray(0, length))));
}
compare("encrypt, 300 bytes", 300, () => stream.encrypt(small), "noble, without key wrap", noble(small));
show("decrypt, 1 MiB", MIB, time(() => stream.decrypt(sealed, MIB)));
const sealedSmall = stream.encrypt(small);
show("decrypt, 300 bytes", 300, time(() => stream.decrypt(sealedSmall, 300)));

const room = new Uint8Array(text.length + (text.length >> 4) + 64);
const block = room.slice(0, compressPlainly(text, room));
const frame = lz4.compress(text).slice();
const plainText = new Uint8Array(text.length);
const ratio = (text.length / frame.length).toFixed(2);
compare(
  `LZ4, source code, ratio ${ratio}`,
  text.length,
  () => lz4.compress(text),
  "TypeScript, block",
  () => compressPlainly(text, room),
);
show("LZ4, random", MIB, time(() => lz4.compress(noise)));
show("LZ4, 300 bytes", 300, time(() => lz4.compress(small)));
compare(
  "un-LZ4, source code",
  text.length,
  () => lz4.decompress(frame, text.length),
  "TypeScript, block",
  () => decompressPlainly(block, plainText, 0, text.length, 0),
);
show("xxHash32, no kernel", MIB, time(() => xxHash32(noise)));

const sizes = { minSize: 64, normalSize: 16 * MIB, maxSize: 32 * MIB };
const masks = masksFor(64, 16 * MIB, 32 * MIB);
const chunker = createChunker({ algorithm: "fastcdc-v1.0.0", ...sizes });
const scanned = (at: number) => chunker.cut(noise, at, noise.length);
compare(
  "FastCDC, every byte looked at",
  scanned(0),
  () => scanned(0),
  "TypeScript, two halves",
  () => cutPlainly(noise, 64, 16 * MIB, 32 * MIB, masks),
);
/** Bytes whose entropy takes no kernel yet. */
const FEW = 65535;
compare("entropy, 1 MiB", MIB, () => entropy(noise), "TypeScript, in parts", () => {
  for (let at = 0; at < noise.length; at += FEW) entropy(noise.subarray(at, at + FEW));
});
show("entropy, no kernel, 300 bytes", 300, time(() => entropy(small)));

const codec = new BlobCodec(lz4, stream);
const pipeline = (data: Uint8Array) => () => {
  mac.mac(data);
  entropy(data);
  codec.encode(data);
};
show("MAC, entropy, LZ4, encrypt: 1 MiB of noise in the arena", MIB, time(pipeline(inArena)));
arena.set(text.subarray(0, MIB));
show("MAC, entropy, LZ4, encrypt: 1 MiB of source in the arena", MIB, time(pipeline(inArena)));
show("MAC, entropy, LZ4, encrypt: 300 bytes", 300, time(pipeline(small)));

/**
 * Packing: blobs go one after another into packfiles, which are streamed to the storage while they fill.
 */

import type { Storage, StorageWriter } from "../connectors/storage/storage.ts";
import type { MacStream } from "../crypto/mac.ts";
import { encodePackfileFooter, PackfileIndexWriter } from "../kloset/packfile.ts";
import { ResourceType } from "../kloset/resource.ts";
import { encodeWrapperHeader } from "../kloset/wrapper.ts";
import { BufferPool } from "../lib/buffer_pool.ts";
import { toHex } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import { randomBytes } from "../crypto/random.ts";
import type { RandomBytes, RepositoryCodec } from "./repository_codec.ts";

/** A packfile that was written whole. */
export interface PackfileReport {
  /** Its id, hexadecimal. */
  id: string;
  /** When it was begun, nanoseconds since 1970. */
  timestamp: bigint;
  /** Its plain index, padding included. */
  index: Uint8Array;
  /** Bytes of blobs in it. */
  blobArea: number;
  /** Size of the file in bytes. */
  size: number;
}

/** What a {@linkcode Packer} works with. */
export interface PackerOptions {
  /** Where packfiles go. */
  storage: Storage;
  /** How blobs are encoded. */
  codec: RepositoryCodec;
  /** A packfile is closed by the blob that makes its blob area larger than this. */
  maxSize: number;
  /** Told of every packfile once it is durable. */
  written: (report: PackfileReport) => void;
  /** The time, nanoseconds since 1970. */
  now: () => bigint;
  /** Where ids and padding come from. */
  random?: RandomBytes;
}

const WRITE_SIZE = 1024 * 1024;
/** Room for what is written at once and for small blobs behind it; large ones make it larger. */
const STAGING_SIZE = 2 * 1024 * 1024;
/** Bytes of staging buffers that wait to be used again: one is written from while the next one fills. */
const KEPT_BUFFERS = 16 * 1024 * 1024;
const NO_BYTES = new Uint8Array(0);
/** A packfile is closed by this many blobs, however small: its index, and what a state says of it, is held in memory. */
const MAX_BLOBS = 16_384;

/**
 * plakar hides the length of a blob by reading up to 65 535 bytes more than it needs, and fails if the file
 * ends before that. So the last blob of a packfile is always at least this much padding.
 */
const MIN_TAIL_PADDING = 65536;
const TAIL_PADDING_SPREAD = 65536;
const MAX_HEAD_PADDING = 4096;

/** One stream of packfiles. */
export class Packer {
  readonly #options: PackerOptions;
  readonly #random: RandomBytes;
  readonly #buffers = new BufferPool(KEPT_BUFFERS);
  readonly #unfinished = new Set<OpenPackfile>();
  #open: OpenPackfile | undefined;
  #turn: Promise<void> = Promise.resolve();
  #isAborted = false;

  /**
   * Makes a packer; the first blob begins its first packfile.
   *
   * @param options storage, codec and limits
   */
  constructor(options: PackerOptions) {
    this.#options = options;
    this.#random = options.random ?? randomBytes;
  }

  /**
   * Encodes a blob at once and appends it. The promise resolves when the storage wants more.
   *
   * @param type the blob's resource type
   * @param mac its MAC, or its id where that is not a MAC
   * @param plain its plain bytes, which may be reused as soon as this returns
   */
  put(type: ResourceType, mac: Uint8Array, plain: Uint8Array): Promise<void> {
    if (this.#isAborted) {
      return Promise.reject(new PlakarError("interrupted", "Cannot store a blob: the packfile was given up"));
    }
    const packfile = this.#open ??= this.#begin();
    packfile.put(type, mac, plain);
    if (packfile.blobArea > this.#options.maxSize || packfile.blobs >= MAX_BLOBS) return this.flush();
    if (packfile.pending >= WRITE_SIZE) return this.#inTurn(() => packfile.drain());
    return this.#turn;
  }

  /** Closes the packfile that is being filled; blobs put from now on go to the next one. */
  flush(): Promise<void> {
    const packfile = this.#open;
    this.#open = undefined;
    return packfile ? this.#inTurn(() => this.#close(packfile)) : this.#turn;
  }

  /** Removes what is not a whole packfile yet. Nothing can be put after that. */
  async abort(): Promise<void> {
    this.#isAborted = true;
    this.#open = undefined;
    await this.#turn.catch(() => {});
    const unfinished = [...this.#unfinished];
    this.#unfinished.clear();
    const removed = await Promise.allSettled(unfinished.map((packfile) => packfile.abort()));
    for (const outcome of removed) if (outcome.status === "rejected") throw outcome.reason;
  }

  /** Writes to the storage happen one after another, whoever asked for them. */
  #inTurn(action: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(action);
    return this.#turn;
  }

  #begin(): OpenPackfile {
    const packfile = new OpenPackfile(this.#options, this.#buffers, this.#random(32));
    this.#unfinished.add(packfile);
    packfile.pad(this.#random(32), this.#padding(1, MAX_HEAD_PADDING));
    return packfile;
  }

  async #close(packfile: OpenPackfile): Promise<void> {
    packfile.pad(this.#random(32), this.#padding(MIN_TAIL_PADDING, TAIL_PADDING_SPREAD));
    const report = await packfile.close();
    this.#unfinished.delete(packfile);
    this.#options.written(report);
  }

  #padding(min: number, spread: number): Uint8Array {
    const [low, high] = this.#random(2);
    return this.#random(min + Math.floor((low + 256 * high) / 65536 * spread));
  }
}

/** A packfile being written. */
class OpenPackfile {
  readonly #options: PackerOptions;
  readonly #id: string;
  readonly #timestamp: bigint;
  readonly #seal: MacStream;
  readonly #index = new PackfileIndexWriter();
  readonly #buffers: BufferPool;
  #writer: Promise<StorageWriter> | undefined;
  /** What waits to be written lies here. */
  #staging: Uint8Array = NO_BYTES;
  #size = 0;
  /** Bytes of blobs so far. */
  blobArea = 0;
  /** Bytes not yet given to the storage. */
  pending = 0;

  constructor(options: PackerOptions, buffers: BufferPool, id: Uint8Array) {
    this.#options = options;
    this.#buffers = buffers;
    this.#id = toHex(id);
    this.#timestamp = options.now();
    this.#seal = options.codec.mac.stream();
    this.#queue(encodeWrapperHeader(ResourceType.packfile));
  }

  /** How many blobs there are so far. */
  get blobs(): number {
    return this.#index.count;
  }

  /** Encodes a blob to where it is written from. */
  put(type: ResourceType, mac: Uint8Array, plain: Uint8Array): void {
    this.#list(type, mac, this.#encode(plain));
  }

  /** Takes bytes that hide what is beside them: they are stored as they are. */
  pad(mac: Uint8Array, padding: Uint8Array): void {
    this.#queue(padding);
    this.#list(ResourceType.random, mac, padding.length);
  }

  async drain(): Promise<void> {
    if (this.pending === 0) return;
    const staging = this.#staging;
    const bytes = staging.subarray(0, this.pending);
    this.#staging = NO_BYTES;
    this.pending = 0;
    this.#seal.update(bytes);
    await this.#write(bytes);
    this.#buffers.give(staging);
  }

  async close(): Promise<PackfileReport> {
    const { codec } = this.#options;
    const count = this.#index.count;
    const index = this.#index.take();
    this.#encode(index);
    const length = this.#encode(encodePackfileFooter({
      timestamp: this.#timestamp,
      count,
      indexOffset: this.blobArea,
      indexMac: codec.mac.mac(index),
    }));
    const footerLength = new Uint8Array(4);
    new DataView(footerLength.buffer).setUint32(0, length, true);
    this.#queue(footerLength);
    await this.drain();
    await this.#write(this.#seal.digest());
    await (await this.#begun()).commit();
    return { id: this.#id, timestamp: this.#timestamp, index, blobArea: this.blobArea, size: this.#size };
  }

  async abort(): Promise<void> {
    await (await this.#writer?.catch(() => undefined))?.abort();
  }

  /** Lists the blob that was put behind the others. */
  #list(type: ResourceType, mac: Uint8Array, length: number): void {
    this.#index.add(type, mac, this.blobArea, length);
    this.blobArea += length;
  }

  /** Encodes bytes behind what waits to be written, and returns how many they became. */
  #encode(plain: Uint8Array): number {
    const { length } = this.#options.codec.encode(plain, (length) => this.#room(length));
    this.pending += length;
    return length;
  }

  #queue(bytes: Uint8Array): void {
    this.#room(bytes.length).set(bytes);
    this.pending += bytes.length;
  }

  /** Room behind what waits to be written. */
  #room(length: number): Uint8Array {
    const end = this.pending + length;
    if (end > this.#staging.length) {
      const outgrown = this.#staging;
      this.#staging = this.#buffers.take(Math.max(end, STAGING_SIZE));
      this.#staging.set(outgrown.subarray(0, this.pending));
      if (outgrown !== NO_BYTES) this.#buffers.give(outgrown);
    }
    return this.#staging.subarray(this.pending, end);
  }

  #begun(): Promise<StorageWriter> {
    return this.#writer ??= this.#options.storage.begin("packfile", () => this.#id);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#size += bytes.length;
    await (await this.#begun()).write(bytes);
  }
}

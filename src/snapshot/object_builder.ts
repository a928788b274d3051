/**
 * From the bytes of one file to its chunks and its object.
 *
 * Bytes are gathered until a cut can be found, each chunk is named by its MAC, and only chunks that nobody
 * has stored yet are encoded and packed.
 */

import { entropy } from "../chunking/entropy.ts";
import type { Chunker } from "../chunking/chunker.ts";
import type { MacStream } from "../crypto/mac.ts";
import { type Chunk, encodeObject } from "../kloset/object.ts";
import { ResourceType } from "../kloset/resource.ts";
import type { BufferPool } from "../lib/buffer_pool.ts";
import type { Semaphore } from "../lib/concurrency.ts";
import type { KnownBlobs } from "../repository/known_blobs.ts";
import type { Packer } from "../repository/packer.ts";
import type { RepositoryCodec } from "../repository/repository_codec.ts";
import { detectContentType } from "./content_type.ts";
import type { ByteString } from "../lib/byte_string.ts";

/** What the builders of one pipeline share. */
export interface ObjectContext {
  /** The repository's transforms. */
  codec: RepositoryCodec;
  /** Where files are cut. */
  chunker: Chunker;
  /** What is stored already: adding a blob tells whether it has to be stored. */
  known: Pick<KnownBlobs, "add">;
  /** Where new blobs go. */
  packer: Packer;
  /** Bounds how many files with buffers of many megabytes there are at once. */
  large: Semaphore;
  /** Where buffers come from. */
  buffers: BufferPool;
}

/** The content of a file, as its entry refers to it. */
export interface StoredContent {
  /** The object's id. */
  object: Uint8Array;
  /** Number of chunks. */
  chunks: number;
  /** Shannon entropy in bits a byte. */
  entropy: number;
  /** MIME type. */
  contentType: ByteString;
  /** Bytes in all. */
  size: number;
}

const NO_BYTES = new Uint8Array(0);

/** A file whose whole buffer is at most this large needs no permit. */
const SMALL_BUFFER = 1024 * 1024;

/** Takes the bytes of one file and stores what is new of them. */
export class ObjectBuilder implements Disposable {
  readonly #context: ObjectContext;
  readonly #contentType: ByteString | undefined;
  readonly #chunks: Chunk[] = [];
  readonly #sizeHint: number;
  /** Taken for the first bytes: many files wait for theirs. */
  #buffer: Uint8Array = NO_BYTES;
  #start = 0;
  #end = 0;
  #size = 0;
  #newBytes = 0;
  #permit: Disposable | undefined;
  #contentMac: MacStream | undefined;
  #detectedType: ByteString | undefined;

  /**
   * Begins with no bytes.
   *
   * @param context what the pipeline's builders share
   * @param sizeHint how large the file probably is
   * @param contentType the MIME type, where it need not be detected
   */
  constructor(context: ObjectContext, sizeHint: number, contentType?: ByteString) {
    this.#context = context;
    this.#contentType = contentType;
    this.#sizeHint = Math.min(Math.max(sizeHint, 0), SMALL_BUFFER);
  }

  /** How many of the bytes nobody had stored before. */
  get newBytes(): number {
    return this.#newBytes;
  }

  /**
   * Takes the next bytes.
   *
   * @param piece bytes, which are copied
   * @returns a promise where the caller should wait before giving more
   */
  add(piece: Uint8Array): void | Promise<void> {
    this.#reserve(piece.length);
    this.#buffer.set(piece, this.#end);
    this.#end += piece.length;
    if (this.#end - this.#start >= this.#context.chunker.maxSize) return this.#storeWholeChunks();
    if (this.#end > SMALL_BUFFER && !this.#permit) return this.#becomeLarge();
  }

  /**
   * Stores what is left and the object itself.
   *
   * @returns what an entry needs to refer to this content
   */
  async finish(): Promise<StoredContent> {
    const { codec, chunker } = this.#context;
    while (this.#start < this.#end || this.#chunks.length === 0) {
      await this.#storeChunk(chunker.cut(this.#buffer, this.#start, this.#end), true);
    }
    const contentType = this.#contentType ?? this.#detectedType ?? detectContentType(new Uint8Array(0));
    const weighted = this.#chunks.reduce((sum, chunk) => sum + chunk.entropy * chunk.length, 0);
    const mean = this.#size > 0 ? weighted / this.#size : 0;
    const object = encodeObject({
      contentMac: this.#contentMac?.digest() ?? this.#chunks[0].contentMac,
      chunks: this.#chunks,
      contentType,
      entropy: mean,
    });
    const mac = codec.mac.mac(object);
    if (this.#context.known.add(ResourceType.object, mac)) {
      await this.#context.packer.put(ResourceType.object, mac, object);
    }
    return { object: mac, chunks: this.#chunks.length, entropy: mean, contentType, size: this.#size };
  }

  /** Gives the permit and the buffer back. */
  [Symbol.dispose](): void {
    this.#giveBuffer();
    this.#permit?.[Symbol.dispose]();
    this.#permit = undefined;
  }

  async #becomeLarge(): Promise<void> {
    this.#permit = await this.#context.large.acquire();
  }

  async #storeWholeChunks(): Promise<void> {
    const { chunker } = this.#context;
    if (!this.#permit) await this.#becomeLarge();
    while (this.#end - this.#start >= chunker.maxSize) {
      await this.#storeChunk(chunker.cut(this.#buffer, this.#start, this.#end), false);
    }
  }

  /** Content that is no file's (a dirpack) has no entropy in the format. */
  #entropyOf(data: Uint8Array): number {
    return this.#contentType === undefined ? entropy(data) : 0;
  }

  async #storeChunk(length: number, isEnd: boolean): Promise<void> {
    const { codec } = this.#context;
    const data = this.#buffer.subarray(this.#start, this.#start + length);
    const isWhole = isEnd && this.#start + length === this.#end && this.#chunks.length === 0;
    if (this.#chunks.length === 0 && this.#contentType === undefined) {
      this.#detectedType = detectContentType(data);
    }
    this.#start += length;
    this.#size += length;
    const mac = codec.mac.mac(data);
    // The MAC of a file of one chunk is the MAC of that chunk: no second pass over it.
    if (!isWhole) (this.#contentMac ??= codec.mac.stream()).update(data);
    this.#chunks.push({
      contentMac: mac,
      length,
      entropy: this.#entropyOf(data),
    });
    if (!this.#context.known.add(ResourceType.chunk, mac)) return;
    this.#newBytes += length;
    await this.#context.packer.put(ResourceType.chunk, mac, data);
  }

  /** Makes room at the end of the buffer, by moving what is left to the front or into a larger buffer. */
  #reserve(length: number): void {
    const needed = this.#end - this.#start + length;
    if (this.#end + length <= this.#buffer.length) return;
    const { maxSize } = this.#context.chunker;
    let target = this.#buffer;
    if (needed > this.#buffer.length) {
      // A file that outgrows a small buffer is large: it gets at once what it can ever need.
      const wanted = needed > SMALL_BUFFER ? maxSize * 2 : Math.max(this.#sizeHint, this.#buffer.length * 2);
      target = this.#context.buffers.take(Math.max(needed, wanted));
    }
    target.set(this.#buffer.subarray(this.#start, this.#end));
    if (target !== this.#buffer) this.#giveBuffer();
    this.#buffer = target;
    this.#end -= this.#start;
    this.#start = 0;
  }

  #giveBuffer(): void {
    if (this.#buffer.length > 0) this.#context.buffers.give(this.#buffer);
    this.#buffer = NO_BYTES;
  }
}

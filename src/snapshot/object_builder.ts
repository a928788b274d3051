/**
 * From the bytes of one file to its chunks and its object.
 *
 * Bytes are gathered until a cut can be found, each chunk is named by its MAC, and only chunks that nobody
 * has stored yet are encoded and packed.
 */

import { entropy } from "../chunking/entropy.ts";
import type { Chunker } from "../chunking/chunker.ts";
import type { MacStream } from "../crypto/mac.ts";
import { encodeObject } from "../kloset/object.ts";
import { ResourceType } from "../kloset/resource.ts";
import type { BufferPool } from "../lib/buffer_pool.ts";
import type { Semaphore } from "../lib/concurrency.ts";
import type { ByteString } from "../lib/byte_string.ts";
import type { ChunkGiver } from "./chunk_giver.ts";
import { detectContentType } from "./content_type.ts";
import { type ChunkContext, storeChunk, type StoredChunk } from "./store_chunk.ts";

/** What the builders of one pipeline share. */
export interface ObjectContext extends ChunkContext {
  /** Where files are cut. */
  chunker: Chunker;
  /** Bounds how many files with buffers of many megabytes there are at once. */
  large: Semaphore;
  /** Where buffers come from. */
  buffers: BufferPool;
  /** Has chunks of large files stored elsewhere, where there is somebody to do it. */
  giver?: ChunkGiver;
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
  /** In the order of the file, whoever stores them. */
  readonly #chunks: Promise<StoredChunk>[] = [];
  readonly #sizeHint: number;
  /** Taken for the first bytes: many files wait for theirs. */
  #buffer: Uint8Array = NO_BYTES;
  #start = 0;
  #end = 0;
  #size = 0;
  #newBytes = 0;
  #permit: Disposable | undefined;
  /** Why a chunk that was given away could not be stored. */
  #failure: { error: unknown } | undefined;
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
    this.#sizeHint = sizeHint;
  }

  /** How many of the bytes nobody had stored before, once it is finished. */
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
    const chunks = await Promise.all(this.#chunks);
    for (const { isNew, length } of chunks) if (isNew) this.#newBytes += length;
    const weighted = chunks.reduce((sum, chunk) => sum + chunk.entropy * chunk.length, 0);
    const mean = this.#size > 0 ? weighted / this.#size : 0;
    const object = encodeObject({
      contentMac: this.#contentMac?.digest() ?? chunks[0].contentMac,
      chunks,
      contentType,
      entropy: mean,
    });
    const mac = codec.mac.mac(object);
    if (this.#addObject(mac, chunks)) {
      await this.#context.packer.put(ResourceType.object, mac, object);
    }
    return { object: mac, chunks: chunks.length, entropy: mean, contentType, size: this.#size };
  }

  /** Gives the permit and the buffer back. */
  [Symbol.dispose](): void {
    this.#giveBuffer();
    this.#permit?.[Symbol.dispose]();
    this.#permit = undefined;
  }

  /** Whether an object has to be stored. That of a file follows from its chunks; other contents are given a type. */
  #addObject(object: Uint8Array, chunks: readonly StoredChunk[]): boolean {
    const { known } = this.#context;
    return chunks.length === 1 && this.#contentType === undefined
      ? known.addObject(object, chunks[0].contentMac)
      : known.add(ResourceType.object, object);
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
    if (this.#failure) throw this.#failure.error;
    const data = this.#buffer.subarray(this.#start, this.#start + length);
    const isWhole = isEnd && this.#start + length === this.#end && this.#chunks.length === 0;
    if (this.#chunks.length === 0 && this.#contentType === undefined) {
      this.#detectedType = detectContentType(data);
    }
    this.#start += length;
    this.#size += length;
    const given = this.#permit && !isWhole ? this.#context.giver?.store(data) : undefined;
    // The MAC of a file of one chunk is the MAC of that chunk: no second pass over it.
    if (!isWhole) (this.#contentMac ??= this.#context.codec.mac.stream()).update(data);
    const chunk = given ?? storeChunk(this.#context, data, this.#entropyOf(data));
    this.#chunks.push(chunk);
    if (given) given.catch((error) => this.#failure ??= { error });
    else await chunk;
  }

  /** Makes room at the end of the buffer, by moving what is left to the front or into a larger buffer. */
  #reserve(length: number): void {
    const needed = this.#end - this.#start + length;
    if (this.#end + length <= this.#buffer.length) return;
    let target = this.#buffer;
    if (needed > this.#buffer.length) target = this.#context.buffers.take(this.#sizeFor(needed));
    target.set(this.#buffer.subarray(this.#start, this.#end));
    if (target !== this.#buffer) this.#giveBuffer();
    this.#buffer = target;
    this.#end -= this.#start;
    this.#start = 0;
  }

  /** How large a buffer should be that has to hold so many bytes. */
  #sizeFor(needed: number): number {
    if (needed <= SMALL_BUFFER) {
      const wanted = Math.max(this.#sizeHint, this.#buffer.length * 2);
      return Math.max(needed, Math.min(wanted, SMALL_BUFFER));
    }
    // A large file gets at once all that it will need, or can ever need if it has more bytes than it was said to.
    const largest = this.#context.chunker.maxSize * 2;
    return Math.max(needed, needed > this.#sizeHint ? largest : Math.min(this.#sizeHint, largest));
  }

  #giveBuffer(): void {
    if (this.#buffer.length > 0) this.#context.buffers.give(this.#buffer);
    this.#buffer = NO_BYTES;
  }
}

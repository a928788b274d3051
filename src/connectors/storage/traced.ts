/** A storage that tells what is done to it. */

import { messageOf } from "../../lib/errors.ts";
import type { ByteRange, ResourceKind, Storage, StorageWriter } from "./storage.ts";

/** Passes everything on to another storage and tells each request, when it is over, in one line. */
export class TracedStorage implements Storage {
  /** The location as a person would name it. */
  readonly location: string;
  readonly #storage: Storage;
  readonly #tell: (message: string) => void;

  /**
   * Wraps a storage.
   *
   * @param storage what requests are passed on to; disposed of with this one
   * @param tell told of each request
   */
  constructor(storage: Storage, tell: (message: string) => void) {
    this.location = storage.location;
    this.#storage = storage;
    this.#tell = tell;
  }

  /**
   * Creates an empty store.
   *
   * @param config its CONFIG
   */
  async create(config: Uint8Array): Promise<void> {
    await this.#told(`create ${this.location}`, this.#storage.create(config));
  }

  /**
   * Reads CONFIG.
   *
   * @returns its bytes
   */
  async readConfig(): Promise<Uint8Array> {
    return await this.#told("get CONFIG", this.#storage.readConfig(), bytesOf);
  }

  /**
   * All ids of a kind.
   *
   * @param kind the kind
   * @returns the ids
   */
  async list(kind: ResourceKind): Promise<string[]> {
    return await this.#told(`list ${kind}s`, this.#storage.list(kind), ({ length }) => `${length}`);
  }

  /**
   * A file, or a range of it.
   *
   * @param kind the file's kind
   * @param id the file
   * @param range the range
   * @param into where the range goes
   * @returns its bytes
   */
  async get(kind: ResourceKind, id: string, range?: ByteRange, into?: Uint8Array): Promise<Uint8Array> {
    const part = range ? ` from ${range.offset}` : "";
    return await this.#told(`get ${kind} ${id}${part}`, this.#storage.get(kind, id, range, into), bytesOf);
  }

  /**
   * Writes a small file.
   *
   * @param kind the file's kind
   * @param id the file
   * @param bytes what it holds
   */
  async put(kind: ResourceKind, id: string, bytes: Uint8Array): Promise<void> {
    const written = () => bytesOf(bytes);
    await this.#told(`put ${kind} ${id}`, this.#storage.put(kind, id, bytes), written);
  }

  /**
   * Begins a file.
   *
   * @param kind the file's kind
   * @param name its id, known when it is committed
   * @returns its writer
   */
  async begin(kind: ResourceKind, name: () => string): Promise<StorageWriter> {
    const writer = await this.#told(`begin ${kind}`, this.#storage.begin(kind, name));
    return {
      write: (bytes) => writer.write(bytes),
      commit: async () => await this.#told(`commit ${kind} ${name()}`, writer.commit()),
      abort: async () => await this.#told(`abort ${kind}`, writer.abort()),
    };
  }

  /**
   * Removes a file.
   *
   * @param kind the file's kind
   * @param id the file
   */
  async delete(kind: ResourceKind, id: string): Promise<void> {
    await this.#told(`delete ${kind} ${id}`, this.#storage.delete(kind, id));
  }

  /**
   * How much is used.
   *
   * @returns bytes, if that can be known
   */
  async size(): Promise<number | undefined> {
    return await this.#told("size", this.#storage.size(), (size) => `${size ?? "not known"}`);
  }

  /** Closes the storage. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#storage[Symbol.asyncDispose]();
  }

  async #told<T>(request: string, answer: Promise<T>, shown?: (value: T) => string): Promise<T> {
    try {
      const value = await answer;
      this.#tell(shown ? `${request}: ${shown(value)}` : request);
      return value;
    } catch (error) {
      this.#tell(`${request}: ${messageOf(error)}`);
      throw error;
    }
  }
}

function bytesOf({ length }: Uint8Array): string {
  return `${length} bytes`;
}

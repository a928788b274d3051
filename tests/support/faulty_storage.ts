/** A storage that fails on purpose. */

import { PlakarError } from "../../src/lib/errors.ts";
import type {
  ByteRange,
  ResourceKind,
  Storage,
  StorageWriter,
} from "../../src/connectors/storage/storage.ts";

/** How a storage fails at an operation. */
export type Failure = "once" | "dies" | "late";

/** Passes everything to another storage, until it is told to fail. */
export class FaultyStorage implements Storage {
  /** The operations so far. */
  readonly operations: string[] = [];
  /** How many files were begun and neither committed nor aborted. */
  unfinished = 0;
  /** Decides over each operation, by its number from 0 and its name: an error to throw, or nothing. */
  fault: (count: number, operation: string) => Error | undefined = () => undefined;
  /** Whether operations fail after they were done, as when an answer is lost on its way. */
  failsLate = false;
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get location(): string {
    return this.#storage.location;
  }

  /** Fails the k-th operation: it alone, it and all after it, or it alone but after it was done. */
  failAt(k: number, how: Failure = "once"): void {
    const error = new PlakarError("no-space", "No space is left on the device");
    this.fault = (count) => count === k || (how === "dies" && count > k) ? error : undefined;
    this.failsLate = how === "late";
  }

  create(config: Uint8Array): Promise<void> {
    return this.#do("create", () => this.#storage.create(config));
  }

  readConfig(): Promise<Uint8Array> {
    return this.#do("readConfig", () => this.#storage.readConfig());
  }

  list(kind: ResourceKind): Promise<string[]> {
    return this.#do(`list ${kind}`, () => this.#storage.list(kind));
  }

  get(kind: ResourceKind, id: string, range?: ByteRange): Promise<Uint8Array> {
    return this.#do(`get ${kind}`, () => this.#storage.get(kind, id, range));
  }

  put(kind: ResourceKind, id: string, bytes: Uint8Array): Promise<void> {
    return this.#do(`put ${kind}`, () => this.#storage.put(kind, id, bytes));
  }

  async begin(kind: ResourceKind, name: () => string): Promise<StorageWriter> {
    const writer = await this.#do(`begin ${kind}`, () => this.#storage.begin(kind, name));
    this.unfinished++;
    let isOpen = true;
    const close = () => {
      if (isOpen) this.unfinished--;
      isOpen = false;
    };
    return {
      write: (bytes) => this.#do(`write ${kind}`, () => writer.write(bytes)),
      commit: () => this.#do(`commit ${kind}`, () => writer.commit().then(close)),
      abort: () => this.#do(`abort ${kind}`, () => writer.abort().then(close)),
    };
  }

  delete(kind: ResourceKind, id: string): Promise<void> {
    return this.#do(`delete ${kind}`, () => this.#storage.delete(kind, id));
  }

  size(): Promise<number | undefined> {
    return this.#storage.size();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#storage[Symbol.asyncDispose]();
  }

  async #do<T>(operation: string, run: () => Promise<T>): Promise<T> {
    const error = this.fault(this.operations.length, operation);
    this.operations.push(operation);
    if (error && !this.failsLate) throw error;
    const result = await run();
    if (error) throw error;
    return result;
  }
}

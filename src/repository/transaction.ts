/**
 * What one writer adds to a repository: packfiles first, then the state files that make them count.
 *
 * A large backup fills many states, each written as soon as it is full: memory stays bounded, and what an
 * interrupted backup has stored is found by the next one. The snapshot itself is in the last state, so it
 * exists when that one does.
 */

import { randomBytes } from "../crypto/random.ts";
import { decodePackfileIndex } from "../kloset/packfile.ts";
import { ResourceType } from "../kloset/resource.ts";
import { StateWriter } from "../kloset/state_writer.ts";
import { fromHex, toHex, ZERO_MAC } from "../lib/bytes.ts";
import type { PackfileReport } from "./packer.ts";
import type { Repository } from "./repository.ts";

/**
 * A state is full when it has this many entries, 2.3 MB. With one more packfile it has 4 MiB at most, which it is
 * written from, encoded and stored in.
 */
const FULL_STATE = 25_000;

/** Collects packfiles and writes the states that name them. */
export class Transaction {
  readonly #repository: Repository;
  readonly #now: () => bigint;
  /** Writes one state after another. */
  readonly #writer = new StateWriter();
  #isStateBegun = false;
  #packfiles: { id: Uint8Array; timestamp: bigint }[] = [];
  /** The state written last; the repository's newest before there is one. */
  #parent: Uint8Array | undefined;
  #written: Promise<void> = Promise.resolve();
  #bytesWritten = 0;

  /**
   * Begins an empty transaction.
   *
   * @param repository what is added to
   * @param now the time, nanoseconds since 1970
   */
  constructor(repository: Repository, now: () => bigint) {
    this.#repository = repository;
    this.#now = now;
  }

  /** Bytes of packfiles and states so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /**
   * Takes a packfile that is durable.
   *
   * @param report the packfile
   */
  add(report: PackfileReport): void {
    const packfile = fromHex(report.id);
    const writer = this.#begun();
    for (const blob of decodePackfileIndex(report.index, report.blobArea)) {
      writer.location(blob.type, blob.version, blob.mac, packfile, blob.offset, blob.length);
    }
    this.#packfiles.push({ id: packfile, timestamp: report.timestamp });
    this.#bytesWritten += report.size;
    if (writer.entries < FULL_STATE) return;
    this.#write(randomBytes(32));
    // Whoever commits learns of a failure; until then nobody waits.
    this.#written.catch(() => {});
  }

  /**
   * Writes the last state: from then on everything in the packfiles is part of the repository.
   *
   * @param id the state's id
   * @param ready the last thing to do before it is written; if that fails, it is not
   */
  async commit(id: Uint8Array, ready?: () => Promise<void>): Promise<void> {
    this.#write(id, ready);
    await this.#written;
  }

  /** Waits for states that are on their way; for who gives the transaction up, whatever became of them. */
  async settled(): Promise<void> {
    await this.#written.catch(() => {});
  }

  /** The writer with the state that is being filled. */
  #begun(): StateWriter {
    if (!this.#isStateBegun) {
      const { head } = this.#repository.state;
      this.#writer.restart(this.#parent ?? (head === undefined ? ZERO_MAC : fromHex(head)));
      this.#isStateBegun = true;
    }
    return this.#writer;
  }

  /** States are written one after another, each naming the one before it as its parent. */
  #write(id: Uint8Array, ready?: () => Promise<void>): void {
    const { codec, configuration, storage } = this.#repository;
    const writer = this.#begun();
    for (const packfile of this.#packfiles) writer.packfile(packfile.id, id, packfile.timestamp);
    const stream = writer.finish({ timestamp: this.#now(), serial: configuration.repositoryId });
    const bytes = codec.seal(ResourceType.state, stream);
    this.#written = this.#written.then(ready).then(() => storage.put("state", toHex(id), bytes));
    this.#bytesWritten += bytes.length;
    this.#parent = id;
    this.#isStateBegun = false;
    this.#packfiles = [];
  }
}

/**
 * What one writer adds to a repository: packfiles first, then the one state file that makes them count.
 */

import { decodePackfileIndex } from "../kloset/packfile.ts";
import { ResourceType } from "../kloset/resource.ts";
import { StateWriter } from "../kloset/state_writer.ts";
import { fromHex, toHex, ZERO_MAC } from "../lib/bytes.ts";
import type { PackfileReport } from "./packer.ts";
import type { Repository } from "./repository.ts";

/** Collects packfiles until they are committed. */
export class Transaction {
  readonly #repository: Repository;
  readonly #now: () => bigint;
  readonly #packfiles: PackfileReport[] = [];
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

  /** Bytes of packfiles and state so far. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /**
   * Takes a packfile that is durable.
   *
   * @param report the packfile
   */
  add(report: PackfileReport): void {
    this.#packfiles.push(report);
    this.#bytesWritten += report.size;
  }

  /**
   * Writes the state: from then on everything in the packfiles is part of the repository.
   *
   * @param id the state's id
   */
  async commit(id: Uint8Array): Promise<void> {
    const { codec, configuration, storage, state } = this.#repository;
    const head = state.head;
    const writer = new StateWriter(head ? fromHex(head) : ZERO_MAC);
    for (const packfile of this.#packfiles) {
      const mac = fromHex(packfile.id);
      for (const blob of decodePackfileIndex(packfile.index, packfile.blobArea)) {
        writer.location(blob.type, blob.version, blob.mac, mac, blob.offset, blob.length);
      }
    }
    for (const packfile of this.#packfiles) writer.packfile(fromHex(packfile.id), id, packfile.timestamp);
    const stream = writer.finish({ timestamp: this.#now(), serial: configuration.repositoryId });
    const bytes = codec.seal(ResourceType.state, stream);
    await storage.put("state", toHex(id), bytes);
    this.#bytesWritten += bytes.length;
  }
}

/** Counts what could not be kept, once per kind. */

import type { ByteString } from "../../lib/byte_string.ts";
import type { Degradation } from "./exporter.ts";

/** The losses of one restore. */
export class Degradations {
  readonly #kinds = new Map<Degradation["kind"], Degradation>();

  /** One entry for each kind, with its first path. */
  get list(): readonly Degradation[] {
    return [...this.#kinds.values()];
  }

  /**
   * Notes a loss.
   *
   * @param kind what was lost
   * @param path where
   * @param message what the other side answered
   */
  add(kind: Degradation["kind"], path: ByteString, message: string): void {
    const known = this.#kinds.get(kind);
    if (known) known.count++;
    else this.#kinds.set(kind, { kind, path, message, count: 1 });
  }

  /**
   * Notes what others have counted.
   *
   * @param others their losses
   */
  addAll(others: readonly Degradation[]): void {
    for (const other of others) {
      const known = this.#kinds.get(other.kind);
      if (known) known.count += other.count;
      else this.#kinds.set(other.kind, { ...other });
    }
  }
}

/** Writes tar archives. */

import type { ArchiveMember, ArchiveSink, ArchiveWriter } from "./archive_writer.ts";
import { encodeTarHeader, TAR_BLOCK, tarPadding } from "./tar_header.ts";

const ZEROS = new Uint8Array(64 * 1024);

/** A tar archive that is being written. */
export class TarWriter implements ArchiveWriter {
  /** A member may be another name of an earlier one. */
  readonly hasHardLinks = true;
  /** Pipes have no content, only a name. */
  readonly hasPipes = true;
  readonly #sink: ArchiveSink;
  #size = 0;
  #missing = 0;

  /**
   * Begins an archive.
   *
   * @param sink takes its bytes
   */
  constructor(sink: ArchiveSink) {
    this.#sink = sink;
  }

  /**
   * Begins a member.
   *
   * @param member the member
   */
  async begin(member: ArchiveMember): Promise<void> {
    this.#size = this.#missing = member.size;
    await this.#sink(encodeTarHeader(member));
  }

  /**
   * Writes content.
   *
   * @param piece the next bytes
   */
  async write(piece: Uint8Array): Promise<void> {
    if (piece.length > this.#missing) throw new RangeError("More content than the member's header says");
    this.#missing -= piece.length;
    await this.#sink(piece);
  }

  /** Ends the member; zeros take the place of content that is missing. */
  async end(): Promise<void> {
    while (this.#missing > 0) {
      const zeros = ZEROS.subarray(0, Math.min(ZEROS.length, this.#missing));
      this.#missing -= zeros.length;
      await this.#sink(zeros);
    }
    const padding = tarPadding(this.#size);
    if (padding.length > 0) await this.#sink(padding);
  }

  /** Ends the archive. */
  async finish(): Promise<void> {
    await this.#sink(ZEROS.subarray(0, 2 * TAR_BLOCK));
  }
}

/** Compression of bytes that come in pieces, with no more in memory than the platform holds back. */

import type { ArchiveSink } from "./archive_writer.ts";

/** The platform's compression, on its way to a sink. */
export class DeflateStream {
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #pumped: Promise<void>;
  #failure: { error: unknown } | undefined;

  /**
   * Begins compression.
   *
   * @param format `gzip` or `deflate-raw`
   * @param sink takes the compressed bytes
   */
  constructor(format: "gzip" | "deflate-raw", sink: ArchiveSink) {
    const { readable, writable } = new CompressionStream(format);
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {});
    this.#pumped = this.#pump(readable, sink);
  }

  /**
   * Compresses bytes.
   *
   * @param bytes the next bytes
   */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#settle(this.#writer.write(bytes.slice()));
  }

  /** Ends the compressed bytes. */
  async finish(): Promise<void> {
    await this.#settle(this.#writer.close());
    await this.#pumped;
    if (this.#failure) throw this.#failure.error;
  }

  /** Leaving the loop cancels the stream, which ends every write that waits for room. */
  async #pump(readable: ReadableStream<Uint8Array>, sink: ArchiveSink): Promise<void> {
    try {
      for await (const bytes of readable) {
        try {
          await sink(bytes);
        } catch (error) {
          // Known before the writes end.
          this.#failure = { error };
          break;
        }
      }
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  async #settle(operation: Promise<void>): Promise<void> {
    try {
      await operation;
    } catch (error) {
      throw this.#failure ? this.#failure.error : error;
    }
  }
}

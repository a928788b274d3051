/** Reads contents of files of an SSH server. */

import { type ByteString, display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import { ReadBudget } from "../../sftp/read_budget.ts";
import { readFile, type ReadFileResult } from "../../sftp/read_file.ts";
import type { ChildRecord } from "../record.ts";
import { ChannelPool } from "../remote/channel_pool.ts";
import type { SftpSource } from "../remote/sftp_source.ts";
import type { FileReader } from "./importer.ts";
import { remoteFileInfo } from "./remote_child.ts";

/** Files read at once: on small files, only the number of requests under way counts. */
const PARALLEL_FILES = 128;
/** The window of one channel is filled on a long way before the network is. */
const CHANNELS = 4;
/** What all files together may hold, beyond the first piece of each. */
const BUDGET = 8 * 1024 * 1024;

/** The reader of `sftp` importers. */
export class SftpFileReader implements FileReader {
  /** How many files are worth reading at once. */
  readonly parallelism: number;
  readonly #channels: ChannelPool;
  readonly #budget = new ReadBudget(BUDGET);

  /**
   * Nothing is opened until a file is read.
   *
   * @param source opens channels to the server; disposed of with the reader
   * @param parallelism how many files are read at once
   */
  constructor(source: SftpSource, parallelism: number = PARALLEL_FILES) {
    this.parallelism = parallelism;
    this.#channels = new ChannelPool(source, CHANNELS);
  }

  /** Connects now; a reader that cannot is closed. */
  async connect(): Promise<void> {
    await this.#channels.open();
  }

  /**
   * Reads one file. If the connection is lost meanwhile, reading goes on where it stopped.
   *
   * @param path the file
   * @param child what the walk saw
   * @param sink takes the pieces
   * @param signal stops reading
   * @returns how many bytes were read, and whether the file changed since the walk
   */
  async read(
    path: ByteString,
    child: ChildRecord,
    sink: (piece: Uint8Array) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<{ size: number; changed: boolean }> {
    let offset = 0;
    let resumed = false;
    let pause: void | Promise<void>;
    const counting = (piece: Uint8Array) => {
      offset += piece.length;
      return pause = sink(piece);
    };
    const result = await this.#channels.use(async (client) => {
      // A sink that was still busy when the connection was lost gets no other piece before it is done.
      await pause;
      resumed = offset > 0;
      return await readFile(client, path, child.info.size, counting, {
        signal,
        offset,
        budget: this.#budget,
      });
    }, () => offset);
    const changed = result.torn || differs(child, result);
    if (changed && resumed) {
      throw new PlakarError(
        "io",
        `Cannot read "${display(path)}": the connection was lost meanwhile, and the file changed`,
      );
    }
    return { size: result.size, changed };
  }

  /** Closes the channels. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#channels[Symbol.asyncDispose]();
  }
}

/** Compares what FSTAT said with what the walk saw; what the server does not say is no difference. */
function differs({ info }: ChildRecord, { attributes }: ReadFileResult): boolean {
  const now = remoteFileInfo(info.name, attributes);
  return (attributes.size !== undefined && now.size !== info.size) ||
    (attributes.mtime !== undefined && now.mtime !== info.mtime);
}

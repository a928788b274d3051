/** Writing a file with many requests in flight. */

import { dirname } from "../lib/byte_path.ts";
import { type ByteString, display } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Attributes } from "./attributes.ts";
import type { SftpClient } from "./client.ts";
import { Extension } from "./extensions.ts";
import { PacketReader } from "./packet_reader.ts";
import { OpenFlag, PacketType, StatusCode } from "./packet_type.ts";
import { expect, type Handle } from "./requests.ts";
import { REPLY_FIELDS } from "./session.ts";
import { decodeStatus, statusError, statusOf } from "./status.ts";

/** Bytes of one file that may be in flight. */
const WINDOW = 4 * 1024 * 1024;

/**
 * A file being written from its start. Requests are sent without waiting for the answers of those before. A
 * failure is reported by every call after it.
 */
export class Upload {
  readonly #client: SftpClient;
  readonly #path: ByteString;
  readonly #handle: Handle;
  #offset = 0;
  #inFlight = 0;
  #failure: PlakarError | undefined;
  #wake: (() => void) | undefined;
  #closed = false;

  private constructor(client: SftpClient, path: ByteString, handle: Handle) {
    this.#client = client;
    this.#path = path;
    this.#handle = handle;
  }

  /**
   * Creates a file, which must not be there yet.
   *
   * @param client where
   * @param path the new file
   * @param permissions its first mode, so that nobody looks into it too early; the server's choice if undefined
   * @returns the upload
   */
  static async create(
    client: SftpClient,
    path: ByteString,
    permissions: number | undefined,
  ): Promise<Upload> {
    const flags = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.EXCLUSIVE;
    try {
      return new Upload(client, path, await client.openFile(path, flags, { permissions }));
    } catch (error) {
      throw await explained(client, path, error, 1);
    }
  }

  /**
   * Appends bytes.
   *
   * @param piece the bytes; they may be changed once the promise resolves
   */
  async write(piece: Uint8Array): Promise<void> {
    const limit = this.#client.limits.write;
    for (let at = 0; at < piece.length; at += limit) {
      await this.#settled(WINDOW);
      this.#send(piece.subarray(at, at + limit));
    }
  }

  /**
   * Makes sure that what is asked for next happens after everything written so far. OpenSSH keeps the order of
   * requests; others, such as pkg/sftp, let setting attributes overtake writes, and the file would have the time of
   * the last of these. Those do not know how to flush a file either, which tells them apart.
   */
  async keepOrder(): Promise<void> {
    if (!this.#client.offers(Extension.FSYNC)) await this.#settled(0);
  }

  /**
   * Sets attributes, after everything written so far on servers that keep the order of requests.
   *
   * @param attributes what to set
   */
  setAttributes(attributes: Attributes): Promise<void> {
    return this.#client.fsetstat(this.#handle, this.#path, attributes);
  }

  /** Flushes the file to the server's disk; rejects as `unsupported` where the server cannot. */
  flush(): Promise<void> {
    return this.#client.fsync(this.#handle, this.#path);
  }

  /** Waits until everything written is acknowledged. */
  async written(): Promise<void> {
    await this.#settled(0);
  }

  /** Closes the file and waits until everything written is acknowledged. */
  async close(): Promise<void> {
    this.#closed = true;
    const closed = this.#client.closeHandle(this.#handle, this.#path);
    // A failed write is the cause of a failed close, and is the one to report.
    const [written, result] = await Promise.allSettled([this.#settled(0), closed]);
    if (written.status === "rejected") throw written.reason;
    if (result.status === "rejected") throw await explained(this.#client, this.#path, result.reason, 1);
  }

  /** Closes the file, whatever becomes of it. */
  abandon(): void {
    if (!this.#closed && !this.#client.failure) this.#client.forgetHandle(this.#handle);
    this.#closed = true;
  }

  #send(piece: Uint8Array): void {
    const { length } = piece;
    const finished = (failure?: PlakarError) => {
      this.#inFlight -= length;
      this.#failure ??= failure;
      this.#wake?.();
    };
    this.#inFlight += length;
    this.#client.write(this.#handle, this.#offset, piece, {
      reply: (type, packet) => {
        const reader = new PacketReader(packet, REPLY_FIELDS);
        const status = decodeStatus(expect({ operation: "write" }, type, PacketType.STATUS, reader));
        if (status.code === StatusCode.OK) return finished();
        explained(this.#client, this.#path, statusError("write", this.#path, status), length).then(finished);
      },
      fail: finished,
    });
    this.#offset += length;
  }

  /** Waits until less than so much is in flight, and nothing at all for 0. */
  async #settled(window: number): Promise<void> {
    while (!this.#failure && this.#inFlight > 0 && this.#inFlight >= window) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#failure) throw this.#failure;
  }
}

/** A full disk is a bare failure in SFTP: asks whether it is that. */
async function explained(
  client: SftpClient,
  path: ByteString,
  error: unknown,
  length: number,
): Promise<PlakarError> {
  const failure = error instanceof PlakarError
    ? error
    : new PlakarError("io", String(error), { cause: error });
  if (statusOf(failure) !== StatusCode.FAILURE) return failure;
  const space = await client.statvfs(dirname(path)).catch(() => undefined);
  if (space === undefined || space.available >= BigInt(length)) return failure;
  return new PlakarError(
    "no-space",
    `Cannot write "${display(path)}": no space is left on the server's file system`,
    { cause: failure, hint: "Free some space on the server, then try again", data: failure.data },
  );
}

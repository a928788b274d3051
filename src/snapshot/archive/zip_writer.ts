/** Writes zip archives. */

import { crc32, deflateRawSync } from "node:zlib";
import type { ByteString } from "../../lib/byte_string.ts";
import { toBytes } from "../../lib/byte_string.ts";
import { concat } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { ArchiveMember, ArchiveSink, ArchiveWriter } from "./archive_writer.ts";
import { DeflateStream } from "./deflate_stream.ts";
import {
  encodeCentralHeader,
  encodeDescriptor,
  encodeLocalHeader,
  encodeZipEnd,
  type ZipMember,
} from "./zip_records.ts";

/** Contents up to this size are compressed as one, so that their header can say their sizes. */
const SMALL = 1024 * 1024;
/** From this size on, 32 bits might not do even for what cannot be compressed. */
const LARGE = 0xff000000;
const MAX_NAME = 0xffff;

/** A zip archive that is being written. */
export class ZipWriter implements ArchiveWriter {
  /** The format knows none. */
  readonly hasHardLinks = false;
  /** The format knows none. */
  readonly hasPipes = false;
  readonly #sink: ArchiveSink;
  readonly #directory: Uint8Array[] = [];
  #offset = 0;
  #member: ZipMember | undefined;
  /** Content of a small member. */
  #kept: Uint8Array[] = [];
  #stream: DeflateStream | undefined;

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
    const name = (member.type === "directory" ? `${member.name}/` : member.name) as ByteString;
    if (name.length > MAX_NAME) {
      throw new PlakarError("unsupported", "The name is too long for a zip archive");
    }
    const isStreamed = member.size > SMALL;
    this.#member = {
      name,
      info: member.info,
      isDeflated: isStreamed,
      isStreamed,
      isLarge: member.size >= LARGE,
      crc: 0,
      compressedSize: 0,
      size: 0,
      offset: this.#offset,
    };
    this.#kept = member.type === "symlink" ? [toBytes(member.target)] : [];
    if (!isStreamed) return;
    await this.#write(encodeLocalHeader(this.#member));
    this.#stream = new DeflateStream("deflate-raw", (bytes) => this.#writeContent(bytes));
  }

  /**
   * Writes content.
   *
   * @param piece the next bytes
   */
  async write(piece: Uint8Array): Promise<void> {
    const member = this.#current();
    if (!this.#stream) {
      this.#kept.push(piece);
      return;
    }
    member.crc = crc32(piece, member.crc);
    member.size += piece.length;
    await this.#stream.write(piece);
  }

  /** Ends the member. */
  async end(): Promise<void> {
    const member = this.#current();
    if (this.#stream) {
      await this.#stream.finish();
      this.#stream = undefined;
      await this.#write(encodeDescriptor(member));
    } else await this.#writeSmall(member, concat(...this.#kept));
    this.#directory.push(encodeCentralHeader(member));
    this.#member = undefined;
    this.#kept = [];
  }

  /** Ends the archive. */
  async finish(): Promise<void> {
    const begin = this.#offset;
    for (const header of this.#directory) await this.#write(header);
    await this.#write(encodeZipEnd(this.#directory.length, begin, this.#offset - begin));
  }

  async #writeSmall(member: ZipMember, content: Uint8Array): Promise<void> {
    const deflated = content.length > 0 ? deflateRawSync(content) : content;
    member.isDeflated = deflated.length < content.length;
    const stored = member.isDeflated ? deflated : content;
    member.crc = crc32(content);
    member.size = content.length;
    await this.#write(encodeLocalHeader({ ...member, compressedSize: stored.length }));
    await this.#writeContent(stored);
  }

  async #writeContent(bytes: Uint8Array): Promise<void> {
    this.#current().compressedSize += bytes.length;
    await this.#write(bytes);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#offset += bytes.length;
    await this.#sink(bytes);
  }

  #current(): ZipMember {
    if (!this.#member) throw new TypeError("No member was begun");
    return this.#member;
  }
}

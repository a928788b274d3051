/** The formats of archives have one contract. */

import type { FileInfo } from "../../kloset/file_info.ts";
import type { ByteString } from "../../lib/byte_string.ts";

/** What a member of an archive is. */
export type MemberType = "file" | "directory" | "symlink" | "hardlink" | "pipe";

/** A member of an archive. */
export interface ArchiveMember {
  /** Its path in the archive, without a slash at either end; `.` for the directory that is archived. */
  name: ByteString;
  /** What it is. */
  type: MemberType;
  /** Its mode, owner and time. */
  info: FileInfo;
  /** Where a symbolic link points, or the name of the member that a hard link is another name of. */
  target: ByteString;
  /** How many bytes of content follow; 0 for everything but files. */
  size: number;
}

/** Takes the bytes of an archive; resolves when more may come. The bytes do not change any more. */
export type ArchiveSink = (bytes: Uint8Array) => Promise<void>;

/** Writes an archive, member by member: `begin`, any number of `write`, `end`; `finish` after the last. */
export interface ArchiveWriter {
  /** Whether a hard link can be a member; otherwise it is stored as a file. */
  readonly hasHardLinks: boolean;
  /** Whether a named pipe can be a member. */
  readonly hasPipes: boolean;
  /**
   * Begins a member.
   *
   * @param member the member
   */
  begin(member: ArchiveMember): Promise<void>;
  /**
   * Writes content of the member that was begun.
   *
   * @param piece the next bytes, which do not change any more; no more altogether than `size`
   */
  write(piece: Uint8Array): Promise<void>;
  /** Ends the member. Content that is missing is made up for so that what follows can be read. */
  end(): Promise<void>;
  /** Ends the archive. */
  finish(): Promise<void>;
}

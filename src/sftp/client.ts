/** The operations of SFTP version 3, one method each. Paths and names are bytes. */

import type { BytePipe } from "../lib/byte_pipe.ts";
import type { ByteString } from "../lib/byte_string.ts";
import type { PlakarError } from "../lib/errors.ts";
import { type Attributes, encodeAttributes } from "./attributes.ts";
import { decodeListing, type DirectoryEntry } from "./directory_entry.ts";
import { decodeFileSystemStatus, Extension, type FileSystemStatus } from "./extensions.ts";
import { askLimits, DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { PacketType } from "./packet_type.ts";
import type { PacketWriter } from "./packet_writer.ts";
import { firstName, type Handle, Requests } from "./requests.ts";
import { type ReplyReceiver, type SessionOptions, SftpSession } from "./session.ts";

/** An SFTP client on one channel. */
export class SftpClient {
  readonly #session: SftpSession;
  readonly #ask: Requests;
  #limits: Limits = DEFAULT_LIMITS;

  private constructor(session: SftpSession) {
    this.#session = session;
    this.#ask = new Requests(session);
  }

  /**
   * Starts SFTP on a pipe and asks the server for its limits.
   *
   * @param pipe the pipe of the subsystem
   * @param options how to behave
   * @returns a client that is ready
   */
  static async open(pipe: BytePipe, options: SessionOptions = {}): Promise<SftpClient> {
    const client = new SftpClient(await SftpSession.open(pipe, options));
    try {
      if (client.offers(Extension.LIMITS)) client.#limits = await askLimits(client.#ask);
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /** How much may be asked for at once. */
  get limits(): Limits {
    return this.#limits;
  }

  /** Why nothing more can be asked, or `undefined` while all is well. */
  get failure(): PlakarError | undefined {
    return this.#session.failure;
  }

  /** The extensions that the server offers, with what it said of each, most often a version. */
  get extensions(): ReadonlyMap<string, ByteString> {
    return this.#session.extensions;
  }

  /**
   * Whether the server offers an extension.
   *
   * @param name one of `Extension`
   * @returns true if it announced it
   */
  offers(name: string): boolean {
    return this.#session.extensions.has(name);
  }

  /**
   * Ends the session. What waits for an answer fails.
   *
   * @param reason what it fails with
   */
  close(reason?: PlakarError): void {
    this.#session.close(reason);
  }

  /**
   * Lowers how much is read at once, for servers that always answer with less.
   *
   * @param length what the server answered with
   */
  lowerReadLimit(length: number): void {
    if (length < this.#limits.read) this.#limits = { ...this.#limits, read: length };
  }

  /**
   * Opens a file.
   *
   * @param path the file
   * @param flags of `OpenFlag`
   * @param attributes of a file that is created
   * @returns its handle
   */
  openFile(path: ByteString, flags: number, attributes: Attributes = {}): Promise<Handle> {
    return this.#ask.handle({ operation: "open", path }, PacketType.OPEN, (writer) => {
      writer.string(path);
      writer.uint32(flags);
      encodeAttributes(writer, attributes);
    });
  }

  /**
   * Opens a directory for listing.
   *
   * @param path the directory
   * @returns its handle
   */
  openDirectory(path: ByteString): Promise<Handle> {
    return this.#ask.handle(
      { operation: "list directory", path },
      PacketType.OPENDIR,
      (writer) => writer.string(path),
    );
  }

  /**
   * Closes a handle.
   *
   * @param handle of a file or a directory
   * @param path what it was opened for
   */
  closeHandle(handle: Handle, path: ByteString): Promise<void> {
    return this.#ask.status(
      { operation: "close", path },
      PacketType.CLOSE,
      (writer) => writer.string(handle),
    );
  }

  /**
   * Closes a handle of which nothing is expected any more.
   *
   * @param handle of a file or a directory
   */
  forgetHandle(handle: Handle): void {
    const nothing = () => {};
    this.#session.request(
      PacketType.CLOSE,
      { reply: nothing, fail: nothing },
      (writer) => writer.string(handle),
    );
  }

  /**
   * Asks for a piece of a file. No promise is made: the answer is DATA or STATUS.
   *
   * @param handle of the file
   * @param offset where the piece begins
   * @param length how much to read at most
   * @param receiver takes the answer
   */
  read(handle: Handle, offset: number, length: number, receiver: ReplyReceiver): void {
    this.#session.request(PacketType.READ, receiver, (writer) => {
      writer.string(handle);
      writer.uint64(offset);
      writer.uint32(length);
    });
  }

  /**
   * Sends a piece of a file. No promise is made: the answer is STATUS.
   *
   * @param handle of the file
   * @param offset where the piece goes
   * @param piece the bytes, which are copied
   * @param receiver takes the answer
   */
  write(handle: Handle, offset: number, piece: Uint8Array, receiver: ReplyReceiver): void {
    this.#session.request(PacketType.WRITE, receiver, (writer) => {
      writer.string(handle);
      writer.uint64(offset);
      writer.bytes(piece);
    }, piece.length + 300);
  }

  /**
   * The next names of a directory.
   *
   * @param handle of the directory
   * @param path what it was opened for
   * @returns some names, or `undefined` after the last
   */
  readDirectory(handle: Handle, path: ByteString): Promise<DirectoryEntry[] | undefined> {
    return this.#ask.call(
      PacketType.READDIR,
      (writer) => writer.string(handle),
      (type, reader) => decodeListing(type, reader, path),
    );
  }

  /**
   * The attributes of what a path leads to, links followed.
   *
   * @param path any path
   * @returns what the server said
   */
  stat(path: ByteString): Promise<Attributes> {
    return this.#ask.attributes({ operation: "examine", path }, PacketType.STAT, path);
  }

  /**
   * The attributes of a path itself.
   *
   * @param path any path
   * @returns what the server said
   */
  lstat(path: ByteString): Promise<Attributes> {
    return this.#ask.attributes({ operation: "examine", path }, PacketType.LSTAT, path);
  }

  /**
   * The attributes of an open file.
   *
   * @param handle of the file
   * @param path what it was opened for
   * @returns what the server said
   */
  fstat(handle: Handle, path: ByteString): Promise<Attributes> {
    return this.#ask.attributes({ operation: "examine", path }, PacketType.FSTAT, handle);
  }

  /**
   * Sets attributes of what a path leads to.
   *
   * @param path any path
   * @param attributes what to set
   */
  setstat(path: ByteString, attributes: Attributes): Promise<void> {
    return this.#set(PacketType.SETSTAT, path, path, attributes);
  }

  /**
   * Sets attributes of an open file.
   *
   * @param handle of the file
   * @param path what it was opened for
   * @param attributes what to set
   */
  fsetstat(handle: Handle, path: ByteString, attributes: Attributes): Promise<void> {
    return this.#set(PacketType.FSETSTAT, handle, path, attributes);
  }

  /**
   * Sets attributes of a path itself; needs `lsetstat@openssh.com`.
   *
   * @param path any path, also a symbolic link
   * @param attributes what to set
   */
  lsetstat(path: ByteString, attributes: Attributes): Promise<void> {
    return this.#ask.extendedStatus(
      { operation: "set attributes of", path },
      Extension.LSETSTAT,
      (writer) => {
        writer.string(path);
        encodeAttributes(writer, attributes);
      },
    );
  }

  /**
   * The absolute path that a path leads to, without links.
   *
   * @param path any path; a relative one is relative to the login directory
   * @returns what the server made of it
   */
  realpath(path: ByteString): Promise<ByteString> {
    return this.#ask.name({ operation: "find", path }, PacketType.REALPATH, (writer) => writer.string(path));
  }

  /**
   * The absolute path that a path beginning with `~` leads to; rejects as `unsupported` if the server cannot say.
   *
   * @param path `~`, `~/…` or `~user/…`
   * @returns the path without its `~`
   */
  expandPath(path: ByteString): Promise<ByteString> {
    const subject = { operation: "find", path };
    return this.#ask.extended(subject, Extension.EXPAND_PATH, (writer) => writer.string(path), firstName);
  }

  /**
   * The target of a symbolic link.
   *
   * @param path the link
   * @returns its target, as it is written there
   */
  readlink(path: ByteString): Promise<ByteString> {
    return this.#ask.name(
      { operation: "read link", path },
      PacketType.READLINK,
      (writer) => writer.string(path),
    );
  }

  /**
   * Creates a symbolic link.
   *
   * @param path the link
   * @param target where it points to
   */
  symlink(path: ByteString, target: ByteString): Promise<void> {
    return this.#ask.status({ operation: "create link", path }, PacketType.SYMLINK, (writer) => {
      // OpenSSH has the two in this order, against the draft, and everybody followed.
      writer.string(target);
      writer.string(path);
    });
  }

  /**
   * Creates a directory.
   *
   * @param path the directory
   * @param attributes of the new directory
   */
  mkdir(path: ByteString, attributes: Attributes = {}): Promise<void> {
    return this.#ask.status({ operation: "create directory", path }, PacketType.MKDIR, (writer) => {
      writer.string(path);
      encodeAttributes(writer, attributes);
    });
  }

  /**
   * Removes a file or a link.
   *
   * @param path the file
   */
  remove(path: ByteString): Promise<void> {
    return this.#ask.status(
      { operation: "remove", path },
      PacketType.REMOVE,
      (writer) => writer.string(path),
    );
  }

  /**
   * Renames a file: over what is there where the server offers `posix-rename@openssh.com`; elsewhere it is
   * refused if something is there.
   *
   * @param from the present name
   * @param to the new name
   */
  rename(from: ByteString, to: ByteString): Promise<void> {
    const subject = { operation: "rename to", path: to };
    const names = (writer: PacketWriter) => {
      writer.string(from);
      writer.string(to);
    };
    return this.offers(Extension.POSIX_RENAME)
      ? this.#ask.extendedStatus(subject, Extension.POSIX_RENAME, names)
      : this.#ask.status(subject, PacketType.RENAME, names);
  }

  /**
   * Flushes an open file to the server's disk; rejects as `unsupported` if the server cannot.
   *
   * @param handle of the file
   * @param path what it was opened for
   */
  fsync(handle: Handle, path: ByteString): Promise<void> {
    const subject = { operation: "flush", path };
    return this.#ask.extendedStatus(subject, Extension.FSYNC, (writer) => writer.string(handle));
  }

  /**
   * The state of the file system that holds a path; rejects as `unsupported` if the server cannot say.
   *
   * @param path any path
   * @returns free space and identity
   */
  statvfs(path: ByteString): Promise<FileSystemStatus> {
    const subject = { operation: "ask for free space of", path };
    return this.#ask.extended(
      subject,
      Extension.STATVFS,
      (writer) => writer.string(path),
      decodeFileSystemStatus,
    );
  }

  #set(type: number, target: ByteString, path: ByteString, attributes: Attributes): Promise<void> {
    return this.#ask.status({ operation: "set attributes of", path }, type, (writer) => {
      writer.string(target);
      encodeAttributes(writer, attributes);
    });
  }
}

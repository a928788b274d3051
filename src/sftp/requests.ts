/** Requests whose answers are awaited one by one: everything but the contents of files. */

import type { ByteString } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import { type Attributes, decodeAttributes } from "./attributes.ts";
import { Extension } from "./extensions.ts";
import { PacketReader } from "./packet_reader.ts";
import { PacketType, StatusCode } from "./packet_type.ts";
import type { PacketWriter } from "./packet_writer.ts";
import { REPLY_FIELDS, type SftpSession } from "./session.ts";
import { decodeStatus, statusError, statusOf } from "./status.ts";

/** An open file or directory, as the server names it. */
export type Handle = ByteString & { readonly handle: true };

/** What is tried and on what, for messages. */
export interface Subject {
  /** Stands after "Cannot". */
  operation: string;
  /** What it is tried on. */
  path?: ByteString;
}

const LONGEST_HANDLE = 256;

/** Turns answers into promises. */
export class Requests {
  readonly #session: SftpSession;

  /**
   * Asks on a session.
   *
   * @param session where to ask
   */
  constructor(session: SftpSession) {
    this.#session = session;
  }

  /**
   * Sends a request and decodes its answer.
   *
   * @typeParam T what the answer is decoded to
   * @param type the type of the request
   * @param encode writes its fields
   * @param decode reads the answer; what it throws rejects the promise
   * @returns what `decode` returned
   */
  call<T>(
    type: number,
    encode: (writer: PacketWriter) => void,
    decode: (type: number, reader: PacketReader) => T,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const reply = (type: number, packet: Uint8Array) => {
        try {
          resolve(decode(type, new PacketReader(packet, REPLY_FIELDS)));
        } catch (error) {
          reject(error);
          // A refusal concerns this request only; an answer that cannot be read spoils the session.
          if (statusOf(error) === undefined) throw error;
        }
      };
      this.#session.request(type, { reply, fail: reject }, encode);
    });
  }

  /**
   * Sends a request that is answered with a status.
   *
   * @param subject what is tried, for messages
   * @param type the type of the request
   * @param encode writes its fields
   * @returns once the answer is OK
   */
  status(subject: Subject, type: number, encode: (writer: PacketWriter) => void): Promise<void> {
    return this.call(type, encode, (type, reader) => {
      const status = decodeStatus(expect(subject, type, PacketType.STATUS, reader));
      if (status.code !== StatusCode.OK) throw statusError(subject.operation, subject.path, status);
    });
  }

  /**
   * Sends a request that is answered with a handle.
   *
   * @param subject what is tried, for messages
   * @param type the type of the request
   * @param encode writes its fields
   * @returns the handle
   */
  handle(subject: Subject, type: number, encode: (writer: PacketWriter) => void): Promise<Handle> {
    return this.call(type, encode, (type, reader) => {
      const handle = expect(subject, type, PacketType.HANDLE, reader).string();
      if (handle.length > LONGEST_HANDLE) {
        throw new PlakarError("protocol", `Cannot use SFTP handle: it is ${handle.length} bytes long`);
      }
      return handle as Handle;
    });
  }

  /**
   * Sends a request that is answered with attributes.
   *
   * @param subject what is tried, for messages
   * @param type the type of the request
   * @param path the path or the handle asked about
   * @returns the attributes
   */
  attributes(subject: Subject, type: number, path: ByteString): Promise<Attributes> {
    return this.call(
      type,
      (writer) => writer.string(path),
      (type, reader) => decodeAttributes(expect(subject, type, PacketType.ATTRS, reader)),
    );
  }

  /**
   * Sends a request that is answered with one name.
   *
   * @param subject what is tried, for messages
   * @param type the type of the request
   * @param encode writes its fields
   * @returns the name
   */
  name(subject: Subject, type: number, encode: (writer: PacketWriter) => void): Promise<ByteString> {
    return this.call(
      type,
      encode,
      (type, reader) => firstName(expect(subject, type, PacketType.NAME, reader)),
    );
  }

  /**
   * Sends a request of an extension that is answered with a status.
   *
   * @param subject what is tried, for messages
   * @param name the extension
   * @param encode writes its fields
   * @returns once the answer is OK; rejects as `unsupported` if the server does not offer the extension
   */
  extendedStatus(subject: Subject, name: string, encode: (writer: PacketWriter) => void): Promise<void> {
    return this.#session.extensions.has(name)
      ? this.status(subject, PacketType.EXTENDED, extended(name, encode))
      : Promise.reject(notOffered(subject, name));
  }

  /**
   * Sends a request of an extension that is answered with something of its own.
   *
   * @typeParam T what the answer is decoded to
   * @param subject what is tried, for messages
   * @param name the extension
   * @param encode writes its fields
   * @param decode reads the answer
   * @returns what `decode` returned; rejects as `unsupported` if the server does not offer the extension
   */
  extended<T>(
    subject: Subject,
    name: string,
    encode: (writer: PacketWriter) => void,
    decode: (reader: PacketReader) => T,
  ): Promise<T> {
    if (!this.#session.extensions.has(name)) return Promise.reject(notOffered(subject, name));
    const expected = name === Extension.EXPAND_PATH ? PacketType.NAME : PacketType.EXTENDED_REPLY;
    return this.call(
      PacketType.EXTENDED,
      extended(name, encode),
      (type, reader) => decode(expect(subject, type, expected, reader)),
    );
  }
}

/**
 * Checks the type of an answer.
 *
 * @param subject what was asked, for messages
 * @param type the type that came
 * @param expected the type that is meant to come
 * @param reader the answer, at its fields
 * @returns the reader
 * @throws {PlakarError} what a STATUS in its place says, or `protocol`
 */
export function expect(subject: Subject, type: number, expected: number, reader: PacketReader): PacketReader {
  if (type === expected) return reader;
  if (type === PacketType.STATUS) {
    const status = decodeStatus(reader);
    if (status.code !== StatusCode.OK) throw statusError(subject.operation, subject.path, status);
  }
  throw new PlakarError(
    "protocol",
    `Cannot ${subject.operation}: the server answered with SFTP message ${type} instead of ${expected}`,
  );
}

/**
 * Reads a list of names that must hold exactly one.
 *
 * @param reader an answer, at its fields
 * @returns the name
 */
export function firstName(reader: PacketReader): ByteString {
  const count = reader.uint32();
  if (count !== 1) throw new PlakarError("protocol", `Server answered with ${count} names instead of one`);
  return reader.string();
}

function extended(name: string, encode: (writer: PacketWriter) => void): (writer: PacketWriter) => void {
  return (writer) => {
    writer.string(name as ByteString);
    encode(writer);
  };
}

function notOffered(subject: Subject, name: string): PlakarError {
  return new PlakarError("unsupported", `Cannot ${subject.operation}: the server does not offer ${name}`);
}

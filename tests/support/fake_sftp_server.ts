/**
 * A scripted SFTP server in memory. By default it serves its tree as an honest server does; a test replaces
 * the answer to any request to make it misbehave.
 */

import type { ByteString } from "../../src/lib/byte_string.ts";
import { type Attributes, decodeAttributes, encodeAttributes } from "../../src/sftp/attributes.ts";
import { PacketAssembler } from "../../src/sftp/packet_assembler.ts";
import { PacketReader } from "../../src/sftp/packet_reader.ts";
import { OpenFlag, PacketType, StatusCode } from "../../src/sftp/packet_type.ts";
import { PacketWriter } from "../../src/sftp/packet_writer.ts";
import { memoryPipe, type MemoryPipeEnd, type MemoryPipeOptions } from "./memory_pipe.ts";

/** Something in the tree. */
export interface FakeNode {
  attributes: Attributes;
  content?: Uint8Array;
  target?: string;
}

/** A name as READDIR, REALPATH and READLINK give it. */
export interface FakeName {
  name: string;
  attributes?: Attributes;
}

/** A decoded request. */
export interface FakeRequest {
  type: number;
  id: number;
  /** The path, or the path that the handle was opened for. */
  path: string;
  handle: string;
  offset: number;
  length: number;
  flags: number;
  /** The extension's name. */
  extension: string;
  /** The second path. */
  other: string;
  attributes: Attributes;
  bytes: Uint8Array;
}

/** Answers one request; `next` gives the honest answer. */
export type FakeHandler = (request: FakeRequest, next: () => void) => void;

const b = (text: string) => text as ByteString;

/** The server. Paths are byte strings. */
export class FakeSftpServer {
  /** The client's end of the pipe. */
  readonly pipe: MemoryPipeEnd;
  /** What is served, by absolute path. */
  readonly tree = new Map<string, FakeNode>();
  /** Replaces answers, by request type. */
  readonly handlers = new Map<number, FakeHandler>();
  /** Every request that came. */
  readonly requests: FakeRequest[] = [];
  /** What is announced. */
  extensions: [string, string][] = [];
  /** Handles that are open. */
  readonly handles = new Map<string, { path: string; unlisted?: FakeName[] }>();
  /** How many names one answer carries. */
  batch = 100;
  version = 3;
  readonly #end: MemoryPipeEnd;
  #handle = 0;

  constructor(options: MemoryPipeOptions = {}) {
    [this.pipe, this.#end] = memoryPipe(options);
    this.directory("/");
    const assembler = new PacketAssembler((packet) => this.#receive(packet));
    this.#end.start({ data: (bytes) => assembler.push(bytes), end: () => {} });
  }

  /** Adds a directory. */
  directory(path: string, attributes: Attributes = {}): void {
    this.tree.set(path, {
      attributes: {
        size: 4096,
        uid: 1000,
        gid: 1000,
        permissions: 0o040755,
        atime: 1,
        mtime: 1_700_000_000,
        ...attributes,
      },
    });
  }

  /** Adds a file. */
  file(path: string, content: Uint8Array | string = "", attributes: Attributes = {}): void {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.tree.set(path, {
      content: bytes,
      attributes: {
        size: bytes.length,
        uid: 1000,
        gid: 1000,
        permissions: 0o100644,
        atime: 1,
        mtime: 1_700_000_000,
        ...attributes,
      },
    });
  }

  /** Adds a symbolic link. */
  link(path: string, target: string): void {
    const attributes = { size: target.length, uid: 0, gid: 0, permissions: 0o120777, atime: 1, mtime: 1 };
    this.tree.set(path, { target, attributes });
  }

  /** Breaks the connection. */
  disconnect(error?: Error): void {
    this.#end.fail(error);
  }

  /** Sends any bytes. */
  raw(bytes: Uint8Array): void {
    this.#end.write(bytes);
  }

  status(id: number, code: number, text = ""): void {
    this.send(PacketType.STATUS, id, (writer) => {
      writer.uint32(code);
      writer.string(b(text));
      writer.string(b(""));
    });
  }

  data(id: number, bytes: Uint8Array): void {
    this.send(PacketType.DATA, id, (writer) => writer.bytes(bytes));
  }

  attrs(id: number, attributes: Attributes): void {
    this.send(PacketType.ATTRS, id, (writer) => encodeAttributes(writer, attributes));
  }

  names(id: number, entries: FakeName[]): void {
    this.send(PacketType.NAME, id, (writer) => {
      writer.uint32(entries.length);
      for (const { name, attributes } of entries) {
        writer.string(b(name));
        writer.string(b(""));
        encodeAttributes(writer, attributes ?? {});
      }
    });
  }

  send(type: number, id: number, encode: (writer: PacketWriter) => void): void {
    const writer = new PacketWriter();
    writer.begin(type);
    writer.uint32(id);
    encode(writer);
    writer.end();
    for (let piece = writer.take(); piece; piece = writer.take()) this.raw(piece);
  }

  #receive(packet: Uint8Array): void {
    const reader = new PacketReader(packet);
    const type = reader.uint8();
    if (type === PacketType.INIT) return this.#start();
    const request = this.#decode(type, reader);
    this.requests.push(request);
    const handler = this.handlers.get(type);
    const next = () => this.#answer(request);
    if (handler) handler(request, next);
    else next();
  }

  #start(): void {
    const handler = this.handlers.get(PacketType.INIT);
    const honest = () => {
      this.send(PacketType.VERSION, this.version, (writer) => {
        for (const [name, data] of this.extensions) {
          writer.string(b(name));
          writer.string(b(data));
        }
      });
    };
    const none = { path: "", handle: "", offset: 0, length: 0, flags: 0, extension: "", other: "" };
    const request = { ...none, type: PacketType.INIT, id: 0, attributes: {}, bytes: new Uint8Array() };
    if (handler) handler(request, honest);
    else honest();
  }

  #decode(type: number, reader: PacketReader): FakeRequest {
    const request: FakeRequest = {
      type,
      id: reader.uint32(),
      path: "",
      handle: "",
      offset: 0,
      length: 0,
      flags: 0,
      extension: "",
      other: "",
      attributes: {},
      bytes: new Uint8Array(),
    };
    if (type === PacketType.EXTENDED) {
      request.extension = reader.string();
      if (reader.remaining > 0) request.path = reader.string();
      if (request.extension.startsWith("posix-rename")) request.other = reader.string();
      if (request.extension.startsWith("lsetstat")) request.attributes = decodeAttributes(reader);
      if (request.extension.startsWith("fsync")) this.#resolve(request, request.path);
      return request;
    }
    const first = reader.string();
    request.path = first;
    if (HANDLE_REQUESTS.has(type)) this.#resolve(request, first);
    if (type === PacketType.OPEN) {
      request.flags = reader.uint32();
      request.attributes = decodeAttributes(reader);
    } else if (type === PacketType.READ) {
      request.offset = reader.uint64();
      request.length = reader.uint32();
    } else if (type === PacketType.WRITE) {
      request.offset = reader.uint64();
      request.bytes = reader.bytes().slice();
    } else if (type === PacketType.RENAME || type === PacketType.SYMLINK) request.other = reader.string();
    else if (type === PacketType.SETSTAT || type === PacketType.FSETSTAT || type === PacketType.MKDIR) {
      request.attributes = decodeAttributes(reader);
    }
    return request;
  }

  #resolve(request: FakeRequest, handle: string): void {
    request.handle = handle;
    request.path = this.handles.get(handle)?.path ?? "";
  }

  #answer(request: FakeRequest): void {
    const { type, id, path } = request;
    const node = this.tree.get(path);
    switch (type) {
      case PacketType.REALPATH: {
        const at = path === "." ? "/" : path.startsWith("/") ? path : "/" + path;
        const found = this.tree.get(at);
        return this.names(id, [{ name: found?.target ?? at }]);
      }
      case PacketType.OPEN:
        return this.#open(request);
      case PacketType.MKDIR:
        if (node) return this.status(id, StatusCode.FAILURE);
        this.directory(path);
        return this.status(id, StatusCode.OK);
      case PacketType.CLOSE:
        return this.status(id, this.handles.delete(request.handle) ? StatusCode.OK : StatusCode.FAILURE);
      case PacketType.EXTENDED:
        return this.#extended(request);
      case PacketType.SYMLINK:
        if (this.tree.has(request.other)) return this.status(id, StatusCode.FAILURE);
        this.link(request.other, path);
        return this.status(id, StatusCode.OK);
    }
    if (!node) return this.status(id, StatusCode.NO_SUCH_FILE, "No such file");
    switch (type) {
      case PacketType.LSTAT:
      case PacketType.FSTAT:
        return this.attrs(id, node.attributes);
      case PacketType.STAT:
        return this.attrs(id, this.tree.get(node.target ?? path)?.attributes ?? {});
      case PacketType.READLINK:
        return node.target === undefined
          ? this.status(id, StatusCode.FAILURE)
          : this.names(id, [{ name: node.target }]);
      case PacketType.OPENDIR:
        return this.#open(request);
      case PacketType.READDIR:
        return this.#list(request);
      case PacketType.READ: {
        const content = node.content ?? new Uint8Array();
        if (request.offset >= content.length) return this.status(id, StatusCode.EOF);
        return this.data(id, content.subarray(request.offset, request.offset + request.length));
      }
      case PacketType.WRITE: {
        const old = node.content ?? new Uint8Array();
        const content = new Uint8Array(Math.max(old.length, request.offset + request.bytes.length));
        content.set(old);
        content.set(request.bytes, request.offset);
        node.content = content;
        node.attributes.size = content.length;
        return this.status(id, StatusCode.OK);
      }
      case PacketType.SETSTAT:
      case PacketType.FSETSTAT:
        return this.#set(request, node);
      case PacketType.REMOVE:
        this.tree.delete(path);
        return this.status(id, StatusCode.OK);
      case PacketType.RENAME:
        if (this.tree.has(request.other)) return this.status(id, StatusCode.FAILURE);
        this.#rename(request, node);
        return;
    }
    this.status(id, StatusCode.OP_UNSUPPORTED);
  }

  #open(request: FakeRequest): void {
    const { id, path, flags } = request;
    if (request.type === PacketType.OPEN) {
      const there = this.tree.has(path);
      if (flags & OpenFlag.CREATE) {
        if (there && flags & OpenFlag.EXCLUSIVE) return this.status(id, StatusCode.FAILURE);
        if (!there) {
          this.file(path, "", { permissions: 0o100000 | (request.attributes.permissions ?? 0o644) });
        }
      } else if (!there) return this.status(id, StatusCode.NO_SUCH_FILE, "No such file");
    }
    const handle = `h${this.#handle++}`;
    this.handles.set(handle, { path });
    this.send(PacketType.HANDLE, id, (writer) => writer.string(b(handle)));
  }

  #list(request: FakeRequest): void {
    const open = this.handles.get(request.handle);
    if (!open) return this.status(request.id, StatusCode.FAILURE);
    open.unlisted ??= this.#entries(request);
    if (open.unlisted.length === 0) return this.status(request.id, StatusCode.EOF);
    this.names(request.id, open.unlisted.splice(0, this.batch));
  }

  #entries(request: FakeRequest): FakeName[] {
    const prefix = request.path === "/" ? "/" : request.path + "/";
    const entries: FakeName[] = [{ name: "." }, { name: ".." }];
    for (const [path, node] of this.tree) {
      const name = path.slice(prefix.length);
      if (path.startsWith(prefix) && name !== "" && !name.includes("/")) {
        entries.push({ name, attributes: node.attributes });
      }
    }
    return entries;
  }

  #set(request: FakeRequest, node: FakeNode): void {
    const type = (node.attributes.permissions ?? 0) & 0o170000;
    Object.assign(node.attributes, request.attributes);
    if (request.attributes.permissions !== undefined) {
      node.attributes.permissions = type | (request.attributes.permissions & 0o7777);
    }
    this.status(request.id, StatusCode.OK);
  }

  #rename(request: FakeRequest, node: FakeNode): void {
    this.tree.delete(request.path);
    this.tree.set(request.other, node);
    this.status(request.id, StatusCode.OK);
  }

  #extended(request: FakeRequest): void {
    const { id, extension, path } = request;
    const node = this.tree.get(path);
    if (!this.extensions.some(([name]) => name === extension)) {
      return this.status(id, StatusCode.OP_UNSUPPORTED);
    }
    if (extension.startsWith("limits")) {
      return this.send(PacketType.EXTENDED_REPLY, id, (writer) => {
        for (const value of [256 * 1024, 255 * 1024, 255 * 1024, 1000]) writer.uint64(value);
      });
    }
    if (extension.startsWith("statvfs")) {
      return this.send(PacketType.EXTENDED_REPLY, id, (writer) => {
        for (const value of [4096, 4096, 1000, 0, 0, 1000, 10, 10, 7, 0, 255]) writer.uint64(value);
      });
    }
    if (!node) return this.status(id, StatusCode.NO_SUCH_FILE, "No such file");
    if (extension.startsWith("posix-rename")) return this.#rename(request, node);
    if (extension.startsWith("lsetstat")) return this.#set(request, node);
    this.status(id, StatusCode.OK);
  }
}

const HANDLE_REQUESTS: ReadonlySet<number> = new Set([
  PacketType.CLOSE,
  PacketType.READ,
  PacketType.WRITE,
  PacketType.FSTAT,
  PacketType.FSETSTAT,
  PacketType.READDIR,
]);

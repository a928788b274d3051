/** The server side of the library ssh2, as far as the demonstration uses it, with types. */

import type { Buffer } from "node:buffer";

/** Attributes of a file on the wire; what is not set is not sent. */
export interface WireAttributes {
  /** Bytes. */
  size?: number;
  /** Owner. */
  uid?: number;
  /** Group. */
  gid?: number;
  /** Type and permission bits. */
  mode?: number;
  /** Seconds since 1970. */
  atime?: number;
  /** Seconds since 1970. */
  mtime?: number;
}

/** A name as an answer carries it. */
export interface WireName {
  /** The name alone, or the whole path. */
  filename: string;
  /** A line as `ls -l` would print it. */
  longname: string;
  /** Its attributes. */
  attrs: WireAttributes;
}

/** What a client can ask, with the arguments that follow the request's number. */
export interface SftpRequests {
  OPEN: [path: string, flags: number, attributes: WireAttributes];
  CLOSE: [handle: Buffer];
  READ: [handle: Buffer, offset: number, length: number];
  WRITE: [handle: Buffer, offset: number, data: Buffer];
  LSTAT: [path: string];
  STAT: [path: string];
  FSTAT: [handle: Buffer];
  SETSTAT: [path: string, attributes: WireAttributes];
  FSETSTAT: [handle: Buffer, attributes: WireAttributes];
  OPENDIR: [path: string];
  READDIR: [handle: Buffer];
  REMOVE: [path: string];
  MKDIR: [path: string, attributes: WireAttributes];
  RMDIR: [path: string];
  REALPATH: [path: string];
  RENAME: [from: string, to: string];
  READLINK: [path: string];
  /** In the order in which our client sends them, which is OpenSSH's. */
  SYMLINK: [target: string, link: string];
}

/** An SFTP channel: takes answers, each with its request's number. */
export interface SftpChannel {
  /** Listens for a request. */
  on<K extends keyof SftpRequests>(
    request: K,
    listener: (id: number, ...args: SftpRequests[K]) => void,
  ): unknown;
  /** Answers with an open file or directory. */
  handle(id: number, handle: Buffer): unknown;
  /** Answers with bytes. */
  data(id: number, data: Uint8Array): unknown;
  /** Answers with names. */
  name(id: number, names: WireName[]): unknown;
  /** Answers with attributes. */
  attrs(id: number, attributes: WireAttributes): unknown;
  /** Answers with success or failure. */
  status(id: number, code: number): unknown;
}

/** An attempt to log in. */
export interface Authentication {
  /** The method, `publickey` for one. */
  method: string;
  /** The public key offered. */
  key?: { algo: string; data: Buffer };
  /** What the client signed; not set while it only asks. */
  blob?: Buffer;
  /** The signature. */
  signature?: Buffer;
  /** The hash that the signature algorithm names. */
  hashAlgo?: string;
  /** Lets the client in, or says that the key would do. */
  accept(): void;
  /** Refuses. */
  reject(methods?: string[]): void;
}

/** A session of a client. */
export interface ServerSession {
  /** Listens for the SFTP subsystem. */
  on(event: "sftp", listener: (accept: () => SftpChannel) => void): unknown;
}

/** A client's connection. */
export interface ServerConnection {
  /** Listens for attempts to log in. */
  on(event: "authentication", listener: (attempt: Authentication) => void): unknown;
  /** Listens for sessions. */
  on(event: "session", listener: (accept: () => ServerSession) => void): unknown;
  /** Listens for failures of the connection. */
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** A listening server. */
export interface SshServer {
  /** Listens on an address. */
  listen(port: number, host: string, done: () => void): unknown;
  /** Where it listens. */
  address(): { port: number };
  /** Stops listening. */
  close(done?: () => void): unknown;
}

/** A public key that checks signatures. */
export interface PublicKey {
  /** The public key as SSH carries it. */
  getPublicSSH(): Buffer;
  /** Checks a signature. */
  verify(data: Buffer, signature: Buffer, hash?: string): boolean | Error;
}

/** The library. */
export interface Ssh2ServerLibrary {
  /** Makes a server. */
  Server: new (config: { hostKeys: string[] }, connected: (client: ServerConnection) => void) => SshServer;
  /** Keys. */
  utils: {
    /** Makes a key pair in OpenSSH's format. */
    generateKeyPairSync(type: "ed25519"): { private: string; public: string };
    /** Understands a key file. */
    parseKey(key: string): PublicKey | Error;
  };
}

/**
 * Loads the library.
 *
 * @returns its server side
 */
export async function loadSsh2Server(): Promise<Ssh2ServerLibrary> {
  const module: { default: Ssh2ServerLibrary } = await import("ssh2");
  return module.default;
}

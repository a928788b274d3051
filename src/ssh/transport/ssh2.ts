/**
 * The part of the library ssh2 that is used here, with types, and the only place that imports it. Loading it
 * takes longer than the rest of the program, so that happens when the first connection is opened.
 */

import type { Buffer } from "node:buffer";
import type { DiffieHellman } from "node:crypto";
import type { Duplex, Readable } from "node:stream";
import { ChaCha20Poly1305Cipher, type OutboundKeys } from "./chacha20_poly1305.ts";
import { type CompressedProtocol, CompressingWriter, InflatingReader } from "./compression.ts";
import { Decipher, type PayloadReceiver } from "./decipher.ts";
import { type InboundKeys, packetOpener } from "./packet_openers.ts";

/** A key that ssh2 understood. */
export interface Ssh2Key {
  /** The SSH key type. */
  readonly type: string;
  /** The comment. */
  readonly comment: string;
  /** The public blob. */
  getPublicSSH(): Buffer;
  /** The private key in PEM, or `null`. */
  getPrivatePEM(): string | null;
}

/** A channel of a connection. */
export interface Ssh2Channel extends Duplex {
  /** What the far side wrote to its standard error. */
  readonly stderr: Readable;
  /** This side's number of it, and how much may still come. */
  readonly incoming: { readonly id: number; window: number };
  /** The far side's number of it. */
  readonly outgoing: { readonly id: number; readonly state: string };
  /** Closes the channel from this side. */
  close(): void;
}

/** What was agreed in a key exchange. */
export interface Ssh2Negotiated {
  /** The key exchange method. */
  kex: string;
  /** The host key algorithm. */
  serverHostKey: string;
  /** Client to server. */
  cs: { cipher: string; mac: string };
  /** Server to client. */
  sc: { cipher: string; mac: string };
}

/** One question of keyboard-interactive authentication. */
export interface Ssh2Prompt {
  /** The question. */
  prompt: string;
  /** Whether the answer may be shown. */
  echo: boolean;
}

/** An attempt to authenticate, as ssh2 takes it. */
export type Ssh2Attempt =
  | { type: "none"; username: string }
  | { type: "password"; username: string; password: string }
  | { type: "publickey"; username: string; key: Ssh2Key }
  | {
    type: "keyboard-interactive";
    username: string;
    prompt: (
      name: string,
      instructions: string,
      language: string,
      prompts: Ssh2Prompt[],
      answer: (answers: string[]) => void,
    ) => void;
  };

/** What a connection is told. */
export interface Ssh2Config {
  /** The connected stream. */
  sock: Duplex;
  /** The user. */
  username: string;
  /** Decides over the host key, at every key exchange. Required: without it ssh2 accepts anything. */
  hostVerifier: (blob: Buffer, decide: (accepted: boolean) => void) => void;
  /** Chooses the next attempt. */
  authHandler: (
    methodsLeft: string[] | null,
    partialSuccess: boolean | null,
    next: (attempt: Ssh2Attempt | false) => void,
  ) => void;
  /** Algorithms, most wanted first. */
  algorithms: {
    kex: string[];
    serverHostKey: string[];
    cipher: string[];
    hmac: string[];
    compress: string[];
  };
  /** Milliseconds between keepalives; 0 for none. */
  keepaliveInterval: number;
  /** Unanswered keepalives after which the connection is lost. */
  keepaliveCountMax: number;
  /** Milliseconds until the handshake must be over; 0 for no limit. */
  readyTimeout: number;
  /** Told of protocol steps. */
  debug?: (message: string) => void;
  /** The software version in our identification. */
  ident: string;
}

/** A list of algorithms in an offer. */
export interface Ssh2List {
  /** The names, most wanted first. */
  readonly array: string[];
}

/** The lists of one direction. */
export interface Ssh2DirectionLists<List> {
  /** Encryption. */
  readonly cipher: List;
  /** Integrity. */
  readonly mac: List;
  /** Compression. */
  readonly compress: List;
  /** Languages. */
  readonly lang: List;
}

/** All lists of an offer. */
export interface Ssh2Lists<List> {
  /** Key exchange. */
  readonly kex: List;
  /** Host keys. */
  readonly serverHostKey: List;
  /** Client to server. */
  readonly cs: Ssh2DirectionLists<List>;
  /** Server to client. */
  readonly sc: Ssh2DirectionLists<List>;
}

/** What is offered to the server. */
export interface Ssh2Offer {
  /** The lists. */
  readonly lists: Ssh2Lists<Ssh2List>;
  /** Makes another. */
  readonly constructor: new (lists: Ssh2Lists<string[]>) => Ssh2Offer;
}

/** A key exchange. */
export interface Ssh2KeyExchange {
  /** The first exchange hash of the connection. */
  readonly sessionID: Uint8Array;
  /** What was agreed on. */
  readonly negotiated: Ssh2Negotiated;
  /** Checks the server's signature, and begins to use the new keys. */
  finish(...args: unknown[]): unknown;
  /** The name of the group of a Diffie-Hellman exchange, where it is fixed. */
  readonly groupName?: string;
  /** Takes the group that the server chose, where it chooses one. */
  setDHParams?(prime: Uint8Array, generator: Uint8Array): void;
  /** The prime that the server chose. */
  readonly _prime?: Buffer;
  /** The generator of that group. */
  readonly _generator?: Buffer;
  /** The group of a Diffie-Hellman exchange that is under way. */
  getDHParams?(): { prime: Uint8Array } | undefined;
  /** Makes our private and public number, unless they are made already. */
  generateKeys(): void;
  /** The group with our private number, once it is made. */
  _dh?: DiffieHellman | null;
  /** Our public number, once it is made. */
  _public?: Uint8Array | null;
  /** Calculates the secret from the server's public number or point; an error ends the exchange. */
  computeSecret(publicNumber: Uint8Array): Uint8Array | Error;
}

/** The protocol machine of a connection. Its members are internal to ssh2, whose version is pinned. */
export interface Ssh2Protocol {
  /** Sends a request to authenticate with a key: without `sign` a question, with `sign` the real one. */
  authPK(user: string, key: Ssh2Key, algorithm?: string, sign?: unknown): void;
  /** Begins another key exchange. */
  rekey(): void;
  /** The key exchange, the current one or the last. */
  readonly _kex?: Ssh2KeyExchange;
  /** What is offered to the server, once it is heard of. */
  _offer: Ssh2Offer;
  /** Set while keys are exchanged: no other messages may be sent. */
  readonly _kexinit?: unknown;
  /** Whether strict key exchange is in force. */
  readonly _strictMode?: boolean;
  /** Makes packets. */
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(payloadLength: number): Uint8Array;
      finalize(packet: Uint8Array): Uint8Array;
    };
  };
  /** Takes what the server sent. */
  parse(data: Buffer, start: number, end: number): void;
  /** Takes messages apart, once the server is heard of. */
  readonly _decipher?: object;
  /** Sends packets. */
  readonly _cipher: { encrypt(packet: Uint8Array): void };
  /** Which authentication method the next message of type 60 belongs to. */
  readonly _authsQueue: string[];
  /** Allows the far side to send more on a channel. */
  channelWindowAdjust(channel: number, amount: number): void;
  /** Told of messages. */
  readonly _handlers: {
    EXT_INFO(protocol: unknown, extensions: Ssh2Extension[]): void;
    CHANNEL_DATA(protocol: unknown, recipient: number, data: Buffer): void;
  };
  /** Told of every step; costs time on every packet. */
  _debug?: (message: string) => void;
}

/** One extension a server announces (RFC 8308). */
export interface Ssh2Extension {
  /** Its name. */
  name: string;
  /** The algorithms, of `server-sig-algs`. */
  algs?: string[];
}

/** A connection. */
export interface Ssh2Client {
  /** The protocol machine, once `connect` was called. */
  readonly _protocol: Ssh2Protocol;
  /** The server's software version, once it is known. */
  readonly _remoteVer?: string;
  /** Begins. */
  connect(config: Ssh2Config): unknown;
  /** Opens a subsystem in a new channel. */
  subsys(name: string, done: (error: Error | undefined, channel: Ssh2Channel) => void): unknown;
  /** Opens a TCP connection from the server. */
  forwardOut(
    sourceHost: string,
    sourcePort: number,
    host: string,
    port: number,
    done: (error: Error | undefined, channel: Ssh2Channel) => void,
  ): unknown;
  /** Disconnects. */
  end(): unknown;
  /** Cuts the connection. */
  destroy(): unknown;
  /** Listens. */
  on(event: "ready" | "close" | "end", listener: () => void): unknown;
  /** Listens. */
  on(event: "error", listener: (error: Error & { level?: string; code?: unknown }) => void): unknown;
  /** Listens. */
  on(event: "banner" | "greeting", listener: (text: string) => void): unknown;
  /** Listens. */
  on(event: "handshake", listener: (negotiated: Ssh2Negotiated) => void): unknown;
}

/** The library. */
export interface Ssh2 {
  /** Makes a connection. */
  Client: new () => Ssh2Client;
  /** Key parsing. */
  utils: {
    /** Parses a private or public key file of any format ssh2 knows. */
    parseKey(data: string, passphrase?: string): Ssh2Key | Ssh2Key[] | Error;
  };
}

/** What ssh2 makes a decipher from. */
interface Ssh2DecipherConfig {
  inbound: InboundKeys & { seqno: number; onPayload: PayloadReceiver };
}

/** What ssh2 makes a cipher from. */
interface Ssh2CipherConfig {
  outbound: OutboundKeys & { cipherInfo: { sslName: string } };
}

/** ssh2's module of ciphers. */
interface Ssh2Crypto {
  createCipher: (config: Ssh2CipherConfig) => object;
  createDecipher: (config: Ssh2DecipherConfig) => object;
}

/** ssh2's module of compression. */
interface Ssh2Compression {
  ZlibPacketReader: new () => object;
  ZlibPacketWriter: new (protocol: CompressedProtocol) => object;
}

/**
 * Loads the library.
 *
 * @returns the library
 */
export function loadSsh2(): Promise<Ssh2> {
  return loaded ??= load();
}

async function load(): Promise<Ssh2> {
  await replaceCiphers();
  await replaceCompression();
  const module: { default: Ssh2 } = await import("ssh2");
  return module.default;
}

/** The rest of ssh2 takes the functions that make ciphers and deciphers when it is loaded. */
async function replaceCiphers(): Promise<void> {
  const crypto: { default: Ssh2Crypto } = await import("ssh2/lib/protocol/crypto.js");
  const { createCipher, createDecipher } = crypto.default;
  crypto.default.createCipher = (config) => {
    const { outbound } = config;
    return outbound.cipherInfo.sslName === "chacha20"
      ? new ChaCha20Poly1305Cipher(outbound)
      : createCipher(config);
  };
  crypto.default.createDecipher = (config) => {
    const opener = packetOpener(config.inbound);
    const { seqno, onPayload } = config.inbound;
    return opener ? new Decipher(opener, seqno, onPayload) : createDecipher(config);
  };
}

/** The same is true of the classes that compress. */
async function replaceCompression(): Promise<void> {
  const zlib: { default: Ssh2Compression } = await import("ssh2/lib/protocol/zlib.js");
  zlib.default.ZlibPacketReader = InflatingReader;
  zlib.default.ZlibPacketWriter = CompressingWriter;
}

let loaded: Promise<Ssh2> | undefined;

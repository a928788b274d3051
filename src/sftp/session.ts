/** One SFTP channel: version exchange, request ids, time limit. What is asked and answered is in `client.ts`. */

import { setImmediate } from "node:timers";
import type { BytePipe } from "../lib/byte_pipe.ts";
import { type ByteString, display, fromBytes } from "../lib/byte_string.ts";
import { concat, viewOf } from "../lib/bytes.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";
import { MAX_PACKET_LENGTH, PacketAssembler } from "./packet_assembler.ts";
import { PacketReader } from "./packet_reader.ts";
import { PacketType } from "./packet_type.ts";
import { PacketWriter } from "./packet_writer.ts";

/** Takes the one answer to a request. */
export interface ReplyReceiver {
  /**
   * The server answered.
   *
   * @param type the type of the answer
   * @param packet the answer, valid only during the call; its fields begin at {@linkcode REPLY_FIELDS}
   */
  reply(type: number, packet: Uint8Array): void;
  /** There will be no answer. */
  fail(error: PlakarError): void;
}

/** Where the fields of an answer begin: behind the type and the request id. */
export const REPLY_FIELDS = 5;

/** How a session behaves. */
export interface SessionOptions {
  /** Milliseconds after which a server that owes an answer counts as lost. */
  requestTimeout?: number;
  /** Aborted when nobody wants the work any more: what was begun is cleared away, but not patiently. */
  signal?: AbortSignal;
  /** The `requestTimeout` from then on. */
  interruptedTimeout?: number;
  /** Told when the server counts as lost because it owed an answer for too long. */
  timedOut?: () => void;
}

interface Pending {
  receiver: ReplyReceiver;
  sentAt: number;
}

const DEFAULT_TIMEOUT = 60_000;
const DEFAULT_INTERRUPTED_TIMEOUT = 5000;
/** A server that goes on answering others may keep one request waiting this many times longer. */
const PATIENCE = 10;
/** No caller has more requests open; a server that leaves so many unanswered has lost some. */
const MAX_PENDING = 32_768;
/** Joining requests as long as this with others gains nothing. */
const LARGE_REQUEST = 16 * 1024;
const SHOWN_CHATTER = 300;

/** Sends requests and finds the receiver of each answer. */
export class SftpSession {
  readonly #pipe: BytePipe;
  readonly #options: SessionOptions;
  #timeout: number;
  readonly #writer = new PacketWriter();
  readonly #assembler = new PacketAssembler((packet) => this.#receive(packet));
  readonly #pending = new Map<number, Pending>();
  readonly #extensions = new Map<string, ByteString>();
  #nextId = 0;
  #started = false;
  /** What came before it was clear that the server speaks SFTP. */
  #first: Uint8Array | undefined = new Uint8Array();
  #flushScheduled = false;
  #pipeFull = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardAt = 0;
  #failure: PlakarError | undefined;
  #version = Promise.withResolvers<void>();
  readonly #hurry = (): void => {
    this.#timeout = Math.min(this.#timeout, this.#options.interruptedTimeout ?? DEFAULT_INTERRUPTED_TIMEOUT);
    if (!this.#started) this.#arm();
    else if (this.#pending.size > 0) {
      clearTimeout(this.#timer);
      this.#check();
    }
  };

  private constructor(pipe: BytePipe, options: SessionOptions) {
    this.#pipe = pipe;
    this.#options = options;
    this.#timeout = options.requestTimeout ?? DEFAULT_TIMEOUT;
    options.signal?.addEventListener("abort", this.#hurry);
  }

  /**
   * Starts SFTP on a pipe.
   *
   * @param pipe the pipe of the subsystem
   * @param options how to behave
   * @returns the session, once versions have been exchanged
   */
  static async open(pipe: BytePipe, options: SessionOptions = {}): Promise<SftpSession> {
    const session = new SftpSession(pipe, options);
    if (options.signal?.aborted) session.#hurry();
    else session.#arm();
    pipe.start({ data: (bytes) => session.#data(bytes), end: (error) => session.#end(error) });
    session.#writer.begin(PacketType.INIT);
    session.#writer.uint32(3);
    session.#writer.end();
    session.#flush();
    await session.#version.promise;
    return session;
  }

  /** The extensions that the server offers, with the data that it gave for each. */
  get extensions(): ReadonlyMap<string, ByteString> {
    return this.#extensions;
  }

  /** Why nothing more can be asked, or `undefined` while all is well. */
  get failure(): PlakarError | undefined {
    return this.#failure;
  }

  /**
   * Sends a request. It leaves when this turn of the event loop ends, together with the others of the turn.
   *
   * @param type the type of the request
   * @param receiver takes the answer
   * @param encode writes the fields behind the request id
   * @param expected about how long the request is
   */
  request(
    type: number,
    receiver: ReplyReceiver,
    encode: (writer: PacketWriter) => void,
    expected?: number,
  ): void {
    if (this.#failure) {
      const failure = this.#failure;
      queueMicrotask(() => receiver.fail(failure));
      return;
    }
    const id = this.#nextId;
    this.#nextId = (id + 1) >>> 0;
    if (this.#pending.size === 0) this.#arm();
    this.#pending.set(id, { receiver, sentAt: this.#now() });
    this.#writer.begin(type, expected);
    this.#writer.uint32(id);
    encode(this.#writer);
    this.#writer.end();
    if (this.#pending.size > MAX_PENDING) {
      this.close(new PlakarError("protocol", `Server left ${MAX_PENDING} SFTP requests unanswered`));
    } else if (expected !== undefined && expected > LARGE_REQUEST) this.#flush();
    else this.#scheduleFlush();
  }

  /**
   * Ends the session. What waits for an answer fails.
   *
   * @param reason what it fails with
   */
  close(reason: PlakarError = new PlakarError("interrupted", "SFTP session was closed")): void {
    if (this.#failure) return;
    this.#failure = reason;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#hurry);
    this.#pipe.close();
    this.#version.reject(reason);
    this.#version.promise.catch(() => {});
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { receiver } of pending) receiver.fail(reason);
  }

  #data(bytes: Uint8Array): void {
    if (this.#failure) return;
    this.#heardAt = this.#now();
    try {
      const recognised = this.#first === undefined ? bytes : this.#recognise(concat(this.#first, bytes));
      if (recognised) this.#assembler.push(recognised);
    } catch (error) {
      this.close(
        error instanceof PlakarError
          ? error
          : new PlakarError("protocol", `Cannot handle SFTP answer: ${messageOf(error)}`, { cause: error }),
      );
    }
  }

  #end(error?: Error): void {
    if (error instanceof PlakarError) this.close(error);
    else if (!this.#started) {
      this.close(
        new PlakarError(
          "protocol",
          "Cannot start SFTP: the server closed the channel before its first message",
          {
            hint: "Check that the server has an SFTP subsystem (Subsystem sftp in sshd_config)",
            cause: error,
          },
        ),
      );
    } else {
      const why = error ? `: ${messageOf(error)}` : "";
      this.close(
        new PlakarError("network", `SFTP connection was closed by the server${why}`, { cause: error }),
      );
    }
  }

  #receive(packet: Uint8Array): void {
    if (this.#failure) return;
    if (!this.#started) return this.#receiveVersion(packet);
    if (packet.length < REPLY_FIELDS) {
      throw new PlakarError("protocol", `Cannot read SFTP answer: it is only ${packet.length} bytes long`);
    }
    const id = ((packet[1] << 24) | (packet[2] << 16) | (packet[3] << 8) | packet[4]) >>> 0;
    const pending = this.#pending.get(id);
    if (!pending) {
      throw new PlakarError(
        "protocol",
        `Server answered SFTP request ${id}, which is not waiting for an answer`,
      );
    }
    this.#pending.delete(id);
    if (this.#pending.size === 0) clearTimeout(this.#timer);
    try {
      pending.receiver.reply(packet[0], packet);
    } catch (error) {
      const failure = error instanceof PlakarError
        ? error
        : new PlakarError("protocol", `Cannot handle SFTP answer: ${messageOf(error)}`, { cause: error });
      pending.receiver.fail(failure);
      throw failure;
    }
  }

  #receiveVersion(packet: Uint8Array): void {
    const reader = new PacketReader(packet);
    reader.uint8();
    const version = reader.uint32();
    if (version < 3) {
      throw new PlakarError(
        "unsupported",
        `Cannot start SFTP: the server speaks only version ${version}, not 3`,
      );
    }
    while (reader.remaining > 0) this.#extensions.set(reader.string(), reader.string());
    this.#started = true;
    clearTimeout(this.#timer);
    this.#version.resolve();
  }

  /**
   * A login shell that prints something spoils the stream: say so, and show what it printed. Returns the
   * bytes once they look like SFTP.
   */
  #recognise(first: Uint8Array): Uint8Array | undefined {
    this.#first = first;
    if (first.length < 5) return undefined;
    if (viewOf(first).getUint32(0) > MAX_PACKET_LENGTH || first[4] !== PacketType.VERSION) {
      // SFTP's own answer may follow at once: its length begins with a zero, which no text has.
      const zero = first.indexOf(0);
      const end = Math.min(SHOWN_CHATTER, zero > 0 ? zero : first.length);
      const text = fromBytes(first.subarray(0, end)).trimEnd() as ByteString;
      throw new PlakarError(
        "protocol",
        `Cannot start SFTP: the server sent something else first: "${display(text)}"`,
        { hint: "Let the account's shell start-up files print nothing when no terminal is there" },
      );
    }
    this.#first = undefined;
    return first;
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#pipeFull) return;
    this.#flushScheduled = true;
    // Not a microtask: what the answers of this turn make others ask leaves in the same piece, too.
    setImmediate(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (!this.#pipeFull && !this.#failure) {
      const piece = this.#writer.take();
      if (!piece) return;
      if (this.#pipe.write(piece)) continue;
      this.#pipeFull = true;
      this.#pipe.drained().then(() => {
        this.#pipeFull = false;
        this.#flush();
      }, () => {});
    }
  }

  /** A clock that stands still while it is this side that waits: the server is not to blame for that. */
  #now(): number {
    return performance.now() - (this.#pipe.held ?? 0);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#heardAt = this.#now();
    this.#timer = setTimeout(() => this.#check(), this.#timeout);
  }

  /** One timer for all requests: the first in the map is the oldest. */
  #check(): void {
    const now = this.#now();
    const oldest = this.#pending.values().next().value;
    const age = now - (oldest?.sentAt ?? 0);
    const quiet = now - Math.max(this.#heardAt, oldest?.sentAt ?? 0);
    // A timer may ring a little early.
    if (!this.#started || quiet >= this.#timeout - 1 || age >= this.#timeout * PATIENCE) {
      const seconds = Math.round(Math.max(quiet, this.#timeout) / 1000 * 10) / 10;
      this.close(
        new PlakarError("timeout", `Server did not answer SFTP requests for ${seconds} seconds`, {
          hint: "Check the network and the load of the server, then try again",
        }),
      );
      this.#options.timedOut?.();
      return;
    }
    this.#timer = setTimeout(() => this.#check(), Math.max(10, this.#timeout - quiet));
  }
}

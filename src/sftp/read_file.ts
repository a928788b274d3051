/** Reading a whole file with many requests in flight. */

import { type ByteString, display } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import { type Attributes, FileType, fileType } from "./attributes.ts";
import type { SftpClient } from "./client.ts";
import { PacketReader } from "./packet_reader.ts";
import { OpenFlag, PacketType, StatusCode } from "./packet_type.ts";
import { type HeldPiece, ReadBudget } from "./read_budget.ts";
import { expect, type Handle } from "./requests.ts";
import { REPLY_FIELDS } from "./session.ts";
import { decodeStatus, statusError } from "./status.ts";

/** Takes consecutive pieces of a file, valid only during the call. If it returns a promise, reading pauses. */
export type PieceSink = (piece: Uint8Array) => void | Promise<void>;

/** How a file is read. */
export interface ReadFileOptions {
  /** Stops reading. */
  signal?: AbortSignal;
  /** Where to begin, 0 if not given. */
  offset?: number;
  /** Bounds what all files that share it hold at once. */
  budget?: ReadBudget;
}

/** What was read. */
export interface ReadFileResult {
  /** Where the file ended. */
  size: number;
  /** What the server said about the open file after the last byte was read. */
  attributes: Attributes;
  /** Whether the file was cut while it was read, so that pieces of different times may have been given. */
  torn: boolean;
}

/** A piece of the file that was asked for. */
interface Block {
  readonly offset: number;
  readonly length: number;
  /** Bytes that came so far. */
  got: number;
  /** Whether an answer is on its way. */
  asked: boolean;
  /** Whether the file ends within this block. */
  ended: boolean;
  /** What came before its turn. */
  held: HeldPiece[];
}

/** Bytes of one file that may be in flight. */
const WINDOW = 4 * 1024 * 1024;
const MAX_IN_FLIGHT = 64;
/** So much is asked for even of a file that is said to be empty, as those of /proc are. */
const SMALLEST_READ = 32 * 1024;
/** A server that answers with less than this lacks data, not room. */
const SMALLEST_LIMIT = 16 * 1024;

/**
 * Reads a file from start to end, whatever size it was said to have.
 *
 * A small file costs two round trips: OPEN, then READ and FSTAT together. Nothing waits for CLOSE.
 *
 * @param client where the file is
 * @param path the file
 * @param sizeHint how long it is expected to be
 * @param sink takes the pieces
 * @param options how to read
 * @returns where it ended, and its attributes at that time
 */
export async function readFile(
  client: SftpClient,
  path: ByteString,
  sizeHint: number,
  sink: PieceSink,
  options: ReadFileOptions = {},
): Promise<ReadFileResult> {
  const { signal } = options;
  signal?.throwIfAborted();
  const handle = await client.openFile(path, OpenFlag.READ);
  const download = new Download(client, handle, path, sizeHint, sink, options);
  const abort = () => download.stop(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await download.done;
  } finally {
    signal?.removeEventListener("abort", abort);
    if (!client.failure) client.forgetHandle(handle);
  }
}

/** The state of one file that is being read. It works in callbacks: an answer costs no promise. */
class Download {
  readonly #client: SftpClient;
  readonly #handle: Handle;
  readonly #path: ByteString;
  readonly #hint: number;
  readonly #sink: PieceSink;
  readonly #budget: ReadBudget;
  readonly #result = Promise.withResolvers<ReadFileResult>();
  /** What was asked for and not yet given to the sink, in order. */
  #blocks: Block[] = [];
  /** Where the next block begins. */
  #next: number;
  #readsSent = 0;
  /** How many blocks are asked for at once when the file goes on past its expected end. */
  #batch = 1;
  #endSeen = false;
  #sinking = false;
  #stopped = false;
  /** Where the file ended, once everything before has been given to the sink. */
  #end: number | undefined;
  #torn = false;
  /** Why a READ was refused; kept until FSTAT has said whether this is a file at all. */
  #refusal: PlakarError | undefined;
  #attributes: Attributes | undefined;
  /** How many READs had been sent before the last FSTAT. */
  #readsExamined = 0;

  constructor(
    client: SftpClient,
    handle: Handle,
    path: ByteString,
    sizeHint: number,
    sink: PieceSink,
    options: ReadFileOptions,
  ) {
    this.#client = client;
    this.#handle = handle;
    this.#path = path;
    this.#next = options.offset ?? 0;
    this.#hint = Math.max(sizeHint, this.#next);
    this.#sink = sink;
    this.#budget = options.budget ?? new ReadBudget(Infinity);
    this.#pump();
  }

  /** Settles when the file has been read. */
  get done(): Promise<ReadFileResult> {
    return this.#result.promise;
  }

  /** Gives up; answers that are still to come are ignored. */
  stop(error: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#dropBlocks();
    this.#result.reject(error);
  }

  /** Asks for as much as is useful now. */
  #pump(): void {
    const limit = this.#client.limits.read;
    const window = Math.min(MAX_IN_FLIGHT, Math.ceil(WINDOW / limit));
    let beyond = 0;
    if (this.#next > this.#hint && this.#blocks.length === 0) {
      beyond = this.#batch;
      this.#batch = Math.min(window, this.#batch * 2);
    }
    while (!this.#endSeen && this.#blocks.length < window && (this.#next <= this.#hint || beyond-- > 0)) {
      const toEnd = this.#hint - this.#next + 1;
      const length = toEnd > 0 ? Math.min(limit, Math.max(toEnd, SMALLEST_READ)) : limit;
      if (!this.#budget.take(length, this.#blocks.length === 0)) return;
      const block = { offset: this.#next, length, got: 0, asked: false, ended: false, held: [] };
      this.#blocks.push(block);
      this.#next += length;
      this.#ask(block);
      if (this.#next > this.#hint && this.#readsExamined === 0) this.#examine();
    }
  }

  #ask(block: Block): void {
    block.asked = true;
    this.#readsSent++;
    this.#client.read(this.#handle, block.offset + block.got, block.length - block.got, {
      reply: (type, packet) => this.#answered(block, type, packet),
      fail: (error) => this.stop(error),
    });
  }

  #answered(block: Block, type: number, packet: Uint8Array): void {
    if (this.#stopped) return;
    block.asked = false;
    if (this.#end !== undefined) {
      if (type === PacketType.DATA && new PacketReader(packet, REPLY_FIELDS).uint32() > 0) this.#torn = true;
      return this.#conclude();
    }
    const reader = new PacketReader(packet, REPLY_FIELDS);
    if (type === PacketType.STATUS) {
      const status = decodeStatus(reader);
      if (status.code === StatusCode.EOF) this.#endSeen = block.ended = true;
      else this.#refusal ??= statusError("read", this.#path, status);
    } else {
      this.#received(block, expect({ operation: "read" }, type, PacketType.DATA, reader).bytes());
    }
    this.#advance();
  }

  #received(block: Block, data: Uint8Array): void {
    const wanted = block.length - block.got;
    if (data.length > wanted) {
      throw new PlakarError(
        "protocol",
        `Server answered with ${data.length} bytes where ${wanted} were asked for`,
      );
    }
    // Some servers say the end of the file so.
    if (data.length === 0) this.#endSeen = block.ended = true;
    else {
      // Two short answers to one block: the server has more, but does not give it at once.
      if (block.got >= SMALLEST_LIMIT && data.length < wanted) this.#client.lowerReadLimit(block.got);
      block.got += data.length;
      if (block === this.#blocks[0] && !this.#sinking && block.held.length === 0) this.#give(data);
      else block.held.push(this.#budget.hold(data));
      const at = block.offset + block.got;
      if (block.got < block.length && at !== this.#hint) this.#ask(block);
    }
  }

  /** Gives the sink what is next, and finds out whether that was all. */
  #advance(): void {
    if (this.#stopped) return;
    if (this.#refusal || this.#end !== undefined) return this.#conclude();
    for (let block = this.#blocks[0]; block && !this.#sinking; block = this.#blocks[0]) {
      for (let piece = block.held.shift(); piece; piece = block.held.shift()) {
        this.#give(piece.bytes);
        this.#budget.letGo(piece);
        if (this.#stopped || this.#sinking) return;
      }
      if (block.got === block.length) {
        this.#blocks.shift();
        this.#budget.release(block.length);
        continue;
      }
      const at = block.offset + block.got;
      if (block.ended) {
        this.#torn = this.#blocks.some((later) => later !== block && later.got > 0);
        this.#end = at;
        return this.#conclude();
      }
      if (block.asked) break;
      // As much came as was expected: the file ends here, if FSTAT says so too.
      if (this.#attributes === undefined) break;
      if (this.#attributes.size === at) {
        this.#end = at;
        return this.#conclude();
      }
      this.#ask(block);
    }
    this.#pump();
  }

  #give(piece: Uint8Array): void {
    let pause;
    try {
      pause = this.#sink(piece);
    } catch (error) {
      return this.stop(error);
    }
    if (!pause) return;
    this.#sinking = true;
    pause.then(() => {
      this.#sinking = false;
      this.#advance();
    }).catch((error) => this.stop(error));
  }

  #examine(): void {
    this.#attributes = undefined;
    this.#readsExamined = this.#readsSent;
    this.#client.fstat(this.#handle, this.#path).catch((error) => {
      if (this.#client.failure) throw error;
      return {};
    }).then((attributes) => {
      this.#attributes = attributes;
      this.#advance();
    }).catch((error) => this.stop(error));
  }

  /** Everything has been read, or cannot be: ends with what FSTAT says after the last READ. */
  #conclude(): void {
    // Data behind the end would mean that the file was cut and has grown again meanwhile.
    if (!this.#refusal && this.#blocks.some(({ asked }) => asked)) return;
    this.#dropBlocks();
    if (this.#readsExamined !== this.#readsSent) return this.#examine();
    if (this.#attributes === undefined) return;
    const type = fileType(this.#attributes);
    if (type !== undefined && type !== FileType.REGULAR) {
      const text = `Cannot read "${display(this.#path)}": it is not a regular file any more`;
      this.stop(new PlakarError("io", text, { data: { path: this.#path } }));
    } else if (this.#refusal) this.stop(this.#refusal);
    else {
      this.#stopped = true;
      this.#result.resolve({ size: this.#end ?? 0, attributes: this.#attributes, torn: this.#torn });
    }
  }

  #dropBlocks(): void {
    for (const { length, held } of this.#blocks) {
      this.#budget.release(length);
      for (const piece of held) this.#budget.letGo(piece);
    }
    this.#blocks = [];
  }
}

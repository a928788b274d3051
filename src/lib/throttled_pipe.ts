/** A byte pipe that keeps to a rate in either direction. */

import type { BytePipe, ByteReceiver } from "./byte_pipe.ts";
import type { RateLimit } from "./rate_limit.ts";

/** The rates of a pipe; a direction without one is not limited. */
export interface PipeRates {
  /** Of what is written. */
  upload?: RateLimit;
  /** Of what arrives. */
  download?: RateLimit;
}

/** The time as a {@linkcode ThrottledPipe} sees it. */
export interface PipeTime {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls something later, once; what it returns forgets it. */
  after(milliseconds: number, action: () => void): () => void;
}

const REAL_TIME: PipeTime = {
  now: () => performance.now(),
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** The pipe. What waits for its turn is kept here; the other side is asked to wait meanwhile. */
export class ThrottledPipe implements BytePipe {
  readonly #pipe: BytePipe;
  readonly #time: PipeTime;
  readonly #upload: Lane | undefined;
  readonly #download: Lane | undefined;
  #receiver: ByteReceiver | undefined;
  #isPaused = false;
  /** Whether the other side was asked to wait. */
  #isHeldUp = false;
  #isClosed = false;
  #drained: PromiseWithResolvers<void> | undefined;
  #waitingLanes = 0;
  #waitingSince = 0;
  #held = 0;

  /**
   * Throttles a pipe that was not started yet.
   *
   * @param pipe the pipe
   * @param rates the rates, perhaps shared with other pipes
   * @param time clock and timers
   */
  constructor(pipe: BytePipe, rates: PipeRates, time: PipeTime = REAL_TIME) {
    this.#pipe = pipe;
    this.#time = time;
    const { upload, download } = rates;
    const waits = (isWaiting: boolean) => this.#count(isWaiting);
    this.#upload = upload && new Lane(upload, time, waits, {
      pass: (piece) => this.#send(piece),
      emptied: () => this.#wake(),
    });
    this.#download = download && new Lane(download, time, waits, {
      pass: (piece) => this.#receiver?.data(piece),
      emptied: () => this.#letGo(),
    });
  }

  /** Milliseconds so far in which it was this side that waited, not the other. */
  get held(): number {
    return this.#held + (this.#waitingLanes > 0 ? this.#time.now() - this.#waitingSince : 0);
  }

  /**
   * Begins delivery.
   *
   * @param receiver takes what arrives, piece by piece
   */
  start(receiver: ByteReceiver): void {
    this.#receiver = receiver;
    const lane = this.#download;
    this.#pipe.start({
      data: (bytes) => {
        if (this.#isClosed) return;
        if (!lane) return receiver.data(bytes);
        lane.push(bytes);
        if (!lane.keepsRest()) return;
        this.#isHeldUp = true;
        this.#pipe.pause();
      },
      end: (error) => {
        lane?.passRest();
        this.#upload?.clear();
        this.#wake();
        receiver.end(error);
      },
    });
  }

  /**
   * Queues bytes.
   *
   * @param bytes what to send
   * @returns whether more is welcome
   */
  write(bytes: Uint8Array): boolean {
    if (!this.#upload) return this.#pipe.write(bytes);
    this.#upload.push(bytes);
    return this.#upload.isEmpty;
  }

  /**
   * Waits until more bytes are welcome.
   *
   * @returns when more is welcome
   */
  drained(): Promise<void> {
    if (!this.#upload) return this.#pipe.drained();
    if (this.#upload.isEmpty) return Promise.resolve();
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  /** Stops delivery. */
  pause(): void {
    this.#isPaused = this.#isHeldUp = true;
    if (this.#download) this.#download.isBlocked = true;
    this.#pipe.pause();
  }

  /** Goes on. */
  resume(): void {
    this.#isPaused = false;
    if (this.#download) this.#download.unblock();
    else this.#letGo();
  }

  /** Ends the pipe; what waits is neither sent nor delivered. */
  close(): void {
    this.#upload?.clear();
    this.#download?.clear();
    this.#wake();
    this.#isClosed = true;
    this.#isPaused = false;
    this.#letGo();
    this.#pipe.close();
  }

  #send(piece: Uint8Array): void {
    const lane = this.#upload;
    if (!lane || this.#pipe.write(piece)) return;
    lane.isBlocked = true;
    void this.#pipe.drained().then(() => lane.unblock());
  }

  #letGo(): void {
    if (this.#isPaused || !this.#isHeldUp) return;
    this.#isHeldUp = false;
    this.#pipe.resume();
  }

  #wake(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  #count(isWaiting: boolean): void {
    const now = this.#time.now();
    if (this.#waitingLanes > 0) this.#held += now - this.#waitingSince;
    this.#waitingSince = now;
    this.#waitingLanes += isWaiting ? 1 : -1;
  }
}

/** What becomes of what has waited. */
interface LaneEnd {
  /** Takes the next piece. */
  pass(piece: Uint8Array): void;
  /** Nothing waits any more. */
  emptied(): void;
}

/** One direction: bytes that wait for their turn. */
class Lane {
  /** Whether nothing is to be passed for now, whatever the rate says. */
  isBlocked = false;
  readonly #rate: RateLimit;
  readonly #time: PipeTime;
  readonly #waits: (isWaiting: boolean) => void;
  readonly #end: LaneEnd;
  #queue: Uint8Array[] = [];
  /** Bytes at the front of the queue that the rate has given leave for, now or at the end of the wait. */
  #taken = 0;
  #forget: (() => void) | undefined;

  constructor(rate: RateLimit, time: PipeTime, waits: (isWaiting: boolean) => void, end: LaneEnd) {
    this.#rate = rate;
    this.#time = time;
    this.#waits = waits;
    this.#end = end;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#queue.push(bytes);
    if (this.#queue.length === 1) this.#pump();
  }

  /** Makes what waits this side's own, as its owner will take it back; returns whether anything waits. */
  keepsRest(): boolean {
    const last = this.#queue.length - 1;
    if (last >= 0) this.#queue[last] = this.#queue[last].slice();
    return last >= 0;
  }

  unblock(): void {
    this.isBlocked = false;
    if (this.#forget) return;
    if (this.isEmpty) this.#end.emptied();
    else this.#pump();
  }

  passRest(): void {
    const rest = this.#queue;
    this.clear();
    for (const bytes of rest) this.#end.pass(bytes);
  }

  clear(): void {
    this.#queue = [];
    this.#taken = 0;
    if (!this.#forget) return;
    this.#forget();
    this.#forget = undefined;
    this.#waits(false);
  }

  #pump(): void {
    while (!this.isBlocked && !this.isEmpty) {
      if (this.#taken === 0) {
        this.#taken = Math.min(this.#rate.piece, this.#queue[0].length);
        const wait = this.#rate.take(this.#taken);
        if (wait > 0) return this.#pumpAfter(wait);
      }
      const [bytes] = this.#queue;
      const piece = bytes.subarray(0, this.#taken);
      this.#taken = 0;
      if (piece.length === bytes.length) this.#queue.shift();
      else this.#queue[0] = bytes.subarray(piece.length);
      this.#end.pass(piece);
      // More may come of that at once, and has then been seen to.
      if (this.isEmpty) return this.#end.emptied();
    }
  }

  #pumpAfter(wait: number): void {
    this.#waits(true);
    this.#forget = this.#time.after(wait, () => {
      this.#forget = undefined;
      this.#waits(false);
      this.#pump();
    });
  }
}

/** A rate that several threads keep together: a bucket of tokens in shared memory. */

/** A rate as plain data, from which every thread makes its {@linkcode RateLimit}. */
export interface SharedRate {
  /** Units a second that all together may take. */
  readonly perSecond: number;
  /** What the threads know together: two 64-bit integers, microseconds of a clock that they agree on. */
  readonly memory: SharedArrayBuffer;
}

/** When everything that was taken is paid for. */
const PAID = 0;
/** The latest time that any thread has seen. */
const LATEST = 1;

/** What may be taken at once after a pause, in microseconds of the rate. */
const BURST = 100_000n;

/**
 * A rate nothing of which has been used.
 *
 * @param perSecond units a second
 * @returns the rate
 */
export function sharedRate(perSecond: number): SharedRate {
  return { perSecond, memory: new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT) };
}

/** Pieces of a rate take so long, in seconds, where they are neither tiny nor huge then. */
const PIECE_TIME = 0.01;
const LEAST_PIECE = 1024;
const LARGEST_PIECE = 64 * 1024;

/** One thread's hold of a rate. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #times: BigInt64Array;
  readonly #now: () => number;
  /** Every thread's clock begins at another time: what is to be added to this one's, in microseconds. */
  #ahead = 0n;

  /**
   * Takes hold of a rate.
   *
   * @param rate the rate
   * @param now milliseconds of any clock that never goes back
   */
  constructor({ perSecond, memory }: SharedRate, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#times = new BigInt64Array(memory);
    this.#now = now;
  }

  /** How much is well taken at once, so that whoever shares the rate takes turns. */
  get piece(): number {
    return Math.min(Math.max(Math.floor(this.#perSecond * PIECE_TIME), LEAST_PIECE), LARGEST_PIECE);
  }

  /**
   * Takes some, which is to be used when its turn has come: whoever asks first is first.
   *
   * @param amount how much
   * @returns milliseconds until then, 0 for now
   */
  take(amount: number): number {
    const price = BigInt(Math.ceil(amount * 1e6 / this.#perSecond));
    const now = this.#time();
    while (true) {
      const paid = Atomics.load(this.#times, PAID);
      const turn = paid > now - BURST ? paid : now - BURST;
      if (Atomics.compareExchange(this.#times, PAID, paid, turn + price) !== paid) continue;
      return Math.max(0, Number(turn - now) / 1000);
    }
  }

  /** The time, which is never before one that another thread has seen: so the clocks come to agree. */
  #time(): bigint {
    const now = BigInt(Math.floor(this.#now() * 1000)) + this.#ahead;
    const latest = Atomics.load(this.#times, LATEST);
    if (latest > now) {
      this.#ahead += latest - now;
      return latest;
    }
    Atomics.compareExchange(this.#times, LATEST, latest, now);
    return now;
  }
}

/** Turns of the event loop in the middle of long work that never has to wait for anything. */

import { setImmediate } from "node:timers/promises";

/** So much work is done between two turns. */
const PIECE = 4 * 1024 * 1024;
/** What small pieces of work count for beside their bytes. */
const LEAST = 1024;

/** Lets timers fire, signals arrive and displays move while data is worked on. */
export class EventLoopTurns {
  #done = 0;

  /**
   * Counts work that is done.
   *
   * @param bytes how many bytes were worked on
   * @returns what to wait for, `undefined` as long as it is not time for a turn
   */
  after(bytes: number): Promise<void> | undefined {
    this.#done += LEAST + bytes;
    if (this.#done < PIECE) return undefined;
    this.#done = 0;
    return setImmediate();
  }
}

/** Time that passes when a test says so. */

import type { PipeTime } from "../../src/lib/throttled_pipe.ts";

/** A clock and its timers. */
export class FakeTime implements PipeTime {
  #now = 0;
  #timers: { at: number; action: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, action: () => void): () => void {
    const timer = { at: this.#now + milliseconds, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.length;
  }

  /** Lets time pass, timer by timer, until it is so late or, if no time is given, nothing waits any more. */
  async pass(until = Infinity): Promise<void> {
    await settled();
    while (true) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (!next || next.at > until) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.action();
      await settled();
    }
    if (until !== Infinity) this.#now = Math.max(this.#now, until);
  }
}

/** What is only waiting for its turn is done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

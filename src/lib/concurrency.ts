/** Bounded concurrency: the one primitive by which the number of things in flight is limited. */

/** A counting semaphore; waiters are served in the order they came. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /**
   * Makes a semaphore with all permits free.
   *
   * @param permits how many may hold it at once
   */
  constructor(permits: number) {
    this.#free = permits;
  }

  /**
   * Waits for a permit. Release it when done: `using permit = await semaphore.acquire()`.
   *
   * @returns the permit
   */
  async acquire(): Promise<Disposable> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        const next = this.#waiting.shift();
        if (next) next();
        else this.#free++;
      },
    };
  }
}

/**
 * Runs a task for every item, at most `limit` at once, and stops at the first failure, of a task or of the
 * items. No task runs any more when it returns.
 *
 * @typeParam T the item
 * @param items what to work on, taken one at a time
 * @param limit how many tasks run at once
 * @param task the work
 */
export async function forEachBounded<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  let running = 0;
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  // One promise for whichever task ends next: to race them all would cost every task its share of every other.
  const oneEnds = () => new Promise<void>((resolve) => wake = resolve);
  try {
    for await (const item of items) {
      if (failure) break;
      running++;
      task(item).catch((error) => {
        failure ??= { error };
      }).finally(() => {
        running--;
        wake();
      });
      if (running >= limit) await oneEnds();
    }
  } catch (error) {
    failure ??= { error };
  }
  while (running > 0) await oneEnds();
  if (failure) throw failure.error;
}

/**
 * Runs a task for every item, some of them ahead of the one whose result is waited for.
 *
 * @typeParam T the item
 * @typeParam R what the task gives
 * @param items what to work on, in order
 * @param ahead how many tasks are under way at once
 * @param task the work
 * @yields each item with what its task gave, in the order of the items
 */
export async function* mapAhead<T, R>(
  items: Iterable<T>,
  ahead: number,
  task: (item: T) => Promise<R>,
): AsyncGenerator<[item: T, result: R]> {
  const running: { item: T; result: Promise<R> }[] = [];
  try {
    for (const item of items) {
      const result = task(item);
      // A failure is met when its turn comes, or never if nobody comes for it.
      result.catch(() => {});
      running.push({ item, result });
      if (running.length < ahead) continue;
      const first = running.shift();
      if (first) yield [first.item, await first.result];
    }
    for (let first = running.shift(); first; first = running.shift()) yield [first.item, await first.result];
  } finally {
    await Promise.allSettled(running.map(({ result }) => result));
  }
}

/**
 * Large arrays that nobody uses any more. V8 lets tens of megabytes of them pile up in every thread before it looks
 * for them, because they are small in its own heap: each is a few words that say where the bytes are.
 */

/** V8's collector, where the program runs with `--expose-gc`. */
interface Collector {
  gc?(options: { type: "minor" }): void;
}

/** So much may wait to be collected: a collection takes less than a millisecond. */
const LIMIT = 4 * 1024 * 1024;

let waiting = 0;

/**
 * Has arrays collected that were made and forgotten, once there are many. Without `--expose-gc`, V8 chooses the time.
 *
 * @param bytes how many bytes were forgotten since the last call
 */
export function forgotten(bytes: number): void {
  waiting += bytes;
  if (waiting < LIMIT) return;
  waiting = 0;
  (globalThis as Collector).gc?.({ type: "minor" });
}

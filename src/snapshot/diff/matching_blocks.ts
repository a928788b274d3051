/**
 * What two sequences of lines have in common, found as Ratcliff and Obershelp do: the longest run of common
 * lines, then the same before and after it. Python's difflib made this the way many programs compare text, plakar
 * among them, with the rule that a line which makes up more than one in a hundred of a long text does not begin
 * a run.
 */

/** A run of lines that both have. */
export interface MatchingBlock {
  /** Where it begins in the first. */
  a: number;
  /** Where it begins in the second. */
  b: number;
  /** How many lines it has. */
  length: number;
}

interface Range {
  aFrom: number;
  aTo: number;
  bFrom: number;
  bTo: number;
}

/** From so many lines on, frequent ones do not begin a run. */
const LONG = 200;
/** Steps after which what was not compared yet counts as different: about a second. */
const BUDGET = 100_000_000;

/**
 * Compares two sequences.
 *
 * @param a the first
 * @param b the second
 * @param budget how many steps to take at most; then the rest counts as different
 * @returns the runs that they have in common, in order, none next to another in both
 */
export function matchingBlocks(
  a: readonly string[],
  b: readonly string[],
  budget: number = BUDGET,
): MatchingBlock[] {
  const search = new Search(a, b, budget);
  const found: MatchingBlock[] = [];
  const ranges: Range[] = [{ aFrom: 0, aTo: a.length, bFrom: 0, bTo: b.length }];
  for (let range = ranges.pop(); range; range = ranges.pop()) {
    const block = search.longest(range);
    if (block.length === 0) continue;
    found.push(block);
    const { aFrom, aTo, bFrom, bTo } = range;
    const [aEnd, bEnd] = [block.a + block.length, block.b + block.length];
    if (aFrom < block.a && bFrom < block.b) ranges.push({ aFrom, aTo: block.a, bFrom, bTo: block.b });
    if (aEnd < aTo && bEnd < bTo) ranges.push({ aFrom: aEnd, aTo, bFrom: bEnd, bTo });
  }
  return joined(found.sort((one, other) => one.a - other.a));
}

/** Runs that follow each other in both sequences are one. */
function joined(blocks: readonly MatchingBlock[]): MatchingBlock[] {
  const result: MatchingBlock[] = [];
  for (const block of blocks) {
    const last = result.at(-1);
    if (last && last.a + last.length === block.a && last.b + last.length === block.b) {
      last.length += block.length;
    } else result.push({ ...block });
  }
  return result;
}

class Search {
  readonly #a: readonly string[];
  readonly #b: readonly string[];
  /** Where in `b` each line is that may begin a run. */
  readonly #positions = new Map<string, number[]>();
  /** Of each position in `b`, how long the run is that ends there with the line of `a` that `#row` names. */
  readonly #lengths: Int32Array;
  readonly #rows: Int32Array;
  #row = 1;
  #budget: number;

  constructor(a: readonly string[], b: readonly string[], budget: number) {
    this.#a = a;
    this.#b = b;
    this.#budget = budget;
    this.#lengths = new Int32Array(b.length);
    this.#rows = new Int32Array(b.length);
    for (const [position, line] of b.entries()) {
      const positions = this.#positions.get(line);
      if (positions) positions.push(position);
      else this.#positions.set(line, [position]);
    }
    if (b.length < LONG) return;
    const frequent = Math.floor(b.length / 100) + 1;
    for (const [line, { length }] of this.#positions) if (length > frequent) this.#positions.delete(line);
  }

  /** The longest run within a range; of several, the first in `a`, and of those the first in `b`. */
  longest(range: Range): MatchingBlock {
    const { aFrom, aTo, bFrom, bTo } = range;
    const best = { a: aFrom, b: bFrom, length: 0 };
    // A row of another search is not the one before this one's first.
    this.#row++;
    for (let i = aFrom; i < aTo && this.#budget > 0; i++) {
      const row = ++this.#row;
      const positions = this.#positions.get(this.#a[i]) ?? [];
      const before = countBelow(positions, bFrom);
      this.#budget--;
      // Backwards, so that the lengths of the row before are still there.
      for (let at = countBelow(positions, bTo) - 1; at >= before; at--) {
        const j = positions[at];
        const length = (j > 0 && this.#rows[j - 1] === row - 1 ? this.#lengths[j - 1] : 0) + 1;
        this.#lengths[j] = length;
        this.#rows[j] = row;
        this.#budget--;
        const endsHere = best.a + best.length === i + 1;
        if (length > best.length || (length === best.length && endsHere)) {
          best.a = i - length + 1;
          best.b = j - length + 1;
          best.length = length;
        }
      }
    }
    return this.#extended(best, range);
  }

  /** The run with the frequent lines on both its sides. */
  #extended(block: MatchingBlock, { aFrom, aTo, bFrom, bTo }: Range): MatchingBlock {
    let { a, b, length } = block;
    while (a > aFrom && b > bFrom && this.#a[a - 1] === this.#b[b - 1]) {
      a--;
      b--;
      length++;
    }
    while (a + length < aTo && b + length < bTo && this.#a[a + length] === this.#b[b + length]) length++;
    return { a, b, length };
  }
}

/** How many of the sorted numbers are below a limit. */
function countBelow(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Unified diffs of texts, byte for byte as plakar prints them: what follows the last line break is a line too,
 * also when it is empty.
 */

import type { ByteString } from "../../lib/byte_string.ts";
import { type MatchingBlock, matchingBlocks } from "./matching_blocks.ts";

/** A stretch of lines in both texts: the same in both, or one in place of the other. */
interface Stretch {
  isEqual: boolean;
  aFrom: number;
  aTo: number;
  bFrom: number;
  bTo: number;
}

/** Lines that are the same, shown on each side of a change. */
const CONTEXT = 3;

/** A text and what it is called. */
export interface NamedText {
  /** What stands in the first lines of the diff. */
  name: string;
  /** The text's bytes. */
  text: ByteString;
}

/**
 * Compares two texts.
 *
 * @param from the first, whose lines are marked with `-`
 * @param to the second, whose lines are marked with `+`
 * @returns the lines of the diff with their line breaks, names as they are and texts as bytes; none if nothing differs
 */
export function unifiedDiff(
  from: Readonly<NamedText>,
  to: Readonly<NamedText>,
): { names: string; body: ByteString } | undefined {
  const a = from.text.split("\n");
  const b = to.text.split("\n");
  const lines: string[] = [];
  for (const hunk of hunksOf(stretchesOf(matchingBlocks(a, b), a.length, b.length))) {
    const first = hunk[0];
    const last = hunk[hunk.length - 1];
    lines.push(`@@ -${rangeOf(first.aFrom, last.aTo)} +${rangeOf(first.bFrom, last.bTo)} @@\n`);
    for (const { isEqual, aFrom, aTo, bFrom, bTo } of hunk) {
      for (let i = aFrom; i < aTo; i++) lines.push(isEqual ? " " : "-", a[i], "\n");
      if (!isEqual) { for (let j = bFrom; j < bTo; j++) lines.push("+", b[j], "\n"); }
    }
  }
  if (lines.length === 0) return undefined;
  return { names: `--- ${from.name}\n+++ ${to.name}\n`, body: lines.join("") as ByteString };
}

/** The texts cut into what is the same and what is not. */
function stretchesOf(blocks: readonly MatchingBlock[], aLength: number, bLength: number): Stretch[] {
  const stretches: Stretch[] = [];
  let [aFrom, bFrom] = [0, 0];
  for (const { a, b, length } of [...blocks, { a: aLength, b: bLength, length: 0 }]) {
    if (aFrom < a || bFrom < b) stretches.push({ isEqual: false, aFrom, aTo: a, bFrom, bTo: b });
    [aFrom, bFrom] = [a + length, b + length];
    if (length > 0) stretches.push({ isEqual: true, aFrom: a, aTo: aFrom, bFrom: b, bTo: bFrom });
  }
  return stretches;
}

/** Changes with the lines around them; those with little between them are together. */
function hunksOf(stretches: readonly Stretch[]): Stretch[][] {
  const hunks: Stretch[][] = [];
  let hunk: Stretch[] = [];
  for (const [i, stretch] of stretches.entries()) {
    if (!stretch.isEqual) {
      hunk.push(stretch);
      continue;
    }
    const { aFrom, aTo, bFrom, bTo } = stretch;
    const isFirst = i === 0;
    const isLast = i === stretches.length - 1;
    const length = aTo - aFrom;
    const before = { ...stretch, aTo: Math.min(aTo, aFrom + CONTEXT), bTo: Math.min(bTo, bFrom + CONTEXT) };
    const after = {
      ...stretch,
      aFrom: Math.max(aFrom, aTo - CONTEXT),
      bFrom: Math.max(bFrom, bTo - CONTEXT),
    };
    if (isFirst) hunk.push(after);
    else if (isLast) hunk.push(before);
    else if (length <= 2 * CONTEXT) hunk.push(stretch);
    else {
      hunks.push([...hunk, before]);
      hunk = [after];
    }
  }
  return hunk.some(({ isEqual }) => !isEqual) ? [...hunks, hunk] : hunks;
}

/** A range of lines as a hunk's first line gives it. */
function rangeOf(from: number, to: number): string {
  const length = to - from;
  if (length === 1) return String(from + 1);
  return `${length === 0 ? from : from + 1},${length}`;
}

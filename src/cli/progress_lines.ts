/** What the progress display shows, as text. */

import type { ByteString } from "../lib/byte_string.ts";
import { formatCount } from "./format/count.ts";
import { formatWholeSeconds } from "./format/duration.ts";
import { printableName } from "./format/printable_name.ts";
import { formatSize } from "./format/size.ts";

/** How far the work is. */
export interface ProgressState {
  /** How long it takes so far, in nanoseconds. */
  elapsed: bigint;
  /** Bytes a second, `undefined` as long as that cannot be told. */
  rate: number | undefined;
  /** What is being done. */
  phase: string;
  /** What is done. */
  done: { readonly files: number; readonly bytes: number };
  /** What is to be done, and whether that is all. */
  total: { readonly files: number; readonly bytes: number; readonly isComplete: boolean };
  /** How many paths failed. */
  errors: number;
  /** The last path. */
  path: ByteString | undefined;
}

const SECOND = 1_000_000_000n;
/** How long a change of speed takes to show, in seconds. */
const SMOOTHING = 5;
/** Before this, in nanoseconds, a speed says nothing. */
const SETTLED = 2n * SECOND;

/** Measures how fast something grows, smoothed. */
export class RateMeter {
  #last = { amount: 0, elapsed: 0n };
  #sum = 0;
  #weight = 0;

  /**
   * Takes one more measurement.
   *
   * @param amount how much there is now
   * @param elapsed the time since the beginning, in nanoseconds
   * @returns the amount a second, `undefined` as long as that cannot be told
   */
  measure(amount: number, elapsed: bigint): number | undefined {
    const seconds = Number(elapsed - this.#last.elapsed) / Number(SECOND);
    if (seconds > 0) {
      const now = (amount - this.#last.amount) / seconds;
      const weight = 1 - Math.exp(-seconds / SMOOTHING);
      this.#sum += weight * (now - this.#sum);
      this.#weight += weight * (1 - this.#weight);
      this.#last = { amount, elapsed };
    }
    // A mean over what was measured so far: it does not have to grow up from zero.
    return elapsed < SETTLED || this.#weight === 0 ? undefined : this.#sum / this.#weight;
  }
}

/**
 * The lines of the display.
 *
 * @param state how far the work is
 * @param columns how wide the terminal is
 * @returns two lines that fit, or one if there is no path to show
 */
export function progressLines(state: ProgressState, columns: number): string[] {
  const { elapsed, rate, phase, done, total, errors, path } = state;
  const ofTotal = (part: string, whole: string) =>
    total.files === 0 ? part : `${part} of ${whole}${total.isComplete ? "" : "+"}`;
  const parts = [
    `[${clock(elapsed)}] ${phase}`,
    `${ofTotal(String(done.files), String(total.files))} files`,
    ofTotal(formatSize(done.bytes), formatSize(total.bytes)) + percent(done.bytes, total),
  ];
  if (errors > 0) parts.push(formatCount(errors, "error"));
  if (rate !== undefined) parts.push(`${formatSize(Math.round(rate))}/s`);
  const eta = remaining(state);
  if (eta !== undefined) parts.push(`ETA ${eta}`);
  // The last column stays free: terminals differ in what they do when it is filled.
  const width = Math.max(1, columns - 1);
  const first = firstThatFit(parts, width);
  return path === undefined ? [first] : [first, clipStart(printableName(path), width)];
}

function percent(done: number, { bytes, isComplete }: ProgressState["total"]): string {
  return isComplete && bytes > 0 ? ` (${Math.min(100, Math.floor(done / bytes * 100))}%)` : "";
}

/** How long it will still take, by bytes. */
function remaining({ rate, done, total }: ProgressState): string | undefined {
  if (!total.isComplete || rate === undefined || rate < 1 || done.bytes >= total.bytes) return undefined;
  return formatWholeSeconds(BigInt(Math.ceil((total.bytes - done.bytes) / rate)) * SECOND);
}

function clock(elapsed: bigint): string {
  const seconds = Number(elapsed / SECOND);
  const pad = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  const short = `${pad(minutes % 60)}:${pad(seconds % 60)}`;
  return minutes < 60 ? short : `${pad(Math.floor(minutes / 60))}:${short}`;
}

/** As many of the parts as there is room for: half a number would be another number. */
function firstThatFit([first, ...parts]: readonly string[], width: number): string {
  let line = clip([...first], width);
  for (const part of parts) {
    const longer = `${line}  ${part}`;
    if (columnsOf([...longer]) > width) break;
    line = longer;
  }
  return line;
}

/** The end of a path says more than its beginning. */
function clipStart(text: string, width: number): string {
  const characters = [...text];
  if (columnsOf(characters) <= width) return text;
  return "..." + [...clip(characters.reverse(), width - 3)].reverse().join("");
}

function clip(characters: readonly string[], width: number): string {
  let used = 0;
  let end = 0;
  while (end < characters.length && used + columnsOf([characters[end]]) <= width) {
    used += columnsOf([characters[end++]]);
  }
  return characters.slice(0, end).join("");
}

/** How many columns characters take: those of East Asian scripts and emoji take two. */
function columnsOf(characters: readonly string[]): number {
  return characters.reduce((sum, character) => {
    if (/\p{M}/u.test(character)) return sum;
    const isWide =
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(
        character,
      ) ||
      /\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u.test(character);
    return sum + (isWide ? 2 : 1);
  }, 0);
}

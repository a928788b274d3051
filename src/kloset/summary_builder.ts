/** Adds up the summary of a directory as plakar does, its oddities included: the bytes must be the same. */

import type { Entry } from "./entry.ts";
import * as mode from "./file_mode.ts";
import type { Summary, SummaryCounters } from "./summary.ts";
import { noCounters } from "./summary.ts";

const SECOND = 1_000_000_000n;

const SUMS = [
  "directories",
  "files",
  "symlinks",
  "devices",
  "pipes",
  "sockets",
  "children",
  "setuid",
  "setgid",
  "sticky",
  "objects",
  "chunks",
  "size",
  "hiEntropy",
  "loEntropy",
  "mimeAudio",
  "mimeVideo",
  "mimeImage",
  "mimeText",
  "mimeApplication",
  "mimeOther",
  "errors",
] as const satisfies (keyof SummaryCounters)[];
const MINIMA = ["minSize", "minModTime", "minEntropy"] as const satisfies (keyof SummaryCounters)[];
const MAXIMA = ["maxSize", "maxModTime", "maxEntropy"] as const satisfies (keyof SummaryCounters)[];

/** The summary of one directory, which is given its children in ascending bytewise order of path. */
export class SummaryBuilder {
  readonly #directory: SummaryCounters = noCounters();
  readonly #below: SummaryCounters = noCounters();

  /**
   * Adds a child that is no directory.
   *
   * @param entry its entry
   */
  addFile(entry: Entry): void {
    const counters = this.#directory;
    counters.children++;
    countMode(counters, entry.info.mode);
    if (entry.object !== undefined) {
      counters.objects++;
      counters.chunks += entry.chunks;
    }
    const size = mode.isRegular(entry.info.mode) ? entry.info.size : 0;
    const modTime = seconds(entry.info.mtime);
    lower(counters, "minModTime", modTime);
    raise(counters, "maxModTime", modTime);
    lower(counters, "minSize", size);
    raise(counters, "maxSize", size);
    lower(counters, "minEntropy", entry.entropy);
    raise(counters, "maxEntropy", entry.entropy);
    if (entry.entropy <= 2) counters.loEntropy++;
    else if (entry.entropy >= 7) counters.hiEntropy++;
    countContentType(counters, entry.contentType);
    counters.size += size;
    counters.sumEntropy += entry.entropy;
  }

  /**
   * Adds a child that is a directory.
   *
   * @param summary its summary
   */
  addDirectory(summary: Summary): void {
    this.#directory.children++;
    this.#directory.directories++;
    const below = this.#below;
    for (const counter of SUMS) below[counter] += summary.below[counter] + summary.directory[counter];
    // A 0 that is there means "none yet", one that is added does not: an empty directory resets a minimum.
    for (const counter of MINIMA) {
      lower(below, counter, summary.below[counter]);
      lower(below, counter, summary.directory[counter]);
    }
    for (const counter of MAXIMA) {
      raise(below, counter, summary.below[counter]);
      raise(below, counter, summary.directory[counter]);
    }
  }

  /**
   * Adds errors whose paths are directly in the directory.
   *
   * @param count how many
   */
  addErrors(count: number = 1): void {
    this.#below.errors += count;
  }

  /**
   * Computes the means.
   *
   * @returns the summary
   */
  finish(): Summary {
    const counters = this.#directory;
    if (counters.files > 0) {
      counters.avgSize = Math.floor(counters.size / counters.files);
      counters.avgEntropy = counters.sumEntropy / counters.files;
    }
    return { directory: counters, below: this.#below };
  }
}

/** Whole seconds, rounded down also before 1970. */
function seconds(time: bigint): number {
  const whole = time / SECOND;
  return Number(time % SECOND < 0n ? whole - 1n : whole);
}

function lower(counters: SummaryCounters, counter: keyof SummaryCounters, value: number): void {
  if (counters[counter] === 0 || value < counters[counter]) counters[counter] = value;
}

function raise(counters: SummaryCounters, counter: keyof SummaryCounters, value: number): void {
  if (counters[counter] === 0 || value > counters[counter]) counters[counter] = value;
}

function countMode(counters: SummaryCounters, bits: number): void {
  if (mode.isRegular(bits)) counters.files++;
  else if (mode.isSymlink(bits)) counters.symlinks++;
  else if (mode.isDevice(bits)) counters.devices++;
  else if (mode.isPipe(bits)) counters.pipes++;
  else if (mode.isSocket(bits)) counters.sockets++;
  else counters.files++;
  if (bits & mode.MODE_SETUID) counters.setuid++;
  if (bits & mode.MODE_SETGID) counters.setgid++;
  if (bits & mode.MODE_STICKY) counters.sticky++;
}

function countContentType(counters: SummaryCounters, contentType: string): void {
  if (contentType.startsWith("text/")) counters.mimeText++;
  else if (contentType.startsWith("image/")) counters.mimeImage++;
  else if (contentType.startsWith("audio/")) counters.mimeAudio++;
  else if (contentType.startsWith("video/")) counters.mimeVideo++;
  else if (contentType.startsWith("application/")) counters.mimeApplication++;
  else counters.mimeOther++;
}

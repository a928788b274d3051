/** Results as a table: medians with their spread, and our time against everybody's, run by run. */

import type { DataSetName } from "./data_sets.ts";
import type { Result } from "./run.ts";

/** A median and what it is the median of. */
export interface Spread {
  /** Half of the values are below it. */
  median: number;
  /** The smallest value. */
  min: number;
  /** The largest value. */
  max: number;
}

/** What a data set holds. */
export interface DataSize {
  /** Files of any kind but directories. */
  files: number;
  /** Bytes of their content. */
  bytes: number;
}

/** One line of the table: what one contender took for one piece of work. */
export interface Line {
  /** The kind of line, the data set, the work and the contender. */
  title: [network: string, set: string, work: string, contender: string];
  /** Seconds. */
  wall: Spread;
  /** Our time divided by its time, in each run; not set for ourselves, and where we did not take part. */
  ratio?: Spread;
  /** CPU seconds. */
  cpu: number;
  /** Bytes of memory at the worst moment. */
  memory: number;
  /** Bytes of the repository afterwards. */
  stored: number;
  /** Bytes on the line, where it counts them. */
  wire?: number;
  /** Files a second. */
  filesPerSecond: number;
  /** Bytes a second. */
  bytesPerSecond: number;
}

const MIB = 1 << 20;

/**
 * The median of values.
 *
 * @param values at least one
 * @returns it, with the smallest and the largest
 */
export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const last = sorted.length - 1;
  const median = (sorted[Math.floor(last / 2)] + sorted[Math.ceil(last / 2)]) / 2;
  return { median, min: sorted[0], max: sorted[last] };
}

/**
 * Sums up results.
 *
 * @param results of any number of runs
 * @param sizes what the data sets hold
 * @param us the name of the contender that all are compared with
 * @returns a line for every contender and piece of work
 */
export function summarize(
  results: Result[],
  sizes: Partial<Record<DataSetName, DataSize>>,
  us: string,
): Line[] {
  const groups = Map.groupBy(results, (result) => titleOf(result, result.contender).join("\t"));
  return [...groups.values()].map((group) => {
    const [first] = group;
    const own = groups.get(titleOf(first, us).join("\t")) ?? [];
    const ratios = group.flatMap((result) => {
      const pair = own.find(({ run }) => run === result.run);
      return pair && first.contender !== us ? [pair.wall / result.wall] : [];
    });
    const wall = spread(group.map((result) => result.wall));
    const medianOf = (pick: (result: Result) => number) => spread(group.map(pick)).median;
    const size = sizes[first.set] ?? { files: 0, bytes: 0 };
    return {
      title: titleOf(first, first.contender),
      wall,
      ratio: ratios.length > 0 ? spread(ratios) : undefined,
      cpu: medianOf((result) => result.cpu),
      memory: medianOf((result) => result.memory),
      stored: medianOf((result) => result.stored),
      wire: first.wire === undefined ? undefined : medianOf((result) => result.wire ?? 0),
      filesPerSecond: size.files / wall.median,
      bytesPerSecond: size.bytes / wall.median,
    };
  });
}

/**
 * Writes lines as a table in Markdown.
 *
 * @param lines the lines
 * @returns the table
 */
export function tableOf(lines: Line[]): string {
  const header = [
    ["line", "data", "work", "by"],
    [
      "seconds (min–max)",
      "ours ÷ it (min–max)",
      "CPU s",
      "peak MiB",
      "stored MiB",
      "wire MiB",
      "MB/s",
      "files/s",
    ],
  ].flat();
  const rows = lines.map(({ title, wall, ratio, ...line }) => [
    ...title,
    `${fixed(wall.median)} (${fixed(wall.min)}–${fixed(wall.max)})`,
    ratio ? `${fixed(ratio.median)} (${fixed(ratio.min)}–${fixed(ratio.max)})` : "",
    fixed(line.cpu),
    (line.memory / MIB).toFixed(0),
    (line.stored / MIB).toFixed(1),
    line.wire === undefined ? "" : (line.wire / MIB).toFixed(1),
    (line.bytesPerSecond / 1e6).toFixed(1),
    line.filesPerSecond.toFixed(0),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column].length)));
  const text = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [text(header), text(widths.map((width) => "-".repeat(width))), ...rows.map(text)].join("\n");
}

function titleOf({ network, set, work }: Result, contender: string): Line["title"] {
  return [network, set, work, contender];
}

function fixed(value: number): string {
  return value.toFixed(2);
}

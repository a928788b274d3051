/** Selecting snapshots by what their headers say. */

import type { Header } from "../kloset/header.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { bucketOf, lastBuckets, type Period } from "./period.ts";

/** What snapshots may be grouped by. */
export const GROUP_KEYS = [
  "name",
  "category",
  "environment",
  "perimeter",
  "job",
  "dataset",
  "data-class",
  "tag",
  "origin",
  "type",
  "root",
] as const;

/** What snapshots may be grouped by. */
export type GroupKey = typeof GROUP_KEYS[number];

/** What of a header is looked at. */
export type LocatableHeader = Pick<
  Header,
  | "timestamp"
  | "name"
  | "category"
  | "environment"
  | "perimeter"
  | "job"
  | "dataset"
  | "dataClasses"
  | "tags"
  | "sources"
>;

/** One rule about a period: keep what is in its last buckets, so many in each. */
export interface PeriodRule {
  /** The period. */
  readonly period: Period;
  /** How many of its last buckets count; all if there is no number. */
  readonly keep?: number;
  /** How many snapshots of each bucket are kept, the newest; all if there is no number. */
  readonly cap?: number;
}

/** What a snapshot has to be; what is left out does not matter. */
export interface LocateFilter {
  /** Made then or before, in nanoseconds since 1970. */
  readonly before?: bigint;
  /** Made then or since, in nanoseconds since 1970. */
  readonly since?: bigint;
  /** Its name. */
  readonly name?: string;
  /** Its category. */
  readonly category?: string;
  /** Its environment. */
  readonly environment?: string;
  /** Its perimeter. */
  readonly perimeter?: string;
  /** Its job. */
  readonly job?: string;
  /** Its dataset. */
  readonly dataset?: string;
  /** Tags that it has, all of them; with `!` in front, that it has not. */
  readonly tags?: readonly string[];
  /** One of these is the directory it is of. */
  readonly roots?: readonly ByteString[];
  /** One of these is the host it is of. */
  readonly origins?: readonly ByteString[];
  /** One of these is the type of its importer. */
  readonly types?: readonly string[];
  /** It has one of these classes of data. */
  readonly dataClasses?: readonly string[];
  /** The newest of what matches the above, only. */
  readonly latest?: boolean;
  /** Of what is left, what one of these rules keeps; all if there is no rule. */
  readonly periods?: readonly PeriodRule[];
  /** Within which groups the periods count. */
  readonly groupBy?: GroupKey;
}

const LABELS = ["name", "category", "environment", "perimeter", "job", "dataset"] as const;

/**
 * Whether a snapshot is what a filter asks for, apart from `latest` and the periods.
 *
 * @param header the snapshot's header
 * @param filter what it has to be
 * @returns true if it is
 */
export function matchesFilter(header: LocatableHeader, filter: LocateFilter): boolean {
  const { type, origin, directory } = header.sources[0].importer;
  const isOneOf = <T>(wanted: readonly T[] | undefined, value: T) =>
    !wanted?.length || wanted.includes(value);
  return (filter.before === undefined || header.timestamp <= filter.before) &&
    (filter.since === undefined || header.timestamp >= filter.since) &&
    LABELS.every((label) => filter[label] === undefined || header[label] === filter[label]) &&
    (filter.tags ?? []).every((tag) =>
      tag.startsWith("!") ? !header.tags.includes(tag.slice(1)) : header.tags.includes(tag)
    ) &&
    isOneOf(filter.roots, directory) && isOneOf(filter.origins, origin) && isOneOf(filter.types, type) &&
    (!filter.dataClasses?.length || filter.dataClasses.some((name) => header.dataClasses.includes(name)));
}

/**
 * The snapshots that a filter asks for.
 *
 * @typeParam T anything with a header
 * @param snapshots all there are
 * @param filter what they have to be
 * @param now nanoseconds since 1970, for the periods
 * @returns those that match, the newest first
 */
export function selectSnapshots<T extends { readonly header: LocatableHeader }>(
  snapshots: readonly T[],
  filter: LocateFilter,
  now: bigint,
): T[] {
  const matching = snapshots.filter(({ header }) => matchesFilter(header, filter))
    .sort((a, b) =>
      a.header.timestamp < b.header.timestamp ? 1 : a.header.timestamp > b.header.timestamp ? -1 : 0
    );
  const chosen = filter.latest ? matching.slice(0, 1) : matching;
  const { periods = [], groupBy } = filter;
  if (periods.length === 0) return chosen;
  const kept = new Set<T>();
  for (const group of grouped(chosen, groupBy)) {
    for (const rule of periods) for (const snapshot of keptBy(rule, group, now)) kept.add(snapshot);
  }
  return chosen.filter((snapshot) => kept.has(snapshot));
}

/**
 * Whether a filter asks for nothing at all, so that every snapshot is what it asks for.
 *
 * @param filter the filter
 * @returns true if it does
 */
export function isEmptyFilter(filter: LocateFilter): boolean {
  return Object.values(filter).every((wanted) =>
    wanted === undefined || wanted === false || (Array.isArray(wanted) && wanted.length === 0)
  );
}

/** What a rule keeps of snapshots that are sorted, the newest first. */
function keptBy<T extends { readonly header: LocatableHeader }>(
  { period, keep, cap = Infinity }: PeriodRule,
  snapshots: readonly T[],
  now: bigint,
): T[] {
  const last = keep === undefined ? undefined : lastBuckets(period, keep, now);
  const counts = new Map<string, number>();
  return snapshots.filter(({ header }) => {
    const bucket = bucketOf(period, header.timestamp);
    if (bucket === undefined || last?.has(bucket) === false) return false;
    const rank = (counts.get(bucket) ?? 0) + 1;
    counts.set(bucket, rank);
    return rank <= cap;
  });
}

/** Snapshots in groups; one with several tags is in several. */
function grouped<T extends { readonly header: LocatableHeader }>(
  snapshots: readonly T[],
  key: GroupKey | undefined,
): T[][] {
  if (key === undefined) return [[...snapshots]];
  const groups = new Map<string, T[]>();
  for (const snapshot of snapshots) {
    for (const value of valuesOf(snapshot.header, key)) {
      const group = groups.get(value);
      if (group) group.push(snapshot);
      else groups.set(value, [snapshot]);
    }
  }
  return [...groups.values()];
}

function valuesOf(header: LocatableHeader, key: GroupKey): readonly string[] {
  const { type, origin, directory } = header.sources[0].importer;
  if (key === "origin") return [origin];
  if (key === "type") return [type];
  if (key === "root") return [directory];
  const several = key === "tag" ? header.tags : key === "data-class" ? header.dataClasses : [header[key]];
  return several.length > 0 ? several : [""];
}

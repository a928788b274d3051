/** A snapshot as one line of a listing, and as JSON. */

import type { Header } from "../kloset/header.ts";
import { totalSize } from "../kloset/summary.ts";
import { toHex } from "../lib/bytes.ts";
import { formatWholeSeconds } from "./format/duration.ts";
import { printableName } from "./format/printable_name.ts";
import { formatSize } from "./format/size.ts";
import { formatRfc3339 } from "./format/time.ts";
import { jsonPath } from "./json_line.ts";

/** What of a snapshot's line may be chosen. */
export interface SnapshotLineOptions {
  /** The whole identifier instead of its first eight digits. */
  uuid: boolean;
  /** The tags, where there are any. */
  tags: boolean;
}

/**
 * A snapshot as plakar lists it.
 *
 * @param header its header
 * @param options what is shown
 * @returns one line
 */
export function snapshotLine(header: Header, { uuid, tags }: SnapshotLineOptions): string {
  const { importer } = header.sources[0];
  const id = toHex(header.identifier);
  const size = formatSize(totalSize(header.sources[0].summary));
  const duration = formatWholeSeconds(header.duration);
  const shownTags = tags && header.tags.length > 0 ? ` tags=${header.tags.join(",")}` : "";
  const columns = uuid
    ? ` ${id.padStart(3)}${size.padStart(10)}${duration.padStart(10)} `
    : ` ${id.slice(0, 8).padStart(10)}${size.padStart(10)}${duration.padStart(10)} `;
  return formatRfc3339(header.timestamp) + columns + printableName(importer.directory) + shownTags;
}

/**
 * A snapshot as values of a JSON line.
 *
 * @param header its header
 * @returns its values
 */
export function snapshotData(header: Header): Record<string, unknown> {
  const { importer, summary } = header.sources[0];
  return {
    id: toHex(header.identifier),
    timestamp: formatRfc3339(header.timestamp, 9),
    duration_ns: header.duration,
    size: totalSize(summary),
    type: importer.type,
    ...jsonPath(importer.origin, "origin"),
    ...jsonPath(importer.directory, "directory"),
    name: header.name,
    category: header.category,
    environment: header.environment,
    perimeter: header.perimeter,
    job: header.job,
    tags: header.tags,
    errors: summary.below.errors,
  };
}

/** `plakar backup`. */

import type { ResolvedLocation } from "../../config/resolve_location.ts";
import type { DirectoryRecord } from "../../connectors/record.ts";
import { isRegular } from "../../kloset/file_mode.ts";
import { toHex } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import { HeadStart } from "../../lib/head_start.ts";
import type { Repository } from "../../repository/repository.ts";
import { randomBytes } from "../../crypto/random.ts";
import { backup } from "../../snapshot/backup.ts";
import type { BackupResult, SnapshotLabels } from "../../snapshot/backup_options.ts";
import { workerPipelines } from "../../snapshot/open_pipeline.ts";
import { Snapshot } from "../../snapshot/snapshot.ts";
import { VerifiedBlobs } from "../../snapshot/verified_blobs.ts";
import { type BackupSource, openSources, sourcesOf } from "../backup_source.ts";
import { countAhead } from "../count_ahead.ts";
import { dryRun, NO_SNAPSHOT } from "../dry_run.ts";
import type { ExclusionEvents } from "../exclusions_of.ts";
import { CORRUPT, OK, PARTIAL } from "../exit_status.ts";
import { formatCount } from "../format/count.ts";
import { formatSize } from "../format/size.ts";
import { splitList } from "../grammar/option.ts";
import type { BACKUP_OPTIONS } from "../grammar/table/backup.ts";
import { type HookedOutcome, Hooks } from "../hooks.ts";
import type { Invocation } from "../invocation.ts";
import { hostname, snapshotContext } from "../machine.ts";
import { beginOpening, type OpenRepository, storeOf } from "../open_repository.ts";
import { parallelismOf } from "../parallelism.ts";
import { printedProgress, progressOf } from "../progress.ts";
import { StepLines } from "../step_lines.ts";
import { resolveTime } from "../time_argument.ts";
import { checkSnapshot } from "./check.ts";

/** So many directories and what is in them are listed before the repository is open: up to 20 MiB. */
const WALKED_AHEAD = 32_768;

/** A run of `backup`. */
export type BackupInvocation = Invocation<typeof BACKUP_OPTIONS>;

/**
 * Makes a snapshot, or with `-dry-run` says what would be in it.
 *
 * @param invocation the command's run
 * @returns the exit status: 3 if some paths could not be read
 */
export async function run(invocation: BackupInvocation): Promise<number> {
  const timestamp = timestampOf(invocation);
  const sources = await sourcesOf(invocation);
  const store = await storeOf(invocation);
  if (invocation.options["dry-run"]) {
    await using source = await openSources(sources, store.location, invocation);
    const lines = new StepLines(invocation.output, "backup", NO_SNAPSHOT);
    const exclusions = source.exclusions(exclusionEvents(lines, invocation));
    await dryRun(source.importer, exclusions, lines, invocation);
    return OK;
  }
  const names = sources.map(({ displayName }) => displayName).join("\n");
  const variables = { PLAKAR_SOURCE: names, PLAKAR_REPOSITORY: store.displayName };
  const hooks = await Hooks.of(invocation, sources.map(({ settings }) => settings), variables);
  return await hooks.around(() => makeSnapshot(sources, timestamp, invocation));
}

async function makeSnapshot(
  sources: readonly ResolvedLocation[],
  timestamp: bigint | undefined,
  invocation: BackupInvocation,
): Promise<HookedOutcome> {
  const { output, options, signal } = invocation;
  // The server is reached and looked through while the key is derived.
  await using opening = await beginOpening(invocation);
  await using source = await openSources(sources, opening.location, invocation);
  const identifier = randomBytes(32);
  const lines = new StepLines(output, "backup", identifier);
  const exclusions = source.exclusions(exclusionEvents(lines, invocation));
  const listed = source.importer.walk({ ...exclusions, signal });
  await using walk = new HeadStart(listed, ({ children }) => 1 + children.length, WALKED_AHEAD);
  const open = { ...opening, repository: await opening.repository };
  const result = await store(open, { source, walk, identifier, timestamp }, lines, invocation);
  output.trace("snapshot", `unchanged files were taken from ${result.parent ?? "none"}`);
  const { errors, filesRead, filesUnchanged, bytesRead, bytesNew, bytesWritten } = result;
  lines.result({
    errors,
    duration: result.header.duration,
    bytesIn: open.repository.blobReader.bytesRead,
    bytesOut: bytesWritten,
    facts: [
      `${formatCount(filesRead + filesUnchanged, "file")} (${filesUnchanged} unchanged)`,
      `${formatSize(bytesRead)} read`,
      `${formatSize(bytesRead - bytesNew)} deduplicated`,
      `${formatSize(bytesWritten)} added`,
    ],
    details: {
      files_read: filesRead,
      bytes_read: bytesRead,
      bytes_deduplicated: bytesRead - bytesNew,
      files_unchanged: filesUnchanged,
      parent: result.parent,
    },
  });
  const isDamaged = options.check && await hasDamage(open.repository, identifier, invocation);
  const status = isDamaged ? CORRUPT : errors > 0 ? PARTIAL : OK;
  return { status, snapshot: toHex(identifier), errors };
}

/** What a snapshot is made from and called. */
interface Origin {
  source: BackupSource;
  walk: AsyncIterable<DirectoryRecord>;
  identifier: Uint8Array;
  timestamp: bigint | undefined;
}

async function store(
  { repository, location }: OpenRepository,
  { source, walk, identifier, timestamp }: Origin,
  lines: StepLines,
  invocation: BackupInvocation,
): Promise<BackupResult> {
  const { output, options, global, surroundings, signal } = invocation;
  using progress = options["no-progress"] ? printedProgress(lines) : progressOf(output, surroundings, lines);
  progress.phase("preparing");
  const { importer } = source;
  const { threads, filesEach } = parallelismOf(global, navigator.hardwareConcurrency);
  // Its own exclusions: nothing is told twice.
  await using _counting = progress.wantsTotal
    ? countAhead({ importer, ...source.exclusions() }, progress, signal)
    : undefined;
  return await backup({
    repository,
    identifier,
    importer,
    walk,
    openPipeline: workerPipelines(repository, location, { ...importer.readerSpec, parallelism: filesEach }),
    pipelines: threads,
    labels: labelsOf(options, surroundings.variable("PLAKAR_TAGS")),
    useParent: options.cache !== "no",
    timestamp,
    now: surroundings.now,
    hostname: hostname(),
    events: {
      stored: (path, info, read) => progress.add(1, !read && isRegular(info.mode) ? info.size : 0, path),
      read: (bytes, path) => progress.advance(bytes, path),
      failed: (path, message) => progress.error(path, message),
      phase(name) {
        output.trace("snapshot", name);
        progress.phase(name);
      },
      discovered: () => {},
      warn: (message) => output.warn(message),
    },
    signal,
  });
}

function exclusionEvents(lines: StepLines, { options, output }: BackupInvocation): ExclusionEvents {
  return {
    leftOut: options.explain ? (path, reason) => lines.leftOut(path, reason) : undefined,
    warn: (message) => output.warn(message),
  };
}

function timestampOf({ options, surroundings }: BackupInvocation): bigint | undefined {
  const now = surroundings.now();
  const timestamp = options["force-timestamp"] && resolveTime(options["force-timestamp"], now);
  if (timestamp === undefined || timestamp <= now) return timestamp;
  throw new PlakarError("usage", "forced timestamp cannot be in the future");
}

function labelsOf(options: BackupInvocation["options"], defaultTags: string | undefined): SnapshotLabels {
  const tags = options.tag.length > 0 ? options.tag : splitList(defaultTags ?? "");
  return {
    name: options.name ?? "default",
    category: options.category ?? "",
    environment: options.environment ?? "",
    perimeter: options.perimeter ?? "",
    job: options.job ?? "",
    tags,
    context: snapshotContext(Deno.args),
  };
}

async function hasDamage(
  repository: Repository,
  identifier: Uint8Array,
  invocation: BackupInvocation,
): Promise<boolean> {
  const fresh = await repository.reload();
  const snapshot = await Snapshot.load(fresh, identifier);
  return await checkSnapshot(fresh, { snapshot, path: snapshot.directory }, new VerifiedBlobs(), invocation) >
    0;
}

/** `plakar backup`. */

import type { ResolvedLocation } from "../../config/resolve_location.ts";
import type { Importer } from "../../connectors/importer/importer.ts";
import { openImporter } from "../../connectors/importer/open_importer.ts";
import { isRegular } from "../../kloset/file_mode.ts";
import { toHex } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { Repository } from "../../repository/repository.ts";
import { randomBytes } from "../../crypto/random.ts";
import { backup, type BackupResult, type SnapshotLabels } from "../../snapshot/backup.ts";
import type { Exclusions } from "../../snapshot/exclusions.ts";
import { workerPipelines } from "../../snapshot/open_pipeline.ts";
import { Snapshot } from "../../snapshot/snapshot.ts";
import { locationOf } from "../configuration_of.ts";
import { countAhead } from "../count_ahead.ts";
import { dryRun, NO_SNAPSHOT } from "../dry_run.ts";
import { type ExclusionEvents, exclusionsOf } from "../exclusions_of.ts";
import { CORRUPT, OK, PARTIAL } from "../exit_status.ts";
import { formatCount } from "../format/count.ts";
import { formatSize } from "../format/size.ts";
import { splitList } from "../grammar/option.ts";
import type { BACKUP_OPTIONS } from "../grammar/table/backup.ts";
import { type HookedOutcome, Hooks } from "../hooks.ts";
import type { Invocation } from "../invocation.ts";
import { connectEnvironment, hostname, snapshotContext } from "../machine.ts";
import { type OpenRepository, openRepositoryOf, storeOf } from "../open_repository.ts";
import { printedProgress, progressOf } from "../progress.ts";
import { StepLines } from "../step_lines.ts";
import { resolveTime } from "../time_argument.ts";
import { checkSnapshot } from "./check.ts";

/** A run of `backup`. */
export type BackupInvocation = Invocation<typeof BACKUP_OPTIONS>;

/**
 * Makes a snapshot, or with `-dry-run` says what would be in it.
 *
 * @param invocation the command's run
 * @returns the exit status: 3 if some paths could not be read
 */
export async function run(invocation: BackupInvocation): Promise<number> {
  const { args, options, surroundings } = invocation;
  if (args.length > 1) {
    throw new PlakarError("usage", "multi-source backup not supported yet", {
      hint: "Back up each source with a command of its own",
    });
  }
  const timestamp = timestampOf(invocation);
  const given = args[0] ?? surroundings.currentDirectory;
  const source = await locationOf(invocation, "source", given, options.o);
  const store = await storeOf(invocation);
  if (options["dry-run"]) {
    await using importer = await importerOf(source, invocation);
    const lines = new StepLines(invocation.output, "backup", NO_SNAPSHOT);
    const exclusions = await exclusionsOf(invocation, { ...source, importer }, store.location);
    await dryRun(importer, exclusions(exclusionEvents(lines, invocation)), lines, invocation);
    return OK;
  }
  const variables = { PLAKAR_SOURCE: source.displayName, PLAKAR_REPOSITORY: store.displayName };
  const hooks = await Hooks.of(invocation, source.settings, variables);
  return await hooks.around(() => makeSnapshot(source, timestamp, invocation));
}

async function makeSnapshot(
  source: ResolvedLocation,
  timestamp: bigint | undefined,
  invocation: BackupInvocation,
): Promise<HookedOutcome> {
  const { output, options } = invocation;
  const open = await openRepositoryOf(invocation);
  await using importer = await importerOf(source, invocation);
  const exclusions = await exclusionsOf(invocation, { ...source, importer }, open.location);
  const identifier = randomBytes(32);
  const lines = new StepLines(output, "backup", identifier);
  const result = await store(open, { importer, identifier, timestamp }, exclusions, lines, invocation);
  const { errors, filesRead, filesUnchanged, bytesRead, bytesNew, bytesWritten } = result;
  lines.result({
    errors,
    duration: result.header.duration,
    bytesIn: open.repository.bytesRead,
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
  importer: Importer;
  identifier: Uint8Array;
  timestamp: bigint | undefined;
}

async function store(
  { repository, location }: OpenRepository,
  { importer, identifier, timestamp }: Origin,
  exclusions: (events?: ExclusionEvents) => Exclusions,
  lines: StepLines,
  invocation: BackupInvocation,
): Promise<BackupResult> {
  const { output, options, global, surroundings, signal } = invocation;
  using progress = options["no-progress"] ? printedProgress(lines) : progressOf(output, surroundings, lines);
  progress.phase("preparing");
  const { exclude, prune } = exclusions(exclusionEvents(lines, invocation));
  // Its own exclusions: nothing is told twice.
  const ahead = exclusions();
  await using _counting = progress.wantsTotal
    ? countAhead({ importer, exclude: ahead.exclude, prune: ahead.prune }, progress, signal)
    : undefined;
  return await backup({
    repository,
    identifier,
    importer,
    openPipeline: workerPipelines(repository, location, importer.readerSpec),
    pipelines: global.concurrency ?? Math.max(2, navigator.hardwareConcurrency),
    labels: labelsOf(options, surroundings.variable("PLAKAR_TAGS")),
    useParent: options.cache !== "no",
    exclude,
    prune,
    timestamp,
    now: surroundings.now,
    hostname: hostname(),
    events: {
      stored: (path, info, read) => progress.add(1, !read && isRegular(info.mode) ? info.size : 0, path),
      read: (bytes, path) => progress.advance(bytes, path),
      failed: (path, message) => progress.error(path, message),
      phase: (name) => progress.phase(name),
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

/** Opens the source; what fails names the location it was for. */
async function importerOf(
  { location, displayName }: ResolvedLocation,
  invocation: BackupInvocation,
): Promise<Importer> {
  try {
    return await openImporter(location, connectEnvironment(invocation));
  } catch (error) {
    if (!(error instanceof PlakarError)) throw error;
    const message = `failed to create an importer for ${displayName}: ${error.message}`;
    throw new PlakarError(error.code, message, { cause: error, hint: error.hint });
  }
}

async function hasDamage(
  repository: Repository,
  identifier: Uint8Array,
  invocation: BackupInvocation,
): Promise<boolean> {
  const fresh = await repository.reload();
  const snapshot = await Snapshot.load(fresh, identifier);
  return await checkSnapshot(fresh, { snapshot, path: snapshot.directory }, new Map(), invocation) > 0;
}

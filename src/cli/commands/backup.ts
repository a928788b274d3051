/** `plakar backup`. */

import { openImporter } from "../../connectors/importer/open_importer.ts";
import type { Importer } from "../../connectors/importer/importer.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { Repository } from "../../repository/repository.ts";
import { randomBytes } from "../../crypto/random.ts";
import { backup, type BackupEvents, type BackupResult, type SnapshotLabels } from "../../snapshot/backup.ts";
import { workerPipelines } from "../../snapshot/open_pipeline.ts";
import { Snapshot } from "../../snapshot/snapshot.ts";
import { locationOf } from "../configuration_of.ts";
import { CORRUPT, OK, PARTIAL } from "../exit_status.ts";
import { splitList } from "../grammar/option.ts";
import type { BACKUP_OPTIONS } from "../grammar/table/backup.ts";
import type { Invocation } from "../invocation.ts";
import { connectEnvironment, hostname, snapshotContext } from "../machine.ts";
import { type OpenRepository, openRepositoryOf } from "../open_repository.ts";
import { StepLines } from "../step_lines.ts";
import { resolveTime } from "../time_argument.ts";
import { checkSnapshot } from "./check.ts";

/** A run of `backup`. */
export type BackupInvocation = Invocation<typeof BACKUP_OPTIONS>;

/**
 * Makes a snapshot.
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
  const given = args[0] ?? surroundings.currentDirectory;
  const { location, displayName } = await locationOf(invocation, "source", given, options.o);
  const open = await openRepositoryOf(invocation);
  await using importer = await opened(
    displayName,
    () => openImporter(location, connectEnvironment(invocation)),
  );
  const identifier = randomBytes(32);
  const lines = new StepLines(invocation.output, "backup", identifier);
  const events: BackupEvents = {
    stored: (path) => lines.ok(path),
    failed: (path, message) => lines.failed(path, message),
    discovered: () => {},
    warn: (message) => invocation.output.warn(message),
  };
  const result = await makeSnapshot(open, importer, identifier, events, invocation);
  lines.result({
    errors: result.errors,
    duration: result.header.duration,
    bytesIn: open.repository.bytesRead,
    bytesOut: result.bytesWritten,
    details: {
      files_read: result.filesRead,
      bytes_read: result.bytesRead,
      files_unchanged: result.filesUnchanged,
      parent: result.parent,
    },
  });
  if (options.check && await isDamaged(open.repository, identifier, invocation)) return CORRUPT;
  return result.errors > 0 ? PARTIAL : OK;
}

async function makeSnapshot(
  { repository, location }: OpenRepository,
  importer: Importer,
  identifier: Uint8Array,
  events: BackupEvents,
  { options, global, surroundings, signal }: BackupInvocation,
): Promise<BackupResult> {
  const now = surroundings.now();
  const timestamp = options["force-timestamp"] && resolveTime(options["force-timestamp"], now);
  if (timestamp !== undefined && timestamp > now) {
    throw new PlakarError("usage", "forced timestamp cannot be in the future");
  }
  return await backup({
    repository,
    identifier,
    importer,
    openPipeline: workerPipelines(repository, location, importer.readerSpec),
    pipelines: global.concurrency ?? Math.max(2, navigator.hardwareConcurrency),
    labels: labelsOf(options, surroundings.variable("PLAKAR_TAGS")),
    useParent: options.cache !== "no",
    timestamp,
    now: surroundings.now,
    hostname: hostname(),
    events,
    signal,
  });
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

/** Opens a connector; what fails names the location it was for. */
async function opened<T>(displayName: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof PlakarError)) throw error;
    const message = `failed to create an importer for ${displayName}: ${error.message}`;
    throw new PlakarError(error.code, message, { cause: error, hint: error.hint });
  }
}

async function isDamaged(
  repository: Repository,
  identifier: Uint8Array,
  invocation: BackupInvocation,
): Promise<boolean> {
  const fresh = await repository.reload();
  const snapshot = await Snapshot.load(fresh, identifier);
  return await checkSnapshot(fresh, { snapshot, path: snapshot.directory }, new Map(), invocation) > 0;
}

/** `plakar restore`. */

import { join } from "@std/path";
import type { Degradation, Exporter } from "../../connectors/exporter/exporter.ts";
import { openExporter } from "../../connectors/exporter/open_exporter.ts";
import { display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { Repository } from "../../repository/repository.ts";
import { workerRestorers } from "../../snapshot/open_restorer.ts";
import { restore } from "../../snapshot/restore.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { findSnapshot } from "../../snapshot/snapshot_list.ts";
import { locationOf } from "../configuration_of.ts";
import { OK, PARTIAL } from "../exit_status.ts";
import { formatCount } from "../format/count.ts";
import { formatSize } from "../format/size.ts";
import { parseSnapshotReference } from "../format/snapshot_reference.ts";
import { FILTER_OPTIONS } from "../grammar/locate_options.ts";
import type { RESTORE_OPTIONS } from "../grammar/table/restore.ts";
import type { Invocation } from "../invocation.ts";
import { connectEnvironment } from "../machine.ts";
import { openRepositoryOf } from "../open_repository.ts";
import { parallelismOf } from "../parallelism.ts";
import { progressOf } from "../progress.ts";
import { selectSnapshots } from "../select_snapshots.ts";
import { StepLines } from "../step_lines.ts";
import { tellTotals } from "../tell_totals.ts";
import type { ByteString } from "../../lib/byte_string.ts";

/** What a server may lack without anything of the files being lost: a warning, no partial success. */
const HARMLESS: readonly Degradation["kind"][] = ["fsync", "link-times"];

/** What could not be done, to stand between "Could not" and the path. */
const LOSSES: Readonly<Record<Degradation["kind"], string>> = {
  "owner": "keep owner of",
  "mode": "keep mode of",
  "times": "keep times of",
  "link-times": "keep times of link",
  "special-file": "restore",
  "fsync": "flush to the disk",
};

/** A run of `restore`. */
export type RestoreInvocation = Invocation<typeof RESTORE_OPTIONS>;

/**
 * Restores a snapshot, a directory of it, or a file.
 *
 * @param invocation the command's run
 * @returns the exit status: 3 if some paths could not be restored as they were
 */
export async function run(invocation: RestoreInvocation): Promise<number> {
  const { output, options, surroundings, signal } = invocation;
  await using open = await openRepositoryOf(invocation);
  const { repository } = open;
  const { snapshot, path, unreadable } = await chosen(repository, invocation);
  await snapshot.lookup(path);
  const target = options.to ?? defaultTarget(surroundings.currentDirectory, surroundings.now());
  const { threads, filesEach } = parallelismOf(invocation.global, navigator.hardwareConcurrency);
  await using exporter = await openTarget(target, filesEach, invocation);
  const lines = new StepLines(output, "restore", snapshot.header.identifier);
  using progress = progressOf(output, surroundings, lines);
  output.trace("snapshot", `restoring ${display(path)} of ${snapshot.shortId} to ${exporter.displayName}`);
  progress.phase(`restoring ${snapshot.shortId}`);
  if (progress.wantsTotal) await tellTotals(snapshot, path, progress);
  const began = surroundings.now();
  const result = await restore({
    snapshot,
    path,
    exporter,
    helpers: { start: workerRestorers(repository, open.location), limit: threads - 1 },
    signal,
    events: {
      restored: (path) => progress.add(1, 0, path),
      written: (bytes, path) => progress.advance(bytes, path),
      failed: (path, message) => progress.error(path, message),
      warn: (message) => output.warn(message),
    },
  });
  progress.finish();
  for (const { kind, path, message, count } of result.degradations) {
    const more = count > 1 ? ` and ${count - 1} more` : "";
    output.warn(`Could not ${LOSSES[kind]} "${display(path)}"${more}: ${message}`);
  }
  const lost = result.degradations.filter(({ kind }) => !HARMLESS.includes(kind));
  const warnings = lost.reduce((sum, { count }) => sum + count, 0);
  lines.result({
    errors: result.errors,
    warnings,
    duration: surroundings.now() - began,
    bytesIn: result.bytesRead,
    bytesOut: result.bytes,
    facts: [
      `${formatCount(result.restored, "path")} restored to ${exporter.displayName}`,
      `${formatSize(result.bytes)} written`,
    ],
    details: { restored: result.restored, warnings, target: exporter.displayName },
  });
  return result.errors > 0 || warnings > 0 || unreadable > 0 ? PARTIAL : OK;
}

/** What is restored, and how many snapshots might have been the newest but cannot be read. */
async function chosen(
  repository: Repository,
  invocation: RestoreInvocation,
): Promise<{ snapshot: Snapshot; path: ByteString; unreadable: number }> {
  const { prefix, path } = parseSnapshotReference(invocation.args[0] ?? ":");
  const filters = Object.keys(FILTER_OPTIONS).filter((name) => invocation.given.has(name));
  if (prefix !== "") {
    if (filters.length > 0) {
      const names = filters.map((name) => `-${name}`).join(", ");
      invocation.output.warn(`The snapshot is named by its id: ${names} ${verb(filters)} ignored`);
    }
    const snapshot = await findSnapshot(repository, prefix);
    return { snapshot, path: snapshot.resolve(path), unreadable: 0 };
  }
  let unreadable = 0;
  const [newest] = await selectSnapshots(repository, invocation, () => unreadable++);
  if (!newest) {
    throw new PlakarError("not-found", "no snapshots found", {
      hint: filters.length > 0
        ? 'no snapshot matches the filters; "plakar ls -tags" lists the snapshots there are'
        : 'the repository has none yet; "plakar backup" makes one',
    });
  }
  return { snapshot: newest, path: newest.resolve(path), unreadable };
}

function verb(subjects: readonly string[]): string {
  return subjects.length === 1 ? "is" : "are";
}

/** As plakar names it, in local time. */
function defaultTarget(currentDirectory: string, now: bigint): string {
  const date = new Date(Number(now / 1_000_000n));
  const parts = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  const digits = parts.map((part) => String(part).padStart(2, "0")).join("");
  return join(currentDirectory, `plakar-${date.getFullYear()}${digits}`);
}

async function openTarget(
  target: string,
  parallelism: number | undefined,
  invocation: RestoreInvocation,
): Promise<Exporter> {
  const { location, displayName } = await locationOf(invocation, "destination", target, invocation.options.o);
  try {
    const { "skip-permissions": skipPermissions } = invocation.options;
    return await openExporter(location, connectEnvironment(invocation), { skipPermissions, parallelism });
  } catch (error) {
    if (!(error instanceof PlakarError)) throw error;
    const message = `failed to create an exporter for ${displayName}: ${error.message}`;
    throw new PlakarError(error.code, message, { cause: error, hint: error.hint });
  }
}

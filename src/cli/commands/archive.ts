/** `plakar archive`. */

import { resolve } from "@std/path";
import { OutputFile } from "../../connectors/local/output_file.ts";
import { toHex } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import { archive, type ArchiveFormat } from "../../snapshot/archive/archive.ts";
import type { ArchiveSink } from "../../snapshot/archive/archive_writer.ts";
import { findSnapshot } from "../../snapshot/snapshot_list.ts";
import { exitStatusOf, OK, PARTIAL } from "../exit_status.ts";
import { printableName } from "../format/printable_name.ts";
import { parseSnapshotReference } from "../format/snapshot_reference.ts";
import { formatRfc3339 } from "../format/time.ts";
import type { ARCHIVE_OPTIONS } from "../grammar/table/contents.ts";
import type { Invocation } from "../invocation.ts";
import { jsonPath } from "../json_line.ts";
import { openRepositoryOf } from "../open_repository.ts";

/** A run of `archive`. */
export type ArchiveInvocation = Invocation<typeof ARCHIVE_OPTIONS>;

const SUFFIXES: Readonly<Record<ArchiveFormat, string>> = { tar: "tar", tarball: "tar.gz", zip: "zip" };

/**
 * Writes an archive.
 *
 * @param invocation the command's run
 * @returns the exit status: that of the first failure, 3 if something has no place in the format
 */
export async function run(invocation: ArchiveInvocation): Promise<number> {
  const { args: [reference], options, output, surroundings } = invocation;
  const { format } = options;
  const now = formatRfc3339(surroundings.now());
  const name = options.output ?? `plakar-${now}.${SUFFIXES[format]}`;
  if (name === "-") {
    refuseStandardOutput(invocation);
    return await write(reference, name, invocation, async (bytes) => {
      output.bytes(bytes);
      await output.drain();
    });
  }
  await using file = await OutputFile.open(resolve(surroundings.currentDirectory, name));
  const status = await write(reference, name, invocation, (bytes) => file.write(bytes));
  await file.publish();
  return status;
}

function refuseStandardOutput({ output, surroundings }: ArchiveInvocation): void {
  const refuse = (why: string) =>
    new PlakarError("usage", `Cannot write the archive to standard output: ${why}`, {
      hint: "name a file with -output FILE",
    });
  if (output.isJson) throw refuse("that is where the lines of -json go");
  if (surroundings.stdout.isTerminal()) throw refuse("it is a terminal");
}

async function write(
  reference: string,
  name: string,
  invocation: ArchiveInvocation,
  sink: ArchiveSink,
): Promise<number> {
  const { options, output, signal } = invocation;
  await using open = await openRepositoryOf(invocation);
  const { repository } = open;
  const { prefix, path } = parseSnapshotReference(reference);
  const snapshot = await findSnapshot(repository, prefix);
  const id = toHex(snapshot.header.identifier);
  let status = OK;
  const result = await archive({
    snapshot,
    path: snapshot.resolve(path),
    format: options.format,
    rebase: options.rebase,
    sink,
    failed: (path, error) => {
      if (status === OK || status === PARTIAL) status = exitStatusOf(error);
      const data = { ...jsonPath(path), message: error.message, code: error.code };
      const text = `error: archive: ${printableName(path)}: ${error.message}`;
      output.failedStep({ type: "failed", snapshot: id, data, text });
    },
    skipped: (path, why) => {
      if (status === OK) status = PARTIAL;
      const data = { ...jsonPath(path), message: why };
      const text = `warn: archive: left out ${printableName(path)}: ${why}`;
      output.failedStep({ type: "skipped", snapshot: id, data, text });
    },
    signal,
  });
  const { members, size } = result;
  // Nothing is printed as text, as by plakar.
  output.result({
    type: "archived",
    snapshot: id,
    data: { file: name, format: options.format, members, size },
  });
  return status;
}

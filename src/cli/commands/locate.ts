/** `plakar locate`. */

import { display, fromText } from "../../lib/byte_string.ts";
import { toHex } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { Repository } from "../../repository/repository.ts";
import { locate, namePatterns } from "../../snapshot/locate.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { OK, PARTIAL } from "../exit_status.ts";
import { printableName } from "../format/printable_name.ts";
import { isIdPrefix } from "../format/snapshot_reference.ts";
import type { LOCATE_COMMAND_OPTIONS } from "../grammar/table/snapshots.ts";
import type { Invocation } from "../invocation.ts";
import { jsonPath } from "../json_line.ts";
import { openRepositoryOf } from "../open_repository.ts";
import { selectSnapshots } from "../select_snapshots.ts";

/** A run of `locate`. */
export type LocateInvocation = Invocation<typeof LOCATE_COMMAND_OPTIONS>;

/**
 * Lists files by their names.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: LocateInvocation): Promise<number> {
  const { args, output, signal } = invocation;
  const patterns = namePatterns(args.map(fromText));
  for (const pattern of patterns.malformed) {
    output.warn(
      `Cannot use "${display(pattern)}" as a pattern: it is not well formed, only this name is found`,
    );
  }
  await using open = await openRepositoryOf(invocation);
  const { repository } = open;
  let unreadable = 0;
  for (const snapshot of await searched(repository, invocation, () => unreadable++)) {
    const id = toHex(snapshot.header.identifier);
    for await (const path of locate(snapshot, patterns, signal)) {
      const text = `${snapshot.shortId}:${printableName(path)}`;
      output.product({ type: "located", snapshot: id, data: jsonPath(path), text });
      await output.drain();
    }
  }
  return unreadable > 0 ? PARTIAL : OK;
}

/** The snapshots that match the filters, the newest first; of those named by `-snapshot`, if that is given. */
async function searched(
  repository: Repository,
  invocation: LocateInvocation,
  unreadable: () => void,
): Promise<Snapshot[]> {
  const prefix = invocation.options.snapshot?.toLowerCase();
  const selected = await selectSnapshots(repository, invocation, unreadable);
  if (prefix === undefined) return selected;
  const isNamed = (identifier: Uint8Array) => toHex(identifier).startsWith(prefix);
  if (!isIdPrefix(prefix) || !repository.state.snapshots.some(isNamed)) {
    throw new PlakarError("not-found", `no snapshot has prefix: ${prefix}`, {
      hint: '"plakar ls" lists the snapshots',
    });
  }
  return selected.filter(({ header }) => isNamed(header.identifier));
}

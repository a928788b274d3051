/** `plakar digest`. */

import { display } from "../../lib/byte_string.ts";
import { toHex } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { Repository } from "../../repository/repository.ts";
import { digests } from "../../snapshot/digest.ts";
import { findSnapshot } from "../../snapshot/snapshot_list.ts";
import { exitStatusOf, OK } from "../exit_status.ts";
import { printableName } from "../format/printable_name.ts";
import { parseSnapshotReference } from "../format/snapshot_reference.ts";
import type { DIGEST_OPTIONS } from "../grammar/table/contents.ts";
import type { Invocation } from "../invocation.ts";
import { jsonPath } from "../json_line.ts";
import { openRepositoryOf } from "../open_repository.ts";

/** A run of `digest`. */
export type DigestInvocation = Invocation<typeof DIGEST_OPTIONS>;

/**
 * Prints digests of files. What fails is told, and the rest is done.
 *
 * @param invocation the command's run
 * @returns the exit status: that of the first failure
 */
export async function run(invocation: DigestInvocation): Promise<number> {
  const { args, output } = invocation;
  await using open = await openRepositoryOf(invocation);
  const { repository } = open;
  let status = OK;
  const failed = (subject: string, error: PlakarError) => {
    if (status === OK) status = exitStatusOf(error);
    output.error(
      new PlakarError(error.code, `digest: ${subject}: ${error.message}`, { cause: error, hint: error.hint }),
    );
  };
  for (const arg of args) {
    try {
      await printDigests(repository, arg, invocation, failed);
    } catch (error) {
      // If nothing can be printed any more, that ends the command.
      await output.drain();
      if (!(error instanceof PlakarError) || invocation.signal.aborted) throw error;
      failed(arg, error);
    }
  }
  return status;
}

async function printDigests(
  repository: Repository,
  arg: string,
  { options, output, signal }: DigestInvocation,
  failed: (subject: string, error: PlakarError) => void,
): Promise<void> {
  const { hashing } = options;
  const reference = parseSnapshotReference(arg);
  const snapshot = await findSnapshot(repository, reference.prefix);
  const id = toHex(snapshot.header.identifier);
  for await (
    const { path, digest, error } of digests(snapshot, snapshot.resolve(reference.path), hashing, signal)
  ) {
    if (error) failed(display(path), error);
    if (!digest) continue;
    const hex = toHex(digest);
    const text = `${hashing} (${printableName(path)}) = ${hex}`;
    output.product({ type: "digest", snapshot: id, data: { ...jsonPath(path), hashing, digest: hex }, text });
    await output.drain();
  }
}

/** `plakar cat`. */

import { gunzipSync } from "node:zlib";
import { isRegular } from "../../kloset/file_mode.ts";
import { concat, toHex } from "../../lib/bytes.ts";
import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { Repository } from "../../repository/repository.ts";
import { findSnapshot } from "../../snapshot/snapshot_list.ts";
import { exitStatusOf, OK } from "../exit_status.ts";
import { printableName } from "../format/printable_name.ts";
import { parseSnapshotReference } from "../format/snapshot_reference.ts";
import type { CAT_OPTIONS } from "../grammar/table/contents.ts";
import type { Invocation } from "../invocation.ts";
import { jsonPath } from "../json_line.ts";
import { openRepositoryOf } from "../open_repository.ts";

/**
 * Prints files. What fails is told, and the rest is printed.
 *
 * @param invocation the command's run
 * @returns the exit status: that of the first failure
 */
export async function run(invocation: Invocation<typeof CAT_OPTIONS>): Promise<number> {
  const { args, output } = invocation;
  await using open = await openRepositoryOf(invocation);
  const { repository } = open;
  let status = OK;
  for (const arg of args) {
    try {
      await printFile(repository, arg, invocation);
    } catch (error) {
      // If nothing can be printed any more, that ends the command.
      await output.drain();
      if (!(error instanceof PlakarError) || invocation.signal.aborted) throw error;
      if (status === OK) status = exitStatusOf(error);
      output.error(error);
    }
  }
  return status;
}

async function printFile(
  repository: Repository,
  arg: string,
  { output, options, signal }: Invocation<typeof CAT_OPTIONS>,
): Promise<void> {
  const reference = parseSnapshotReference(arg);
  const snapshot = await findSnapshot(repository, reference.prefix);
  const wanted = snapshot.resolve(reference.path);
  const fail = (code: PlakarError["code"], message: string, cause?: unknown) =>
    new PlakarError(code, `cat: ${printableName(wanted)}: ${message}`, { cause });
  let entry;
  try {
    ({ entry } = await snapshot.lookup(wanted));
  } catch (cause) {
    throw fail("not-found", "no such file", cause);
  }
  if (!isRegular(entry.info.mode) || !entry.object) throw fail("unsupported", "not a regular file");
  let offset = 0;
  const print = (bytes: Uint8Array) => {
    if (output.isJson) {
      const data = { ...jsonPath(wanted), offset, base64: bytes.toBase64() };
      output.product({ type: "content", snapshot: toHex(snapshot.header.identifier), data });
    } else output.bytes(bytes);
    offset += bytes.length;
  };
  try {
    const object = await snapshot.object(entry.object);
    const isGzip = options.decompress && entry.contentType.startsWith("application/gzip");
    const compressed: Uint8Array[] = [];
    for await (const bytes of snapshot.content(object)) {
      signal.throwIfAborted();
      if (isGzip) compressed.push(bytes);
      else print(bytes);
      await output.drain();
    }
    if (isGzip) print(gunzipSync(concat(...compressed)));
    else if (output.isJson && offset === 0) print(new Uint8Array(0));
  } catch (cause) {
    signal.throwIfAborted();
    throw fail(cause instanceof PlakarError ? cause.code : "io", messageOf(cause), cause);
  }
}

/** `plakar complete`, which the shells' scripts call: candidates for the last word of a command line. */

import type { CompletionNames } from "../grammar/complete.ts";
import { complete } from "../grammar/complete.ts";
import type { NoOptions } from "../grammar/command.ts";
import { COMMANDS } from "../grammar/table/table.ts";
import { OK } from "../exit_status.ts";
import { configurationOf } from "../configuration_of.ts";
import type { Invocation } from "../invocation.ts";
import { contentCandidates, snapshotCandidates } from "../snapshot_candidates.ts";

/**
 * Prints candidates, one a line.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<NoOptions>): Promise<number> {
  const { output, args } = invocation;
  const names: CompletionNames = {
    async entries(kind) {
      const entries = (await configurationOf(invocation)).entries(kind);
      return entries.map(([word, { location = "" }]) => ({ word, about: location }));
    },
    snapshots: (query) => snapshotCandidates(invocation, query),
    contents: (query) => contentCandidates(invocation, query),
  };
  const { words, files } = await complete(args, COMMANDS, names);
  for (const { word, about } of words) {
    output.product({
      type: "candidate",
      data: { word, about },
      text: about === "" ? word : `${word}\t${about}`,
    });
  }
  if (files) output.product({ type: "files", text: ":files" });
  return OK;
}

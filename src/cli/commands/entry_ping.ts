/** `plakar source ping NAME`, and the same of `destination` and `store`. */

import { openStorage } from "../../connectors/storage/open_storage.ts";
import { openRepository } from "../../repository/repository.ts";
import { locationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { PING_ENTRY_OPTIONS } from "../grammar/table/entries.ts";
import type { Invocation } from "../invocation.ts";
import { pingLocation } from "../ping_lines.ts";
import { bareName } from "./config_kinds.ts";
import { entryKindOf } from "./entry_arguments.ts";
import { checkEntry } from "./entry_check.ts";

/**
 * Tries to reach what an entry names, and prints what answered.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<typeof PING_ENTRY_OPTIONS>): Promise<number> {
  const { command, args: [given], options, output } = invocation;
  const kind = entryKindOf(command);
  const name = bareName(given);
  await checkEntry(invocation, kind, name, options.o);
  const { location, displayName } = await locationOf(invocation, kind, `@${name}`, options.o);
  // What is restored to need not be there yet.
  await pingLocation(invocation, location, displayName, kind !== "destination");
  if (kind === "store") {
    const { configuration, isEncrypted } = await openRepository(openStorage(location));
    const { hashing } = configuration;
    const text = `Repository: ${isEncrypted ? "encrypted" : "not encrypted"}, ${hashing.algorithm}`;
    output.product({
      type: "repository",
      data: { encrypted: isEncrypted, hashing: hashing.algorithm },
      text,
    });
  }
  output.product({ type: "reachable", text: "configuration OK" });
  return OK;
}

/** `plakar source show [NAME]...`, and the same of `destination` and `store`. */

import type { Entry } from "../../config/entry_file.ts";
import { toIni } from "../../config/ini_text.ts";
import { maskSecrets } from "../../config/secrets.ts";
import { toYaml } from "../../config/yaml_text.ts";
import { PlakarError } from "../../lib/errors.ts";
import { configurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { SHOW_ENTRIES_OPTIONS } from "../grammar/table/entries.ts";
import type { Invocation } from "../invocation.ts";
import { bareName } from "./config_kinds.ts";
import { entryKindOf } from "./entry_arguments.ts";

/**
 * Prints entries, secrets masked.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<typeof SHOW_ENTRIES_OPTIONS>): Promise<number> {
  const { command, args, options, output } = invocation;
  const kind = entryKindOf(command);
  const configuration = await configurationOf(invocation);
  const names = args.length > 0 ? args.map(bareName) : configuration.entries(kind).map(([name]) => name);
  let missing = false;
  for (const name of names) {
    const entry = configuration.get(kind, name);
    if (entry === undefined) {
      const message = `${kind} "${name}" does not exist`;
      output.failedStep({ type: "error", data: { code: "not-found", message }, text: message });
      missing = true;
      continue;
    }
    const shown = options.secrets ? entry : maskSecrets(entry);
    const format = options.json ? toJson : options.ini ? toIni : (entries: Entries) => toYaml(entries);
    output.product({ type: kind, data: { name, options: shown }, text: format({ [name]: shown }).trimEnd() });
  }
  if (missing) throw new PlakarError("not-found", `one or more ${kind}s do not exist`);
  return OK;
}

type Entries = Readonly<Record<string, Entry>>;

/** An object a line, with sorted keys, as plakar prints it. */
function toJson(entries: Entries): string {
  const sorted = Object.entries(entries).map(([name, entry]) =>
    [name, Object.fromEntries(Object.entries(entry).sort(([a], [b]) => a < b ? -1 : 1))] as const
  );
  return JSON.stringify(Object.fromEntries(sorted));
}

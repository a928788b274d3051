/** `plakar source import [SECTION[:NAME]]...`, and the same of `destination` and `store`. */

import { resolve } from "@std/path";
import { type ImportedEntries, parseEntries, parseRcloneEntries } from "../../config/import_entries.ts";
import { sshConfigEntries } from "../../config/ssh_config_entries.ts";
import { osError } from "../../connectors/local/os_error.ts";
import { PlakarError } from "../../lib/errors.ts";
import { processEnvironment } from "../../ssh/environment.ts";
import { changeConfigurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { IMPORT_ENTRIES_OPTIONS } from "../grammar/table/entries.ts";
import type { Invocation } from "../invocation.ts";
import { entryKindOf } from "./entry_arguments.ts";

/**
 * Imports entries.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<typeof IMPORT_ENTRIES_OPTIONS>): Promise<number> {
  const { command, args, options, output } = invocation;
  const kind = entryKindOf(command);
  const chosen = choose(await readEntries(invocation), args);
  await changeConfigurationOf(invocation, (configuration) => {
    for (const [name, entry] of Object.entries(chosen)) {
      if (options.overwrite || configuration.get(kind, name) === undefined) {
        configuration.put(kind, name, entry);
      } else output.warn(`${kind} "${name}" already exists, skipping`);
    }
  });
  return OK;
}

async function readEntries(invocation: Invocation<typeof IMPORT_ENTRIES_OPTIONS>): Promise<ImportedEntries> {
  const { options, surroundings } = invocation;
  const environment = { ...processEnvironment(), home: surroundings.home };
  const sshConfig = options["ssh-config"] && options.config === undefined
    ? `${surroundings.home}/.ssh/config`
    : undefined;
  const path = options.config ?? sshConfig;
  const text = path === undefined
    ? await readStandardInput(invocation)
    : await readFile(resolve(surroundings.currentDirectory, path));
  const name = path ?? "standard input";
  const entries = options["ssh-config"]
    ? await sshConfigEntries(text, name, environment)
    : options.rclone
    ? parseRcloneEntries(text, name)
    : parseEntries(text, name);
  if (Object.keys(entries).length > 0) return entries;
  throw new PlakarError("config", `Cannot import from "${name}": there are no entries in it`, {
    hint: "an entry is a map in YAML or JSON, a section in INI, a Host without wildcards in ssh_config",
  });
}

async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw osError("read", path, error);
  }
}

async function readStandardInput({ surroundings }: Pick<Invocation, "surroundings">): Promise<string> {
  const { stdin } = surroundings;
  if (stdin.isTerminal()) {
    throw new PlakarError("usage", "Cannot import from standard input: it is a terminal", {
      hint: "name a file with -config, or use -ssh-config",
    });
  }
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(16 * 1024);
  let text = "";
  for (let count = await stdin.read(buffer); count !== null; count = await stdin.read(buffer)) {
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
  }
  return text + decoder.decode();
}

/** The sections that were named, under the names they were given; all if none was named. */
function choose(entries: ImportedEntries, sections: readonly string[]): ImportedEntries {
  if (sections.length === 0) return entries;
  return Object.fromEntries(sections.map((section) => {
    const [name, newName = name] = section.split(":");
    const entry = entries[name];
    if (entry === undefined) {
      throw new PlakarError("not-found", `Cannot import "${name}": there is no such section`, {
        hint: `the sections are ${Object.keys(entries).join(", ")}`,
      });
    }
    return [newName, entry];
  }));
}

/** A command line for each command, to try all of them on a store with one snapshot. */

import { equal } from "node:assert/strict";
import { withStore } from "./commands/store_fixture.ts";

/** What is in the file of the snapshot: more than is printed at once. */
export const CONTENT: string = Array.from({ length: 60_000 }, (_, i) => `${i * i}\n`).join("");

/**
 * Command lines that print something.
 *
 * @param home the home directory
 * @param id the snapshot's id
 * @returns the words by the command's name
 */
export function printing(home: string, id: string): Readonly<Record<string, string[]>> {
  return {
    archive: ["archive", "-format", "tar", "-output", "-", id],
    backup: ["backup", `${home}/src`],
    cat: ["cat", `${id}:a`],
    check: ["check"],
    complete: ["complete", "--", ""],
    completion: ["completion", "bash"],
    config: ["config"],
    diff: ["diff", "-recursive", id, `${home}/src`],
    digest: ["digest", id],
    help: ["help", "backup"],
    info: ["info"],
    locate: ["locate", "*"],
    ls: ["ls", "-recursive", id],
    ping: ["ping", `${home}/src`],
    restore: ["restore", "-to", `${home}/target`, id],
    rm: ["rm", id],
    "source show": ["source", "show"],
    "destination show": ["destination", "show"],
    "store show": ["store", "show"],
    version: ["version"],
  };
}

/** Commands that print nothing when all is well. */
export const SILENT =
  /^create$|^config (remote|repository) (create|set|unset|validate|default)$| (add|check|import|rm|set|unset|ping)$/;

/**
 * Command lines of those that print nothing, and of actions that print little.
 *
 * @param home the home directory
 * @returns the words by the command's name, in an order in which all of them work
 */
export function silent(home: string): Readonly<Record<string, string[]>> {
  const lines: Record<string, string[]> = {};
  for (const kind of ["source", "destination", "store"]) {
    lines[`${kind} add`] = [kind, "add", "other", `${home}/src`, "key=value"];
    lines[`${kind} set`] = [kind, "set", "other", "key=other"];
    lines[`${kind} unset`] = [kind, "unset", "other", "key"];
    lines[`${kind} check`] = [kind, "check", "other"];
    lines[`${kind} import`] = [kind, "import", "-config", `${home}/entries.yml`];
    lines[`${kind} rm`] = [kind, "rm", "other"];
  }
  for (const kind of ["remote", "repository"]) {
    lines[`config ${kind} create`] = ["config", kind, "create", `my${kind}`];
    lines[`config ${kind} set`] = ["config", kind, "set", `my${kind}`, "location", `${home}/store`];
    lines[`config ${kind} validate`] = ["config", kind, "validate", `my${kind}`];
  }
  lines["source ping"] = ["source", "ping", "mine"];
  lines["destination ping"] = ["destination", "ping", "mine"];
  lines["store ping"] = ["store", "ping", "myrepository"];
  lines["config repository default"] = ["config", "repository", "default", "myrepository"];
  for (const kind of ["remote", "repository"]) {
    lines[`config ${kind} unset`] = ["config", kind, "unset", `my${kind}`, "none"];
  }
  lines.create = ["at", `${home}/another`, "create", "-plaintext"];
  return lines;
}

/**
 * Runs a test with a store in which there is one snapshot of `src`, and an entry `mine` of each kind.
 *
 * @param test the test
 */
export async function withSnapshot(
  test: (home: string, store: string, lines: Readonly<Record<string, string[]>>) => Promise<void>,
): Promise<void> {
  await withStore(async ({ home, store, write, run }) => {
    await write("src/a", CONTENT);
    equal((await run(["backup", `${home}/src`])).status, 0);
    const id = (await run(["ls"])).stdout.split(/\s+/)[1];
    // What diff compares with has changed.
    await write("src/a", "changed");
    for (const kind of ["source", "destination", "store"]) await run([kind, "add", "mine", `${home}/src`]);
    await test(home, store, printing(home, id));
  });
}

/** `-json` on every command: lines that parse, in the schema of docs/json.md, and nothing else. */

import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { nameOf } from "../../src/cli/grammar/command.ts";
import { JSON_VERSION } from "../../src/cli/json_line.ts";
import { ROUTES } from "../../src/cli/routes.ts";
import { silent, withSnapshot } from "./command_lines.ts";
import { runMain } from "./fake_surroundings.ts";

const DOCUMENTATION = await Deno.readTextFile(new URL("../../docs/json.md", import.meta.url));

interface Line {
  type: string;
  data: Record<string, unknown>;
}

/** The lines, if each of them is as docs/json.md says. */
function linesOf(stdout: string, workflow: string, about: string): Line[] {
  ok(stdout === "" || stdout.endsWith("\n"), about);
  return stdout.split("\n").slice(0, -1).map((text) => {
    const { version, timestamp, level, type, snapshot, data = {}, ...rest } = JSON.parse(text);
    equal(version, JSON_VERSION);
    match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    match(level, /^(info|quiet|warn|error|trace)$/);
    deepStrictEqual(rest, { workflow }, about);
    ok(snapshot === undefined || /^[0-9a-f]{64}$/.test(snapshot), about);
    ok(DOCUMENTATION.includes(`\`${type}\``), `docs/json.md does not tell of "${type}", a line of ${about}`);
    for (const key of Object.keys(data)) {
      ok(
        DOCUMENTATION.includes(`\`${key}\``),
        `docs/json.md does not tell of "${key}" of "${type}", a line of ${about}`,
      );
    }
    return { type, data };
  });
}

Deno.test("with -json, before the command or behind it, every command prints lines of JSON and nothing else", () =>
  withSnapshot(async (home, store, lines) => {
    await Deno.writeTextFile(`${home}/entries.yml`, "imported: {location: /x}\n");
    await Deno.writeTextFile(`${home}/src/b`, "");
    const all: Record<string, string[]> = { ...silent(home), ...lines };
    // An archive and the lines cannot both go to standard output.
    all.archive = ["archive", "-output", `${home}/archive.tar.gz`, lines.archive.at(-1) ?? ""];
    const commands = ROUTES.filter(({ command }) => !command.isGroup).map(({ command }) => nameOf(command));
    deepStrictEqual(commands.toSorted(), Object.keys(all).toSorted(), "a line for each command");
    for (const [name, words] of Object.entries(all)) {
      const at = words[0] === "at" ? [] : ["at", store];
      const { status, stdout, stderr } = await runMain(["-json", ...at, ...words], { home });
      equal(status, 0, `${name}: ${stderr}`);
      const printed = linesOf(stdout, name, name);
      ok(printed.every(({ type }) => type !== "error"), name);
      if (name in lines) ok(printed.length > 0, name);
      // Behind `show` it asks for plakar's own objects; what changed something cannot be done twice.
      if (/ show$/.test(name) || name === "complete" || !(name in lines)) continue;
      const behind = await runMain([...at, ...words, "-json"], { home });
      const typesOf = (some: Line[]) => [...new Set(some.map(({ type }) => type))].sort();
      deepStrictEqual(typesOf(linesOf(behind.stdout, name, name)), typesOf(printed), name);
    }
  }));

Deno.test("with -json, what fails is a line with a code, and text on standard error", () =>
  withSnapshot(async (home, store) => {
    const codes = DOCUMENTATION.slice(DOCUMENTATION.indexOf("Codes of errors:"));
    for (const { command } of ROUTES) {
      if (command.hidden) continue;
      for (const extra of [["-no-such-option"], ["@none", "ffffffff"], ["ffffffff"]]) {
        const words = [...command.words, ...extra];
        const { status, stdout, stderr } = await runMain(["-json", "at", store, ...words], { home });
        // Some take any names: what is not there needs no removal, and is found nowhere.
        if (status === 0) continue;
        const about = words.join(" ");
        const [first = "{}"] = stdout.split("\n");
        const { workflow } = JSON.parse(first);
        ok(workflow === "" || workflow === nameOf(command), about);
        const error = linesOf(stdout, workflow, about).findLast(({ type }) => type === "error");
        const { code, message } = error?.data ?? {};
        ok(codes.includes(`\`${code}\``), `${about}: ${code}`);
        ok(stderr.includes(`${message}\n`), about);
      }
    }
  }));

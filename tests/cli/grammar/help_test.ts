/** The whole text of help, against `help.golden.txt`; `UPDATE_GOLDEN=1` writes that file anew. */

import { equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { nameOf } from "../../../src/cli/grammar/command.ts";
import { commandHelp, commandManual, programHelp } from "../../../src/cli/grammar/help_text.ts";
import { manPage, programManPage } from "../../../src/cli/grammar/man_page.ts";
import { parseCommandLine } from "../../../src/cli/grammar/parse.ts";
import { COMMANDS } from "../../../src/cli/grammar/table/table.ts";
import { peerTest } from "../../support/peers.ts";

const GOLDEN = new URL("help.golden.txt", import.meta.url);

Deno.test("the text of help is what was last agreed on", async () => {
  const sections = [["$ plakar -h", ...programHelp(COMMANDS)]];
  for (const command of COMMANDS) {
    sections.push([`$ plakar ${nameOf(command)} -h`, ...commandHelp(command, COMMANDS)]);
    sections.push([`$ plakar help ${nameOf(command)}`, ...commandManual(command, COMMANDS)]);
  }
  const text = sections.map((lines) => lines.join("\n") + "\n").join("\n");
  if (Deno.env.has("UPDATE_GOLDEN")) await Deno.writeTextFile(GOLDEN, text);
  equal(text, await Deno.readTextFile(GOLDEN));
});

Deno.test("help fits a terminal of 100 columns", () => {
  for (const command of COMMANDS) {
    for (const line of commandManual(command, COMMANDS)) ok(line.length <= 100, line);
  }
});

Deno.test("every command has examples of itself, or of its actions, that are understood", () => {
  for (const command of COMMANDS.filter(({ hidden }) => !hidden)) {
    const shown = command.examples.flatMap(({ lines }) => lines.map(commandOf));
    const name = nameOf(command);
    ok(shown.some((other) => other === name || command.isGroup && other.startsWith(`${name} `)), name);
  }
});

/** The command that an example runs. */
function commandOf(line: string): string {
  const [first, ...words] = line.replace(/ [|>] .*$/, "").match(/'[^']*'|\S+/g) ?? [];
  equal(first, "plakar");
  const parsed = parseCommandLine(words.map((word) => word.replaceAll("'", "")), COMMANDS);
  ok(parsed.kind === "run", line);
  return nameOf(parsed.parsed.command);
}

peerTest(["groff"], "manual pages are accepted by a formatter of mdoc, which shows all of them", () => {
  const pages = COMMANDS.map((command): [name: string, page: string] => [
    nameOf(command),
    manPage(command, "May 5, 2026"),
  ]);
  for (const [name, page] of [["plakar", programManPage(COMMANDS, "May 5, 2026")], ...pages]) {
    const { status, stdout, stderr } = spawnSync("groff", ["-mdoc", "-Tutf8", "-P-cbou", "-ww"], {
      input: page,
      encoding: "utf8",
    });
    equal(stderr, "", name);
    equal(status, 0);
    for (const heading of ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS"]) {
      ok(stdout.includes(`\n${heading}\n`), `${name}: ${stdout}`);
    }
  }
  return Promise.resolve();
});

/** The whole text of help, against `help.golden.txt`; `UPDATE_GOLDEN=1` writes that file anew. */

import { equal, ok } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { nameOf } from "../../../src/cli/grammar/command.ts";
import { commandHelp, commandManual, programHelp } from "../../../src/cli/grammar/help_text.ts";
import { manPage } from "../../../src/cli/grammar/man_page.ts";
import { COMMANDS } from "../../../src/cli/grammar/table/table.ts";

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

Deno.test("manual pages are accepted by a formatter of mdoc", {
  ignore: !hasProgram("mandoc") && !hasProgram("groff"),
}, () => {
  for (const command of COMMANDS) {
    const page = manPage(command, "May 5, 2026");
    const formatted = hasProgram("mandoc")
      ? spawnSync("mandoc", ["-Tascii", "-Wwarning,stop"], { input: page, encoding: "utf8" })
      : spawnSync("groff", ["-mdoc", "-Tascii", "-ww", "-z"], { input: page, encoding: "utf8" });
    equal(formatted.stderr, "", nameOf(command));
    equal(formatted.status, 0);
  }
});

function hasProgram(name: string): boolean {
  return spawnSync(name, ["-V"]).error === undefined && spawnSync("which", [name]).status === 0;
}

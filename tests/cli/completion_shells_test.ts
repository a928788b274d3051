/** Completion in real shells: what is typed, with the Tab key in it, is run and prints what it should. */

import { deepStrictEqual } from "node:assert/strict";
import { peerTest } from "../support/peers.ts";
import { newProgram } from "../support/program.ts";
import { openTmux } from "../support/tmux.ts";

const SHELLS = [
  { shell: "bash", start: "HISTFILE= bash --norc --noprofile", setUp: ["source <(plakar completion bash)"] },
  {
    shell: "zsh",
    start: "zsh -f",
    setUp: ["autoload -Uz compinit; compinit -u -d zcompdump", "source <(plakar completion zsh)"],
  },
  { shell: "fish", start: "fish --no-config", setUp: ["plakar completion fish | source"] },
];

function idsIn(text: string): string[] {
  return [...new Set(text.match(/\b[0-9a-f]{8}\b/g))];
}

for (const { shell, start, setUp } of SHELLS) {
  peerTest(["tmux", shell], `${shell} completes commands, names, ids and paths in snapshots`, async () => {
    await using program = await newProgram();
    const { home, env } = program;
    await program.ok(["at", `${home}/store`, "create", "-plaintext"]);
    await program.write("src/etc/hosts", "these are hosts\n");
    await program.write("src/my dir/a: b", "with blanks\n");
    await program.ok(["store", "add", "mystore", `${home}/store`]);
    let ids: string[];
    // Where all begin alike, the first Tab completes that, and Bash shows them at the third only.
    const beginAlike = () => ids.every((id) => id[0] === ids[0][0]);
    do {
      // zsh lists those side by side whose descriptions, with the time to the second, are the same.
      await new Promise((resolve) => setTimeout(resolve, 1000 - Date.now() % 1000));
      await program.ok(["at", "@mystore", "backup", `${home}/src`]);
      ids = idsIn(await program.ok(["at", "@mystore", "ls"]));
    } while (ids.join() === ids.toSorted().join() || beginAlike());
    const [id] = ids;
    const cli = new URL("../../cli.ts", import.meta.url).pathname;
    const wrapper = `#!/bin/sh\nexec ${Deno.execPath()} run -A --quiet ${cli} "$@"\n`;
    await Deno.chmod(await program.write("bin/plakar", wrapper), 0o700);
    await using terminal = await openTmux({ ...env, PATH: `${home}/bin:${env.PATH}` });
    await terminal.type(`cd ${home}; ${start}`);
    for (const line of setUp) await terminal.type(line);
    await terminal.type("echo rea''dy");
    await terminal.screenWith("\nready");
    /** Types pieces with Tab after each, and waits for what the line prints. */
    const printed = async (pieces: string[], text: string) => {
      for (const [i, piece] of pieces.entries()) {
        await terminal.write(piece);
        if (i < pieces.length - 1) await terminal.press("Tab");
      }
      await terminal.press("Enter");
      // The prompt is back once the program has ended.
      await terminal.type("echo an''d");
      await terminal.screenWith(`\n${text}`);
      await terminal.screenWith("\nand");
      await terminal.type("clear");
    };
    await printed(["plakar at @mys", "ca", `${id}:et`, "ho", ""], "these are hosts");
    await printed(["plakar at @mystore cat ", ` ${id}:my`, "", ""], "with blanks");
    await printed(["plakar version -keyfile=bin/pl", ""], "plakar/");
    // Bash shows what there is to choose from at the second Tab.
    await terminal.write("plakar at @mystore rm ");
    await terminal.press("Tab");
    await terminal.press("Tab");
    deepStrictEqual(idsIn(await terminal.screenWith(ids.at(-1) ?? "")), ids, "the newest first");
  });
}

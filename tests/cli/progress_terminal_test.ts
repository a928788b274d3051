import { deepStrictEqual, match, ok } from "node:assert/strict";
import { peerTest } from "../support/peers.ts";
import { newProgram } from "../support/program.ts";
import { openTmux } from "../support/tmux.ts";

peerTest(["tmux"], "on a terminal work is displayed, and nothing of the display stays", async () => {
  await using program = await newProgram();
  const { home, env } = program;
  const store = `${home}/store`;
  await program.ok(["at", store, "create", "-plaintext"]);
  await program.write("src/small", "1234567");
  // Large enough to be seen being read, and nothing on the disk; its name fills the line at whose end ^C is typed.
  const large = `large/${"long ".repeat(30)}file`;
  await program.write(large, "");
  await Deno.truncate(`${home}/${large}`, 20 * 2 ** 30);
  const cli = new URL("../../cli.ts", import.meta.url).pathname;
  const plakar = `${Deno.execPath()} run -A --quiet ${cli} at ${store}`;
  await using terminal = await openTmux({ HOME: home, DENO_DIR: env.DENO_DIR, DENO_NO_UPDATE_CHECK: "1" });
  await terminal.type(`cd ${home}; PS1='$ '; clear; ${plakar} backup large`);
  const shown = await terminal.screenWith("of 20 GiB");
  match(shown, /^\[00:\d\d\] reading {2}\d+ of \d+\+? files {2}.* of 20 GiB/);
  ok((await terminal.screenWith("long long file")).includes("] reading"));
  await terminal.press("C-c");
  const interrupted = await terminal.screenWith("plakar: Interrupted");
  ok(!interrupted.includes("] reading"), interrupted);
  deepStrictEqual([...Deno.readDirSync(`${store}/locks`)], []);

  await terminal.type(
    `clear; for work in 'backup src' check 'restore -to out'; do ${plakar} $work; done; echo end`,
  );
  const done = (await terminal.screenWith("\nend")).trimEnd();
  match(
    done,
    new RegExp([
      "^(\\w{8}): backup completed without errors in .*",
      "info: \\1: 1 file .*",
      "\\1: check completed without errors in .*",
      "info: \\1: 2 paths intact, .*",
      "\\1: restore completed without errors in .*",
      "info: \\1: 2 paths restored to .*(\n.*)?",
      "end\n\\$$",
    ].join("\n")),
  );
});

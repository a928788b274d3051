/** What every command does with no arguments, with wrong ones, with an unknown snapshot, and with output that cannot be written. */

import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { type Command, nameOf } from "../../src/cli/grammar/command.ts";
import { GLOBAL_OPTIONS } from "../../src/cli/grammar/global_options.ts";
import type { OptionSet } from "../../src/cli/grammar/option.ts";
import { main } from "../../src/cli/main.ts";
import { ROUTES } from "../../src/cli/routes.ts";
import { CONTENT, printing, SILENT, withSnapshot } from "./command_lines.ts";
import { withStore } from "./commands/store_fixture.ts";
import { fakeSurroundings, runMain, withHome } from "./fake_surroundings.ts";

const COMMANDS: readonly Command[] = ROUTES.map(({ command }) => command);
const UNKNOWN = "0123456789abcdef0123456789abcdef";

function needsArgument({ positionals }: Command): boolean {
  return positionals.some(({ count }) => count === "one" || count === "some");
}

/** As many arguments as a command needs. */
function argumentsFor({ positionals }: Command): string[] {
  return positionals.filter(({ count }) => count === "one" || count === "some").map(({ name }) =>
    name.includes("=") ? "key=value" : "x"
  );
}

for (const command of COMMANDS) {
  const name = nameOf(command);
  Deno.test(`${name}: without arguments it works, or says what is missing`, () =>
    withHome(async (home) => {
      const { status, stderr } = await runMain(command.words.slice(), { home });
      if (command.isGroup) {
        equal(status, 64);
        match(stderr, /^plakar: no action specified\nhint: usage: plakar /);
      } else if (needsArgument(command)) {
        equal(status, 64);
        const [missing] = command.positionals.filter(({ count }) => count === "one" || count === "some");
        ok(
          stderr.startsWith(`plakar: Command "${name}" needs ${missing.name}\nhint: usage: plakar `),
          stderr,
        );
      } else if (name.endsWith(" import")) {
        equal(status, 1);
        match(stderr, /^plakar: Cannot import from "standard input": there are no entries in it\nhint: /);
      } else if (name === "create") {
        equal(status, 77);
        match(stderr, /^plakar: Cannot ask for the passphrase: .*\nhint: /);
      } else if (name === "rm") {
        equal(status, 64);
        match(stderr, /^plakar: no filter specified, .*\nhint: /);
      } else if (command.opensRepository) {
        equal(status, 66);
        match(stderr, /^plakar: failed to open the repository at .*\/\.plakar: .*\nhint: .*plakar at /);
      } else {
        equal(status, 0);
        equal(stderr, "");
      }
    }));

  Deno.test(`${name}: wrong arguments are refused before anything is done`, () =>
    withHome(async (home) => {
      const refused = async (words: string[], message: RegExp) => {
        const { status, stdout, stderr } = await runMain([...command.words, ...words], { home });
        deepStrictEqual([status, stdout], [64, ""], `${words.join(" ")}: ${stderr}`);
        match(stderr, message);
        match(stderr, /^plakar: [^\n]+\n(hint: [^\n]+\n)?$/);
      };
      const enough = argumentsFor(command);
      await refused([...enough, "-no-such-option"], /no-such-option/);
      if (!command.isGroup && !command.positionals.some(({ count }) => count === "any" || count === "some")) {
        const most = command.positionals.map(() => "x");
        const message = /^plakar: (Too many arguments for ".*": "surplus"|command not found: .* surplus)\n/;
        await refused([...most, "surplus"], message);
      }
      for (const [option, value] of refusable({ ...GLOBAL_OPTIONS, ...command.options })) {
        await refused([...enough, `-${option}=${value}`], new RegExp(`-${option}\\b`));
      }
      for (const [option, { valueName }] of Object.entries(command.options as OptionSet)) {
        if (valueName !== undefined) {
          await refused([...enough, `-${option}`], new RegExp(`-${option} needs a value`));
        }
      }
      // Nothing was written, not even a configuration.
      deepStrictEqual(await Array.fromAsync(Deno.readDir(home)), []);
    }));
}

/** The options that do not take every text, with a text they do not take. */
function refusable(options: OptionSet): [name: string, text: string][] {
  return Object.entries(options).flatMap(([name, option]): [string, string][] => {
    for (const text of ["@ nonsense", "="]) {
      try {
        option.accept(text, option.initial);
      } catch {
        return [[name, text]];
      }
    }
    return [];
  });
}

const SNAPSHOT_COMMANDS = COMMANDS.filter(({ positionals, options }) =>
  positionals.some(({ name }) => name.startsWith("SNAPSHOT")) || "snapshot" in options
);

for (const command of SNAPSHOT_COMMANDS) {
  const name = nameOf(command);
  if (name === "rm") continue;
  Deno.test(`${name}: a snapshot that is not there is an error that names it`, () =>
    withStore(async ({ home, write, run }) => {
      await write("src/a", "");
      equal((await run(["backup", `${home}/src`])).status, 0);
      const named = "snapshot" in command.options ? ["-snapshot", UNKNOWN, "x"] : [`${UNKNOWN}:/a`];
      const { status, stdout, stderr } = await run([...command.words, ...named]);
      equal(status, 1);
      equal(stdout, "");
      const message = new RegExp(
        `^(plakar|error): .*no snapshot has prefix: ${UNKNOWN}\nhint: .*"plakar ls"`,
      );
      match(stderr, message);
    }));
}

Deno.test("rm: what is to be gone and is not there is no error, as in plakar", () =>
  withStore(async ({ run }) => {
    deepStrictEqual(await run(["rm", "-apply", UNKNOWN]), {
      status: 0,
      stdout: "info: rm: no snapshots matched the selection\n",
      stderr: `warn: rm: no snapshot has prefix: ${UNKNOWN}\n`,
    });
  }));

Deno.test("every command either prints nothing or is tried with output that cannot be written", () => {
  const tried = new Set(Object.keys(printing("", "")));
  deepStrictEqual(
    COMMANDS.filter((command) => !command.isGroup).map(nameOf)
      .filter((name) => !tried.has(name) && !SILENT.test(name)),
    [],
  );
});

/** The lines, and those of the other formats of archives. */
function allOf(lines: Readonly<Record<string, string[]>>): string[][] {
  const formats = ["tarball", "zip"].map((format) =>
    lines.archive.map((word) => word === "tar" ? format : word)
  );
  return [...Object.values(lines), ...formats];
}

Deno.test("a command whose reader went away ends quietly, with what it had to do done", () =>
  withSnapshot(async (home, store, lines) => {
    for (const words of allOf(lines)) {
      const surroundings = fakeSurroundings({ home });
      surroundings.stdout.failure = new Deno.errors.BrokenPipe("Broken pipe");
      const status = await main(["at", store, ...words], surroundings);
      ok(status === 0 || status === 141, `${words.join(" ")}: ${status} ${surroundings.stderr.text}`);
      ok(!/^(plakar|error):/m.test(surroundings.stderr.text), surroundings.stderr.text);
    }
    equal((await runMain(["at", store, "ls"], { home })).stdout.trim().split("\n").length, 2);
    equal(await Deno.readTextFile(`${home}/target/a`), CONTENT);
  }));

Deno.test("a command whose output finds no space says so, with what it had to do done", () =>
  withSnapshot(async (home, store, lines) => {
    for (const words of allOf(lines)) {
      const surroundings = fakeSurroundings({ home });
      surroundings.stdout.failure = new Error("No space left on device (os error 28)");
      const status = await main(["at", store, ...words], surroundings);
      equal(status, 1, words.join(" "));
      const told = surroundings.stderr.text.match(/^.*Cannot write to standard output.*$/gm);
      deepStrictEqual(told, ["plakar: Cannot write to standard output: No space left on device"]);
    }
    equal((await runMain(["at", store, "ls"], { home })).stdout.trim().split("\n").length, 2);
    equal(await Deno.readTextFile(`${home}/target/a`), CONTENT);
  }));

Deno.test("the same holds of processes: a pipe to head, and a full disk", {
  ignore: Deno.build.os !== "linux",
}, () =>
  withSnapshot(async (_home, store, lines) => {
    const cli = new URL("../../cli.ts", import.meta.url).pathname;
    const shell = async (words: string[], rest: string) => {
      const plakar = [Deno.execPath(), "run", "--quiet", "--allow-all", cli, "at", store, ...words];
      const quoted = plakar.map((word) => `'${word}'`).join(" ");
      const { stdout, stderr, code } = await new Deno.Command("bash", {
        args: ["-o", "pipefail", "-c", `${quoted} ${rest}`],
      }).output();
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    };
    const help = ["help", "-man", "backup"];
    for (const words of [lines.ls, lines.backup, lines.cat, help]) {
      const { code, stdout, stderr } = await shell(words, "| head -n 1");
      ok(code === 0 || code === 141, stderr);
      equal(stdout.trim().split("\n").length, 1);
      ok(!/^(plakar|error):/m.test(stderr), stderr);
      const full = await shell(words, "> /dev/full");
      equal(full.code, 1);
      match(full.stderr, /^plakar: Cannot write to standard output: No space left on device/m);
    }
  }));

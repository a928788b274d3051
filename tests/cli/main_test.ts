import { deepStrictEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { COMMANDS } from "../../src/cli/grammar/table/table.ts";
import { nameOf } from "../../src/cli/grammar/command.ts";
import { peerTest } from "../support/peers.ts";
import { fakeSurroundings, runMain, withHome } from "./fake_surroundings.ts";
import { main } from "../../src/cli/main.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { exitStatusOf } from "../../src/cli/exit_status.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

function start(words: string[], options: Partial<Deno.CommandOptions> = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", CLI, ...words],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
  }).spawn();
}

Deno.test("version is one line", async () => {
  const { status, stdout, stderr } = await runMain(["version"]);
  equal(status, 0);
  match(stdout, /^plakar\/v\d+\.\d+\.\d+\n$/);
  equal(stderr, "");
});

Deno.test("without a command, the commands are listed on standard error", async () => {
  const { status, stdout, stderr } = await runMain([]);
  equal(status, 64);
  equal(stdout, "");
  ok(stderr.startsWith("plakar: a subcommand must be provided\n  archive "), stderr);
});

Deno.test("the security check of plakar can be switched off and on, and is not there", async () => {
  for (const option of ["-disable-security-check", "-enable-security-check"]) {
    deepStrictEqual(await runMain([option]), {
      status: 0,
      stdout: "info: there is no security check: this program looks nothing up\n",
      stderr: "",
    });
    match((await runMain([option, "version"])).stdout, /^plakar\/v\S+\n$/);
  }
});

Deno.test("help is printed on standard output", async () => {
  for (const words of [["-h"], ["help"], ["--help"]]) {
    const { status, stdout } = await runMain(words);
    equal(status, 0);
    ok(stdout.startsWith("usage: plakar "), stdout);
  }
  const short = await runMain(["backup", "-h"]);
  const long = await runMain(["help", "backup"]);
  ok(short.stdout.startsWith("usage: plakar [at REPOSITORY] backup "));
  ok(long.stdout.length > short.stdout.length);
  equal((await runMain(["help", "config", "repo", "set"])).status, 0);
  match((await runMain(["help", "-man", "ls"])).stdout, /^\.Dt PLAKAR-LS 1$/m);
});

Deno.test("help for what is no command suggests the nearest", async () => {
  deepStrictEqual(await runMain(["help", "bakcup"]), {
    status: 64,
    stdout: "",
    stderr: 'plakar: unknown command: bakcup\nhint: did you mean "backup"?\n',
  });
});

Deno.test("every command that is offered has help, and refuses options it does not know", async () => {
  for (const command of COMMANDS) {
    const words = nameOf(command).split(" ");
    equal((await runMain([...words, "-h"])).status, 0, nameOf(command));
    equal((await runMain([...words, "-no-such-option"])).status, 64, nameOf(command));
  }
});

Deno.test("with -json, errors are lines of JSON and text on standard error, usage errors too", async () => {
  for (const words of [["-json", "source", "rm", "nope"], ["source", "rm", "-json", "-nope"]]) {
    const { status, stdout, stderr } = await runMain(words);
    notEqual(status, 0);
    equal(JSON.parse(stdout).type, "error");
    ok(stderr.startsWith("plakar: "));
  }
});

Deno.test("-time tells how long the command took", async () => {
  match((await runMain(["-time", "version"])).stdout, /\ntime: 0s\n$/);
});

Deno.test("each kind of failure has its exit status", () => {
  const statuses =
    (["usage", "corrupt", "no-store", "passphrase", "version", "partial", "interrupted", "io"] as const)
      .map((code) => exitStatusOf(new PlakarError(code, "")));
  deepStrictEqual(statuses, [64, 65, 66, 77, 78, 3, 130, 1]);
  equal(exitStatusOf(new TypeError("a fault of the program")), 1);
});

Deno.test("a command that fails after it was told to stop was interrupted", async () => {
  const stop = new AbortController();
  stop.abort(new PlakarError("interrupted", "Interrupted"));
  const surroundings = fakeSurroundings({ signal: stop.signal });
  equal(await main(["source", "show", "nope"], surroundings), 130);
  equal(surroundings.stderr.text.split("\n").at(-2), "plakar: Interrupted");
});

Deno.test("completion knows commands, options and names", () =>
  withHome(async (home) => {
    await runMain(["source", "add", "web", "sftp://web"], { home });
    equal((await runMain(["complete", "--", "backup", "@"], { home })).stdout, "@web\tsftp://web\n");
    match((await runMain(["complete", "--", "cre"])).stdout, /^create\tCreate a repository\n$/);
    match((await runMain(["complete", "--", "-keyfile", ""])).stdout, /^:files\n$/);
    for (const shell of ["bash", "zsh", "fish"]) {
      match((await runMain(["completion", shell])).stdout, /plakar complete -- /);
    }
    equal((await runMain(["completion", "tcsh"])).status, 64);
  }));

for (const shell of ["bash", "zsh", "fish"]) {
  peerTest([shell], `the script for ${shell} is one that it accepts`, async () => {
    const { stdout } = await runMain(["completion", shell]);
    const child = new Deno.Command(shell, { args: ["-n"], stdin: "piped", stderr: "piped" }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdout));
    await writer.close();
    const { success, stderr } = await child.output();
    ok(success, new TextDecoder().decode(stderr));
  });
}

Deno.test("a reader that goes away ends the program quietly", async () => {
  const child = start(["help", "backup"]);
  await child.stdout.cancel();
  const [stderr, { code }] = await Promise.all([new Response(child.stderr).text(), child.status]);
  equal(stderr, "");
  equal(code, 0);
});

Deno.test("a full disk is an error", { ignore: Deno.build.os !== "linux" }, async () => {
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$0" run --allow-all "$1" version > /dev/full', Deno.execPath(), CLI],
    stderr: "piped",
  });
  const { code, stderr } = await child.output();
  equal(code, 1);
  match(new TextDecoder().decode(stderr), /^plakar: Cannot write to standard output: .*No space left/);
});

Deno.test("the program runs as a process", async () => {
  const child = start(["version"]);
  const { code, stdout } = await child.output();
  equal(code, 0);
  match(new TextDecoder().decode(stdout), /^plakar\/v/);
});

import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { Terminal } from "../../src/cli/terminal.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { PASSPHRASE } from "../support/plakar.ts";
import { peerTest } from "../support/peers.ts";
import { newProgram } from "../support/program.ts";
import { openTmux } from "../support/tmux.ts";
import { fakeSurroundings, TypedInput } from "./fake_surroundings.ts";

function terminal(typed: string[], signal?: AbortSignal) {
  const stdin = new TypedInput(typed);
  const shown: string[] = [];
  const output = {
    isSeen: true,
    prompt: (text: string) => {
      shown.push(text);
      return Promise.resolve();
    },
  };
  return { stdin, shown, terminal: new Terminal(fakeSurroundings({ stdin, signal }), output) };
}

const typed = async (...pieces: string[]) => await terminal(pieces).terminal.secret("secret: ");

Deno.test("a secret is what was typed up to the end of the line", async () => {
  equal(await typed("geheim\r"), "geheim");
  equal(await typed("ge", "heim", "\n", "more"), "geheim");
  equal(await typed("\n"), "");
  equal(await typed("pässwörd 日本\r"), "pässwörd 日本");
});

Deno.test("echo is off while a secret is typed, and on again after it", async () => {
  const { stdin, shown, terminal: it } = terminal(["x\r"]);
  await it.secret("secret: ");
  deepStrictEqual(stdin.raw, [true, false]);
  deepStrictEqual(shown, ["secret: ", "\n"]);
});

Deno.test("keys that edit a line work without echo", async () => {
  equal(await typed("ab\x7fc\r"), "ac");
  equal(await typed("aé\x08b\r"), "ab");
  equal(await typed("\x7f\x7fa\r"), "a");
  equal(await typed("wrong\x15right\r"), "right");
  equal(await typed("a", "\x1b[D", "b\r"), "ab");
  equal(await typed("a\x04b\r"), "ab");
});

Deno.test("Ctrl-C ends the work, and echo comes back", async () => {
  const { stdin, terminal: it } = terminal(["ab\x03"]);
  await rejects(it.secret("secret: "), { code: "interrupted" });
  equal(stdin.raw.at(-1), false);
});

Deno.test("Ctrl-D and the end of input are no answer", async () => {
  equal(await typed("\x04"), undefined);
  equal(await typed(), undefined);
});

Deno.test("a process told to end gets its echo back while it waits", async () => {
  const stop = new AbortController();
  const { stdin, terminal: it } = terminal([], stop.signal);
  stdin.read = () => new Promise(() => {});
  const asked = it.secret("secret: ");
  while (!stdin.raw.includes(true)) await new Promise((resolve) => setTimeout(resolve));
  stop.abort(new PlakarError("interrupted", "Interrupted"));
  await rejects(asked, { code: "interrupted" });
  equal(stdin.raw.at(-1), false);
});

Deno.test("a question is asked until it is answered with yes or no", async () => {
  for (
    const [line, answer] of [["yes\n", true], ["Y\n", true], ["no\n", false], [
      "perhaps\nyes\n",
      true,
    ]] as const
  ) {
    equal(await terminal([line]).terminal.confirm("sure? "), answer);
  }
  equal(await terminal([]).terminal.confirm("sure? "), undefined);
});

Deno.test("without a terminal nobody is asked", async () => {
  const stdin = new TypedInput(["secret\n"], false);
  const it = new Terminal(fakeSurroundings({ stdin }), {
    isSeen: true,
    prompt: () => Promise.reject(new Error("asked")),
  });
  equal(await it.secret("secret: "), undefined);
  equal(await it.confirm("sure? "), undefined);
});

Deno.test("a question is never written to a file: it goes to the terminal itself, or is not asked", async () => {
  const output = { isSeen: false, prompt: () => Promise.reject(new Error("written to a file")) };
  const stdin = new TypedInput(["stdin\r"]);
  const nowhere = fakeSurroundings({ stdin });
  equal(await new Terminal(nowhere, output).secret("secret: "), undefined);
  equal(await new Terminal(nowhere, output).confirm("sure?"), undefined);
  let shown = "";
  const device = new TypedInput(["device\r", "perhaps\nyes\n"]);
  const opened = {
    isTerminal: () => true,
    read: (buffer: Uint8Array) => device.read(buffer),
    setRaw: (raw: boolean) => device.setRaw(raw),
    write(bytes: Uint8Array) {
      shown += new TextDecoder().decode(bytes.subarray(0, 3));
      return Promise.resolve(Math.min(3, bytes.length));
    },
    [Symbol.dispose]() {},
  };
  const it = new Terminal({ ...nowhere, openTerminal: () => opened }, output);
  equal(await it.secret("secret: "), "device");
  equal(await it.confirm("sure?"), true);
  equal(shown, "secret: \nsure? (yes/no) Please type 'yes' or 'no': ");
});

Deno.test("two questions at once are asked one after the other", async () => {
  const { shown, terminal: it } = terminal(["one\r", "two\r"]);
  deepStrictEqual(await Promise.all([it.secret("a: "), it.secret("b: ")]), ["one", "two"]);
  deepStrictEqual(shown, ["a: ", "\n", "b: ", "\n"]);
});

peerTest(
  ["tmux"],
  "on a real terminal a passphrase is not shown, and Ctrl-C leaves the echo on",
  async () => {
    await using program = await newProgram();
    const { HOME, DENO_DIR } = program.env;
    await using terminal = await openTmux({ HOME, DENO_DIR, DENO_NO_UPDATE_CHECK: "1" });
    const cli = new URL("../../cli.ts", import.meta.url).pathname;
    await terminal.type(`${Deno.execPath()} run -A ${cli} at ${HOME}/store create`);
    await terminal.screenWith("repository passphrase:");
    await terminal.type(PASSPHRASE);
    const screen = await terminal.screenWith("(confirm):");
    ok(!screen.includes("Granite"), screen);
    await terminal.press("C-c");
    await terminal.screenWith("plakar: Interrupted");
    await terminal.type("stty -a | grep -o ' echo ' && echo the-$((6*7))");
    await terminal.screenWith("the-42");
  },
);

peerTest(
  ["tmux"],
  "with output and errors in files, a question comes to the terminal and not into them",
  async () => {
    await using program = await newProgram();
    const { HOME, DENO_DIR } = program.env;
    await using terminal = await openTmux({ HOME, DENO_DIR, DENO_NO_UPDATE_CHECK: "1" });
    const cli = new URL("../../cli.ts", import.meta.url).pathname;
    const [out, log] = [`${HOME}/out`, `${HOME}/log`];
    await terminal.type(
      `${Deno.execPath()} run -A ${cli} -trace all at ${HOME}/store create >${out} 2>${log}`,
    );
    await terminal.screenWith("repository passphrase:");
    await terminal.type(PASSPHRASE);
    await terminal.screenWith("(confirm):");
    await terminal.type(PASSPHRASE);
    await terminal.type("echo the-$((6*7))");
    await terminal.screenWith("the-42");
    const written = await Deno.readTextFile(out) + await Deno.readTextFile(log);
    ok(!/passphrase:|confirm/.test(written) && !written.includes(PASSPHRASE), written);
  },
);

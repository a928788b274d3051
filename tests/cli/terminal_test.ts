import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { Terminal } from "../../src/cli/terminal.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { findProgram, peerTest } from "../support/peers.ts";
import { fakeSurroundings, TypedInput } from "./fake_surroundings.ts";

function terminal(typed: string[], signal?: AbortSignal) {
  const stdin = new TypedInput(typed);
  const shown: string[] = [];
  const output = {
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
  const it = new Terminal(fakeSurroundings({ stdin }), { prompt: () => Promise.reject(new Error("asked")) });
  equal(await it.secret("secret: "), undefined);
  equal(await it.confirm("sure? "), undefined);
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
    const tmux = findProgram("tmux") ?? "";
    const directory = await Deno.makeTempDir({ prefix: "plakar-tmux-" });
    const run = async (...args: string[]) => {
      const { success, stdout, stderr } = await new Deno.Command(tmux, {
        args: ["-S", `${directory}/socket`, ...args],
      })
        .output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
      return new TextDecoder().decode(stdout);
    };
    const screenWith = async (text: string) => {
      for (let i = 0; i < 400; i++) {
        const screen = await run("capture-pane", "-p");
        if (screen.includes(text)) return screen;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`"${text}" did not appear:\n${await run("capture-pane", "-p")}`);
    };
    const cli = new URL("../../cli.ts", import.meta.url).pathname;
    const command = `env -u PLAKAR_PASSPHRASE ${Deno.execPath()} run -A ${cli} at ${directory}/store create`;
    try {
      await run("new-session", "-d", "-x", "100", "-y", "30", "sh");
      await run("send-keys", command, "Enter");
      await screenWith("repository passphrase:");
      await run("send-keys", "Granite-otter-72-lanterns", "Enter");
      const screen = await screenWith("(confirm):");
      ok(!screen.includes("Granite"), screen);
      await run("send-keys", "C-c");
      await screenWith("plakar: Interrupted");
      await run("send-keys", "stty -a | grep -o ' echo ' && echo the-$((6*7))", "Enter");
      await screenWith("the-42");
    } finally {
      await run("kill-server").catch(() => {});
      await Deno.remove(directory, { recursive: true });
    }
  },
);

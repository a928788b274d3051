import { deepStrictEqual, equal, rejects } from "node:assert/strict";
import { Output, type OutputStyle } from "../../src/cli/output.ts";
import { OutputClosed } from "../../src/cli/output_stream.ts";
import { jsonPath } from "../../src/cli/json_line.ts";
import { StepLines } from "../../src/cli/step_lines.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { fromBytes, fromText } from "../../src/lib/byte_string.ts";
import { KeptSink } from "./fake_surroundings.ts";

const STYLE: OutputStyle = {
  quiet: false,
  silent: false,
  json: false,
  trace: [],
  colorless: false,
  plain: false,
};
const NOW = BigInt(Date.parse("2026-05-01T10:00:00.5Z")) * 1_000_000n;

function output(style: Partial<OutputStyle> = {}, terminal = false) {
  const stdout = new KeptSink(terminal);
  const stderr = new KeptSink(terminal);
  return { stdout, stderr, output: new Output(stdout, stderr, { ...STYLE, ...style }, () => NOW) };
}

function printAll(to: Output): void {
  to.product({ type: "a", data: { n: 1 }, text: "product" });
  to.step({ type: "b", text: "step" });
  to.failedStep({ type: "c", text: "failed" });
  to.result({ type: "d", text: "result" });
  to.info("information");
  to.warn("warning");
  to.error(new PlakarError("io", "Cannot do", { hint: "do not" }));
  to.trace("ssh", "inside");
}

async function printed(style: Partial<OutputStyle>): Promise<{ stdout: string; stderr: string }> {
  const made = output(style);
  printAll(made.output);
  await made.output.finish();
  return { stdout: made.stdout.text, stderr: made.stderr.text };
}

Deno.test("results and information go to standard output, warnings and errors to standard error", async () => {
  deepStrictEqual(await printed({}), {
    stdout: "product\nstep\nresult\ninfo: information\n",
    stderr: "failed\nwarn: warning\nerror: Cannot do\nhint: do not\n",
  });
});

Deno.test("a warning that comes again and again is printed once, until there is another", async () => {
  const made = output();
  for (const message of ["lost", "lost", "back", "lost"]) made.output.warn(message);
  await made.output.finish();
  equal(made.stderr.text, "warn: lost\nwarn: back\nwarn: lost\n");
});

Deno.test("-quiet leaves what was asked for, the result and what went wrong", async () => {
  deepStrictEqual(await printed({ quiet: true }), {
    stdout: "product\nresult\n",
    stderr: "failed\nwarn: warning\nerror: Cannot do\nhint: do not\n",
  });
});

Deno.test("-silent leaves what was asked for", async () => {
  deepStrictEqual(await printed({ silent: true }), { stdout: "product\n", stderr: "" });
});

Deno.test("the error that ends the command is never hidden", async () => {
  const made = output({ silent: true });
  made.output.fatal(new PlakarError("usage", "No", { hint: "yes" }));
  await made.output.finish();
  equal(made.stderr.text, "plakar: No\nhint: yes\n");
});

Deno.test("-trace shows the subsystems that were named", async () => {
  const shown = async (trace: string[]) => (await printed({ trace })).stdout.includes("trace: ssh: inside\n");
  deepStrictEqual(await Promise.all([shown(["ssh"]), shown(["all"]), shown(["sftp"])]), [true, true, false]);
});

Deno.test("-json prints nothing but JSON lines, and errors on standard error as well", async () => {
  const made = output({ json: true });
  made.output.workflow = "ls";
  printAll(made.output);
  await made.output.finish();
  const lines = made.stdout.text.trimEnd().split("\n").map((line) => JSON.parse(line));
  deepStrictEqual(lines.map(({ type, level }) => `${type} ${level}`), [
    ...["a info", "b info", "c error", "d quiet", "info info", "warning warn", "error error"],
  ]);
  deepStrictEqual(lines[0], {
    version: 1,
    timestamp: "2026-05-01T10:00:00.5Z",
    level: "info",
    workflow: "ls",
    type: "a",
    data: { n: 1 },
  });
  deepStrictEqual(lines[6].data, { code: "io", message: "Cannot do", hint: "do not" });
  equal(made.stderr.text, "failed\nwarn: warning\nerror: Cannot do\nhint: do not\n");
});

Deno.test("numbers of any size are exact in JSON", async () => {
  const made = output({ json: true });
  made.output.product({ type: "a", data: { small: 5n, big: 2n ** 60n } });
  await made.output.finish();
  deepStrictEqual(JSON.parse(made.stdout.text).data, { small: 5, big: "1152921504606846976" });
});

Deno.test("a path that is not text has its bytes in JSON beside what is shown", () => {
  deepStrictEqual(jsonPath(fromText("/é")), { path: "/é" });
  deepStrictEqual(jsonPath(fromBytes(Uint8Array.of(0x2f, 0xff)), "target"), {
    target: "/\\xff",
    target_base64: "L/8=",
  });
});

Deno.test("an error over several lines is one line", async () => {
  const made = output();
  made.output.error(new Error("one\n  two\n"));
  await made.output.finish();
  equal(made.stderr.text, "error: one two \n");
});

Deno.test("status lines are taken away before a line is printed, and drawn again below it", async () => {
  const both = new KeptSink(true);
  const to = new Output(both, both, STYLE, () => NOW);
  const shown: string[] = [];
  const step = async (action: () => void) => {
    const before = both.text.length;
    action();
    await new Promise((resolve) => setTimeout(resolve));
    shown.push(both.text.slice(before));
  };
  await step(() => to.status(["one", "two"]));
  await step(() => to.info("hello"));
  await step(() => to.status(["three"]));
  await step(() => void to.finish());
  deepStrictEqual(shown, [
    "one\ntwo\r",
    "\r\x1b[1A\x1b[Jinfo: hello\none\ntwo\r",
    "\r\x1b[1A\x1b[Jthree\r",
    "\r\x1b[J",
  ]);
});

Deno.test("status lines and colours are for terminals that can show them", async () => {
  const facts = (style: Partial<OutputStyle>, terminal = true) => {
    const made = output(style, terminal).output;
    return [made.hasStatus, made.hasColor(1) && made.hasColor(2)];
  };
  deepStrictEqual(facts({}), [true, true]);
  deepStrictEqual(facts({}, false), [false, false]);
  deepStrictEqual(facts({ colorless: true }), [true, false]);
  deepStrictEqual(facts({ plain: true }), [false, false]);
  deepStrictEqual(facts({ json: true }), [false, false]);
  deepStrictEqual(facts({ quiet: true }), [false, true]);
  const made = output({ plain: true }, true);
  made.output.status(["one"]);
  await made.output.finish();
  equal(made.stderr.text, "");
});

Deno.test("each stream is coloured for itself: a terminal beside a file", async () => {
  const [stdout, stderr] = [new KeptSink(true), new KeptSink(false)];
  const to = new Output(stdout, stderr, STYLE, () => NOW);
  const lines = new StepLines(to, "backup", new Uint8Array(32));
  lines.ok(fromText("/a"));
  lines.failed(fromText("/b"), "no");
  await to.finish();
  equal(stdout.text, "00000000: OK \x1b[32m✓\x1b[0m /a\n");
  equal(stderr.text, "00000000: KO ✘ /b: no\n");
});

Deno.test("lines keep their order over both streams", async () => {
  const both = new KeptSink();
  const to = new Output(both, both, STYLE, () => NOW);
  for (let i = 0; i < 50; i++) {
    to.info(`${i}`);
    to.warn(`${i}`);
    if (i % 7 === 0) await to.drain();
  }
  await to.finish();
  const expected = Array.from({ length: 50 }, (_, i) => `info: ${i}\nwarn: ${i}\n`).join("");
  equal(both.text, expected);
});

Deno.test("when nobody reads, draining says so, and finishing is quiet", async () => {
  const made = output();
  made.stdout.failure = new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  made.output.info("lost");
  made.output.warn("kept");
  await made.output.finish();
  await rejects(made.output.drain(), OutputClosed);
  equal(made.stderr.text, "warn: kept\n");
});

Deno.test("a full disk is an error", async () => {
  const made = output();
  made.stdout.failure = new Error("No space left on device (os error 28)");
  made.output.info("lost");
  await rejects(made.output.finish(), { code: "no-space", message: /^Cannot write to standard output: / });
  await rejects(made.output.drain(), { code: "no-space" });
});

Deno.test("what is printed faster than it can be written is waited for", async () => {
  const made = output();
  const line = "x".repeat(1000);
  for (let i = 0; i < 2000; i++) {
    made.output.product({ type: "a", text: line });
    await made.output.drain();
  }
  await made.output.finish();
  equal(made.stdout.text.length, 2000 * 1001);
});

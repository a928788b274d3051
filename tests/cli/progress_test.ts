import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { Output, type OutputStyle } from "../../src/cli/output.ts";
import { progressOf } from "../../src/cli/progress.ts";
import { progressLines, type ProgressState, RateMeter } from "../../src/cli/progress_lines.ts";
import { StepLines } from "../../src/cli/step_lines.ts";
import { fromText } from "../../src/lib/byte_string.ts";
import { KeptSink } from "./fake_surroundings.ts";

const SECOND = 1_000_000_000n;
const MIB = 2 ** 20;

const STATE: ProgressState = {
  elapsed: 12n * SECOND,
  rate: 12 * MIB,
  phase: "reading",
  done: { files: 120, bytes: 34 * MIB },
  total: { files: 340, bytes: 400 * MIB, isComplete: true },
  errors: 2,
  path: fromText("/etc/conf.d/site.conf"),
};

Deno.test("the display tells time, files, bytes, speed, what is left and errors", () => {
  deepStrictEqual(progressLines(STATE, 120), [
    "[00:12] reading  120 of 340 files  34 MiB of 400 MiB (8%)  2 errors  12 MiB/s  ETA 31s",
    "/etc/conf.d/site.conf",
  ]);
});

Deno.test("what is not known is not shown", () => {
  const growing = { ...STATE.total, isComplete: false };
  deepStrictEqual(
    progressLines({ ...STATE, rate: undefined, total: growing, errors: 0, path: undefined }, 120),
    [
      "[00:12] reading  120 of 340+ files  34 MiB of 400 MiB+",
    ],
  );
  const unknown = { files: 0, bytes: 0, isComplete: false };
  equal(
    progressLines({ ...STATE, total: unknown, errors: 1 }, 120)[0],
    "[00:12] reading  120 files  34 MiB  1 error  12 MiB/s",
  );
});

Deno.test("of what does not fit nothing is shown, rather than a part of a number", () => {
  const first = (columns: number) => progressLines(STATE, columns)[0];
  equal(first(88), "[00:12] reading  120 of 340 files  34 MiB of 400 MiB (8%)  2 errors  12 MiB/s  ETA 31s");
  equal(first(86), "[00:12] reading  120 of 340 files  34 MiB of 400 MiB (8%)  2 errors  12 MiB/s");
  equal(first(50), "[00:12] reading  120 of 340 files");
  equal(first(10), "[00:12] r");
});

Deno.test("lines fit the terminal, and of a long path the end is shown", () => {
  for (const columns of [20, 40, 79, 80]) {
    for (const line of progressLines({ ...STATE, path: fromText("/é".repeat(100)) }, columns)) {
      ok(line.length < columns);
    }
  }
  equal(progressLines({ ...STATE, path: fromText("/a/b/c/d/e/f/g.txt") }, 14)[1], ".../e/f/g.txt");
  equal(progressLines({ ...STATE, path: fromText("/日本語") }, 8)[1], "/日本語");
  equal(progressLines({ ...STATE, path: fromText("/日本語") }, 7)[1], "...語");
});

Deno.test("hours are shown once there are some", () => {
  ok(progressLines({ ...STATE, elapsed: 3725n * SECOND }, 120)[0].startsWith("[01:02:05] "));
});

Deno.test("a speed is told after two seconds, and changes smoothly", () => {
  const meter = new RateMeter();
  equal(meter.measure(0, 0n), undefined);
  equal(meter.measure(0, 1000n), undefined);
  equal(meter.measure(100, SECOND), undefined);
  equal(Math.round(meter.measure(200, 2n * SECOND) ?? 0), 100);
  const faster = meter.measure(1200, 3n * SECOND) ?? 0;
  ok(faster > 100 && faster < 1000);
  for (let i = 4; i < 60; i++) meter.measure(1200 + (i - 3) * 1000, BigInt(i) * SECOND);
  equal(Math.round(meter.measure(1200 + 57 * 1000, 60n * SECOND) ?? 0), 1000);
});

function setUp(style: Partial<OutputStyle>, terminal: boolean) {
  const stdout = new KeptSink(terminal);
  const stderr = new KeptSink(terminal);
  const whole = {
    quiet: false,
    silent: false,
    json: false,
    trace: [],
    colorless: true,
    plain: false,
    ...style,
  };
  const output = new Output(stdout, stderr, whole, () => 0n);
  const clock = { now: 0n, tick: () => {}, stopped: false };
  const progress = progressOf(
    output,
    { now: () => clock.now, columns: () => 80 },
    new StepLines(output, "backup", new Uint8Array(32)),
    (_, action) => {
      clock.tick = action;
      return { [Symbol.dispose]: () => clock.stopped = true };
    },
  );
  return { stdout, stderr, output, progress, clock };
}

Deno.test("without a terminal every path is a line, and errors go to standard error", async () => {
  const { stdout, stderr, output, progress } = setUp({}, false);
  progress.phase("reading");
  progress.total(2, 10, true);
  progress.add(1, 5, fromText("/a"));
  progress.error(fromText("/b"), "permission denied");
  progress.finish();
  await output.finish();
  equal(stdout.text, "00000000: OK ✓ /a\n");
  equal(stderr.text, "00000000: KO ✘ /b: permission denied\n");
});

Deno.test("on a terminal there is a display, errors stay above it, and nothing is left of it", async () => {
  const { stdout, stderr, output, progress, clock } = setUp({}, true);
  progress.phase("reading");
  progress.total(2, 10, true);
  progress.advance(2, fromText("/b"));
  progress.advance(1, fromText("/a"));
  progress.add(1, 2, fromText("/a"));
  clock.now = 3n * SECOND;
  clock.tick();
  progress.error(fromText("/b"), "permission denied");
  await new Promise((resolve) => setTimeout(resolve));
  const shown = stderr.text;
  progress.finish();
  await output.finish();
  ok(
    shown.includes("00000000: KO ✘ /b: permission denied\n[00:03] reading  1 of 2 files  5 B of 10 B (50%)"),
    shown,
  );
  ok(shown.endsWith("\n/a\r"), shown);
  ok(stderr.text.endsWith("\r\x1b[1A\x1b[J"));
  equal(stdout.text, "");
  equal(clock.stopped, true);
});

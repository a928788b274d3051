import assert from "node:assert/strict";

const SCRIPT = `
  import { stopOnSignals } from ${
  JSON.stringify(new URL("../../src/cli/stop_on_signals.ts", import.meta.url).href)
};
  const stop = stopOnSignals();
  stop.addEventListener("abort", () => console.log("stopping"));
  setTimeout(() => {}, 30_000);
  console.log("ready");`;

/** A process that goes on after it was told to end, with SIGHUP as it is usual, or as under `nohup`. */
function startProcess(hangUp: "default" | "ignore") {
  const url = `data:text/javascript,${encodeURIComponent(SCRIPT)}`;
  const child = new Deno.Command("env", {
    args: [`--${hangUp}-signal=HUP`, Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all", url],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const says = async (expected: string) => assert.equal((await lines.read()).value, expected);
  return {
    child,
    says,
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await lines.cancel();
      await child.status;
    },
  };
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`${signal} asks for an orderly end`, async () => {
    await using running = startProcess("default");
    await running.says("ready\n");
    running.child.kill(signal);
    await running.says("stopping\n");
  });
}

Deno.test("under nohup, the end of the terminal is not the end of the program", async () => {
  await using running = startProcess("ignore");
  await running.says("ready\n");
  running.child.kill("SIGHUP");
  await new Promise((resolve) => setTimeout(resolve, 100));
  running.child.kill("SIGTERM");
  await running.says("stopping\n");
});

Deno.test("who asks a second time is not made to wait, unless it is the same wish twice", async () => {
  await using running = startProcess("default");
  await running.says("ready\n");
  for (const signal of ["SIGINT", "SIGINT", "SIGTERM"] as const) running.child.kill(signal);
  await running.says("stopping\n");
  await new Promise((resolve) => setTimeout(resolve, 700));
  running.child.kill("SIGTERM");
  running.child.kill("SIGINT");
  assert.equal((await running.child.status).code, 130);
});

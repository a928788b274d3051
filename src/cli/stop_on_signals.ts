/** Being told to end, by a person or by the system. */

import { PlakarError } from "../lib/errors.ts";
import { INTERRUPTED } from "./exit_status.ts";

/** Milliseconds within which the same wish may come twice: from the terminal, and from what started the program. */
const ONE_WISH = 500;
/** What signals are numbered by in `/proc`. */
const SIGHUP = 1;

/**
 * Listens for what tells a program to end.
 *
 * @returns aborted when it should end in an orderly way
 */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  let stoppedAt = 0;
  const end = () => {
    if (stop.signal.aborted) return;
    stoppedAt = performance.now();
    stop.abort(new PlakarError("interrupted", "Interrupted"));
  };
  Deno.addSignalListener("SIGINT", () => {
    // A person who asks twice does not want to wait for an orderly end.
    if (stop.signal.aborted && performance.now() - stoppedAt > ONE_WISH) Deno.exit(INTERRUPTED);
    end();
  });
  if (Deno.build.os === "windows") return stop.signal;
  Deno.addSignalListener("SIGTERM", end);
  // Under nohup, losing the terminal is no reason to end.
  if (!isIgnored(SIGHUP)) Deno.addSignalListener("SIGHUP", end);
  return stop.signal;
}

/** Whether this process was started with a signal ignored; where that is not known, it counts as ignored. */
function isIgnored(signal: number): boolean {
  try {
    const [, mask] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(Deno.readTextFileSync("/proc/self/status")) ?? [];
    return mask === undefined || (BigInt(`0x${mask}`) >> BigInt(signal - 1) & 1n) === 1n;
  } catch {
    return true;
  }
}

/** From a command line to an exit status. */

import { PlakarError } from "../lib/errors.ts";
import { exitStatusOf, FAILURE, INTERRUPTED, OK, OUTPUT_CLOSED, USAGE } from "./exit_status.ts";
import { formatDuration } from "./format/duration.ts";
import { nameOf } from "./grammar/command.ts";
import type { GLOBAL_OPTIONS } from "./grammar/global_options.ts";
import { commandHelp, commandLines, programHelp } from "./grammar/help_text.ts";
import type { OptionValues } from "./grammar/option.ts";
import { parseCommandLine, type ParsedLine } from "./grammar/parse.ts";
import { COMMANDS } from "./grammar/table/table.ts";
import { Output, type OutputStyle } from "./output.ts";
import { OutputClosed } from "./output_stream.ts";
import { ROUTES } from "./routes.ts";
import type { Surroundings } from "./surroundings.ts";
import { Terminal } from "./terminal.ts";

/**
 * Runs the program.
 *
 * @param words the command line, without the program's name
 * @param surroundings the machine and the process
 * @returns the exit status
 */
export async function main(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const line = attempt(() => parseCommandLine(words, COMMANDS));
  const global = "value" in line && line.value.kind === "run" ? line.value.parsed.global : undefined;
  const { stdout, stderr, now } = surroundings;
  const output = new Output(stdout, stderr, styleOf(global, words, surroundings), now);
  let status: number;
  try {
    if ("error" in line) throw line.error;
    status = await run(line.value, output, surroundings);
    await output.finish();
  } catch (error) {
    status = fail(error, output, surroundings);
    await output.finish().catch(() => {});
  }
  return status;
}

async function run(line: ParsedLine, output: Output, surroundings: Surroundings): Promise<number> {
  if (line.kind === "help") {
    const lines = line.command ? commandHelp(line.command, COMMANDS) : programHelp(COMMANDS);
    output.product({ type: "help", text: lines.join("\n"), data: { text: lines.join("\n") } });
    return OK;
  }
  if (line.kind === "nothing") {
    if (line.given.has("disable-security-check") || line.given.has("enable-security-check")) {
      output.info("there is no security check: this program looks nothing up");
      return OK;
    }
    output.fatal(new PlakarError("usage", "a subcommand must be provided"));
    output.failedStep({ type: "help", text: commandLines(COMMANDS).join("\n") });
    return USAGE;
  }
  const { parsed } = line;
  const begun = surroundings.now();
  output.workflow = nameOf(parsed.command);
  const route = ROUTES.find(({ command }) => command === parsed.command);
  if (!route) {
    throw new PlakarError("unsupported", `Cannot run "${nameOf(parsed.command)}": it is not there yet`);
  }
  const terminal = new Terminal(surroundings, output);
  const status = await route.run({ ...parsed, output, terminal, surroundings, signal: surroundings.signal });
  if (parsed.global.time) {
    const duration = surroundings.now() - begun;
    const text = `time: ${formatDuration(duration)}`;
    output.result({ type: "time", data: { nanoseconds: duration }, text });
  }
  return status;
}

/** Tells why the command failed, and returns the exit status. */
function fail(error: unknown, output: Output, { signal }: Surroundings): number {
  if (error instanceof OutputClosed) return OUTPUT_CLOSED;
  if (signal.aborted) {
    // Whatever failed then failed because the work was stopped.
    output.fatal(
      signal.reason instanceof PlakarError ? signal.reason : new PlakarError("interrupted", "Interrupted"),
    );
    return INTERRUPTED;
  }
  output.fatal(error);
  if (!(error instanceof PlakarError) && error instanceof Error) output.trace("stack", error.stack ?? "");
  return error instanceof PlakarError ? exitStatusOf(error) : FAILURE;
}

function attempt<T>(action: () => T): { value: T } | { error: unknown } {
  try {
    return { value: action() };
  } catch (error) {
    return { error };
  }
}

function styleOf(
  global: OptionValues<typeof GLOBAL_OPTIONS> | undefined,
  words: readonly string[],
  { variable }: Surroundings,
): OutputStyle {
  const noColor = variable("NO_COLOR");
  return {
    quiet: global?.quiet ?? false,
    silent: global?.silent ?? false,
    // A command line that cannot be understood may still say how its error is to be told.
    json: global?.json ?? words.slice(0, endOfOptions(words)).some((word) => /^--?json$/.test(word)),
    trace: global?.trace ?? [],
    colorless: noColor !== undefined && noColor !== "",
    plain: (global?.stdio ?? false) || variable("TERM") === "dumb",
  };
}

function endOfOptions(words: readonly string[]): number {
  const end = words.indexOf("--");
  return end < 0 ? words.length : end;
}

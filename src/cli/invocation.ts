/** One run of a command: what was asked for, and what it works with. */

import type { ParsedCommand } from "./grammar/command.ts";
import type { GlobalOptions } from "./grammar/global_options.ts";
import type { OptionSet } from "./grammar/option.ts";
import type { Output } from "./output.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Terminal } from "./terminal.ts";

/** What a command is run with. */
export interface Invocation<O extends OptionSet = OptionSet> extends ParsedCommand<O, GlobalOptions> {
  /** Where it prints. */
  readonly output: Output;
  /** Where it asks. */
  readonly terminal: Terminal;
  /** The machine and the process. */
  readonly surroundings: Surroundings;
  /** Stops it. */
  readonly signal: AbortSignal;
}

/** What a module of `commands/` exports. */
export interface CommandModule<O extends OptionSet = OptionSet> {
  /** Runs the command and returns the exit status. */
  run(invocation: Invocation<O>): Promise<number>;
}

/** Shell commands that run before and after a backup. */

import type { Entry } from "../config/entry_file.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";
import { exitStatusOf, INTERRUPTED, OK, PARTIAL } from "./exit_status.ts";
import type { BACKUP_OPTIONS } from "./grammar/table/backup.ts";
import type { Invocation } from "./invocation.ts";

/** What a backup came to. */
export interface HookedOutcome {
  /** The exit status. */
  status: number;
  /** The snapshot's identifier, 64 hexadecimal digits. */
  snapshot: string;
  /** How many paths could not be read. */
  errors: number;
}

type HookName = "pre-hook" | "post-hook" | "fail-hook";
type Commands = Readonly<Record<HookName, readonly string[]>>;
type Variables = Readonly<Record<string, string>>;
type HookedInvocation = Pick<Invocation<typeof BACKUP_OPTIONS>, "options" | "output" | "signal">;

const SHELL = "/bin/sh";

/** The hooks of one backup. Their output goes to standard error. */
export class Hooks {
  readonly #commands: Commands;
  readonly #variables: Variables;
  readonly #invocation: HookedInvocation;

  private constructor(
    commands: Commands,
    variables: Variables,
    invocation: HookedInvocation,
  ) {
    this.#commands = commands;
    this.#variables = variables;
    this.#invocation = invocation;
  }

  /**
   * The hooks that options name, or else settings of the sources, in their order.
   *
   * @param invocation the command's run
   * @param settings each source's settings: `pre_hook`, `post_hook`, `fail_hook`
   * @param variables environment variables of every hook
   * @returns the hooks, of which none has run
   * @throws {PlakarError} `unsupported` if there are any and this program may not run them
   */
  static async of(
    invocation: HookedInvocation,
    settings: readonly Entry[],
    variables: Variables,
  ): Promise<Hooks> {
    const { options } = invocation;
    const named = (name: HookName, key: string) => {
      const given = options[name];
      const found = given === undefined ? settings.map((entry) => entry[key] ?? "") : [given];
      return [...new Set(found)].filter((command) => command !== "");
    };
    const commands: Commands = {
      "pre-hook": named("pre-hook", "pre_hook"),
      "post-hook": named("post-hook", "post_hook"),
      "fail-hook": named("fail-hook", "fail_hook"),
    };
    const [first] = Object.entries(commands).flatMap(([name, found]) =>
      found.map((command) => [name, command])
    );
    if (first && (await Deno.permissions.query({ name: "run", command: SHELL })).state !== "granted") {
      const [name, command] = first;
      const message = `Cannot run ${name} "${command}": this program has no permission to run ${SHELL}`;
      throw new PlakarError("unsupported", message, {
        hint: "run the commands and plakar one after another in a script of your own",
      });
    }
    return new Hooks(commands, variables, invocation);
  }

  /**
   * Runs work between its hooks. If the first hook fails, nothing else is done; a failure of the others is a
   * warning, since the work is over by then.
   *
   * @param work what is done between them
   * @returns the exit status
   */
  async around(work: () => Promise<HookedOutcome>): Promise<number> {
    let outcome;
    try {
      await this.#before();
      outcome = await work();
    } catch (error) {
      const status = this.#invocation.signal.aborted ? INTERRUPTED : exitStatusOf(error);
      await this.#after("fail-hook", { PLAKAR_STATUS: String(status), PLAKAR_ERROR: messageOf(error) });
      throw error;
    }
    const { status, snapshot, errors } = outcome;
    await this.#after(status === OK || status === PARTIAL ? "post-hook" : "fail-hook", {
      PLAKAR_STATUS: String(status),
      PLAKAR_SNAPSHOT: snapshot,
      PLAKAR_ERRORS: String(errors),
    });
    return status;
  }

  async #before(): Promise<void> {
    const { signal } = this.#invocation;
    for (const command of this.#commands["pre-hook"]) {
      const failure = await this.#run("pre-hook", command, {}, signal);
      signal.throwIfAborted();
      if (failure === undefined) continue;
      throw new PlakarError("io", `Nothing was backed up: ${failure}`, {
        hint: "what the command itself said stands above",
      });
    }
  }

  /** Not stopped by the signal: work that was stopped has something to clean up as well. */
  async #after(name: "post-hook" | "fail-hook", variables: Variables): Promise<void> {
    for (const command of this.#commands[name]) {
      const failure = await this.#run(name, command, variables);
      if (failure !== undefined) this.#invocation.output.warn(failure);
    }
  }

  /** Runs a hook, and says how it failed. */
  async #run(
    name: HookName,
    command: string,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    await this.#invocation.output.flush();
    const { code, signal: killedBy } = await new Deno.Command(SHELL, {
      // Standard output has nothing but what plakar prints.
      args: ["-c", `exec >&2\n${command}`],
      env: { ...this.#variables, ...variables },
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
      signal,
    }).spawn().status;
    if (code === 0) return undefined;
    const how = killedBy ? `was ended by ${killedBy}` : `ended with exit status ${code}`;
    return `${name} "${command}" ${how}`;
  }
}

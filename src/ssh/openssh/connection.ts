/** `transport=openssh`: every subsystem is a child process `ssh … -s -- HOST SUBSYSTEM`. */

import type { BytePipe } from "../../lib/byte_pipe.ts";
import type { PlakarError } from "../../lib/errors.ts";
import type { SshConnection, SshDescription } from "../connection.ts";
import type { OpensshPlan } from "../plan.ts";
import { SshAccount, type SshFacts } from "./account.ts";
import { ProcessPipe, startSsh } from "./process_pipe.ts";

/**
 * A connection through the `ssh` program. Nothing is started before a subsystem is opened.
 *
 * @param plan the host and the arguments
 * @param warn told once what `ssh`, or the server's banner, has to say on the way to a login
 * @returns the connection
 */
export function connectWithOpenssh(plan: OpensshPlan, warn?: (message: string) => void): SshConnection {
  return new OpensshConnection(plan, warn);
}

class OpensshConnection implements SshConnection {
  readonly plan: OpensshPlan;
  readonly closed: Promise<PlakarError | undefined>;
  readonly #closed = Promise.withResolvers<PlakarError | undefined>();
  readonly #pipes = new Set<ProcessPipe>();
  #facts: SshFacts = {};
  #warn: ((message: string) => void) | undefined;

  constructor(plan: OpensshPlan, warn: ((message: string) => void) | undefined) {
    this.plan = plan;
    this.#warn = warn;
    this.closed = this.#closed.promise;
  }

  get description(): SshDescription {
    const { host, port, user, via } = this.plan;
    return { transport: "openssh", host, port, user, ...this.#facts, via: [...via] };
  }

  openSubsystem(name: string): Promise<BytePipe> {
    const { args, displayName } = this.plan;
    const pipe = new ProcessPipe(
      startSsh([...args, "-s", "--", displayName, name], displayName),
      displayName,
      new SshAccount((complaints) => this.#tell(complaints)),
    );
    this.#pipes.add(pipe);
    this.#facts = pipe.account.facts;
    pipe.ended.then((error) => {
      this.#pipes.delete(pipe);
      if (error) this.#closed.resolve(error);
    });
    return Promise.resolve(pipe);
  }

  #tell(complaints: string[]): void {
    const warn = this.#warn;
    this.#warn = undefined;
    for (const line of complaints) if (line !== "") warn?.(`${this.plan.displayName}: ${line}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pipes = [...this.#pipes];
    for (const pipe of pipes) pipe.close();
    await Promise.all(pipes.map((pipe) => pipe.ended));
    this.#closed.resolve(undefined);
  }
}

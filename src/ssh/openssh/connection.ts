/** `transport=openssh`: every subsystem is a child process `ssh … -s -- HOST SUBSYSTEM`. */

import type { BytePipe } from "../../lib/byte_pipe.ts";
import type { PlakarError } from "../../lib/errors.ts";
import type { SshConnection, SshDescription } from "../connection.ts";
import type { OpensshPlan } from "../plan.ts";
import type { SshFacts } from "./account.ts";
import { ProcessPipe, startSsh } from "./process_pipe.ts";

/**
 * A connection through the `ssh` program. Nothing is started before a subsystem is opened.
 *
 * @param plan the host and the arguments
 * @returns the connection
 */
export function connectWithOpenssh(plan: OpensshPlan): SshConnection {
  return new OpensshConnection(plan);
}

class OpensshConnection implements SshConnection {
  readonly plan: OpensshPlan;
  readonly closed: Promise<PlakarError | undefined>;
  readonly #closed = Promise.withResolvers<PlakarError | undefined>();
  readonly #pipes = new Set<ProcessPipe>();
  #facts: SshFacts = {};

  constructor(plan: OpensshPlan) {
    this.plan = plan;
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
    );
    this.#pipes.add(pipe);
    this.#facts = pipe.account.facts;
    pipe.ended.then((error) => {
      this.#pipes.delete(pipe);
      if (error) this.#closed.resolve(error);
    });
    return Promise.resolve(pipe);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pipes = [...this.#pipes];
    for (const pipe of pipes) pipe.close();
    await Promise.all(pipes.map((pipe) => pipe.ended));
    this.#closed.resolve(undefined);
  }
}

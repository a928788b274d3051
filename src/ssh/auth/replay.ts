/** Authenticates a further connection with what worked on the first one, without asking anybody. */

import type { SshEnvironment } from "../environment.ts";
import type { PlannedAuthentication } from "../plan.ts";
import type { Attempt, Authenticator } from "./attempt.ts";
import { signAs } from "./signer.ts";

/** Repeats authentications. */
export class ReplayingAuthenticator implements Authenticator {
  /** Nothing to tell: the same worked before. */
  readonly notes: readonly string[] = [];
  /** What the person could do. */
  readonly hint =
    "The same worked before: the server, the agent or a one-time password may have changed meanwhile";
  readonly #planned: PlannedAuthentication[];
  readonly #environment: Pick<SshEnvironment, "connectUnix">;

  /**
   * Takes what worked.
   *
   * @param planned what worked, in order
   * @param environment reaches agents
   */
  constructor(planned: PlannedAuthentication[], environment: Pick<SshEnvironment, "connectUnix">) {
    this.#planned = [...planned];
    this.#environment = environment;
  }

  /** Of no interest: the algorithm is known to work. */
  serverAlgorithms(): void {}

  /**
   * Repeats the next one.
   *
   * @returns the next attempt
   */
  next(): Promise<Attempt | undefined> {
    const planned = this.#planned.shift();
    return Promise.resolve(planned && this.#attempt(planned));
  }

  #attempt(planned: PlannedAuthentication): Attempt {
    const again = () => planned;
    switch (planned.method) {
      case "none":
        return { method: "none", planned: again };
      case "password":
        return { method: "password", password: planned.password, planned: again };
      case "publickey": {
        const { algorithm, key, signer } = planned;
        const sign = (data: Uint8Array) => signAs(signer, algorithm, data, this.#environment);
        return { method: "publickey", offer: { algorithm, key, sign }, planned: again };
      }
      case "keyboard-interactive": {
        const answers = [...planned.answers];
        return {
          method: "keyboard-interactive",
          answer: (_name, _instructions, prompts) => {
            const given = answers.splice(0, prompts.length);
            return Promise.resolve(given.length === prompts.length ? given : undefined);
          },
          planned: again,
        };
      }
    }
  }
}

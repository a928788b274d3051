/** One try to authenticate, and who decides which comes next. */

import type { PlannedAuthentication } from "../plan.ts";
import type { PublicKeyOffer } from "../transport/public_key_auth.ts";
import type { Ssh2Prompt } from "../transport/ssh2.ts";

/** One try to authenticate. `planned` is what to repeat if it worked, known once it did. */
export type Attempt =
  | { method: "none"; planned(): PlannedAuthentication }
  | { method: "publickey"; offer: PublicKeyOffer; planned(): PlannedAuthentication }
  | { method: "password"; password: string; planned(): PlannedAuthentication }
  | {
    method: "keyboard-interactive";
    /** Answers the server's questions; `undefined` gives up. */
    answer(name: string, instructions: string, prompts: Ssh2Prompt[]): Promise<string[] | undefined>;
    planned(): PlannedAuthentication;
  };

/** Decides what to try. */
export interface Authenticator {
  /**
   * The next attempt, or `undefined` if nothing is left.
   *
   * @param methods the methods the server goes on with; `undefined` before it said so
   * @param isPartial whether the last attempt succeeded and more is wanted
   */
  next(methods: readonly string[] | undefined, isPartial: boolean): Promise<Attempt | undefined>;
  /** What became of the tries: for the error message. */
  readonly notes: readonly string[];
  /** What the person could do. */
  readonly hint: string | undefined;
  /** Tells which signature algorithms the server takes. */
  serverAlgorithms(algorithms: readonly string[]): void;
}

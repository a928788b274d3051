/** Authenticates as OpenSSH does: the methods of `PreferredAuthentications`, one attempt after the other. */

import { DEFAULT_PUBLIC_KEY_ALGORITHMS } from "./public_key_algorithms.ts";
import { assembleAlgorithms } from "../config/algorithm_list.ts";
import { messageOf } from "../../lib/errors.ts";
import { plainKeyType, signatureAlgorithmsOf } from "../keys/public_key.ts";
import type { Signer } from "../plan.ts";
import { NOBODY, type SshIo } from "../prompter.ts";
import type { SshTarget } from "../target.ts";
import type { Attempt, Authenticator } from "./attempt.ts";
import { interactiveAttempts, passwordAttempts } from "./password.ts";
import { type Candidate, PublicKeys } from "./public_keys.ts";
import { signAs } from "./signer.ts";

/** Above this many, attempts are counted and not named. */
const MAX_NAMED = 4;

/** Authenticates with whatever the target has, asking the person where needed. */
export class AskingAuthenticator implements Authenticator {
  readonly #target: SshTarget;
  readonly #io: SshIo;
  readonly #problems: string[] = [];
  readonly #tried: string[] = [];
  readonly #sources: Record<string, AsyncGenerator<Attempt>>;
  #serverAlgorithms: readonly string[] | undefined;
  #hasBegun = false;

  /**
   * Prepares the methods that the settings allow.
   *
   * @param target whom to log in to
   * @param io how to ask
   */
  constructor(target: SshTarget, io: SshIo) {
    this.#target = target;
    this.#io = target.settings.batchMode ? { ...io, prompter: NOBODY } : io;
    const note = (problem: string) => void this.#problems.push(problem);
    const { settings } = target;
    this.#sources = {};
    if (settings.pubkeyAuthentication) this.#sources["publickey"] = this.#keyAttempts(note);
    if (settings.kbdInteractiveAuthentication) {
      this.#sources["keyboard-interactive"] = interactiveAttempts(target, this.#io, note);
    }
    if (settings.passwordAuthentication) this.#sources["password"] = passwordAttempts(target, this.#io, note);
  }

  /** What became of the tries. */
  get notes(): readonly string[] {
    const tried = this.#tried.length > MAX_NAMED ? [`${this.#tried.length} keys`] : this.#tried;
    return [...(tried.length > 0 ? [`refused: ${tried.join(", ")}`] : []), ...this.#problems];
  }

  /** Left to the general one. */
  get hint(): string | undefined {
    return undefined;
  }

  /**
   * Remembers what the server takes, so that an RSA key is used with it.
   *
   * @param algorithms what the server takes
   */
  serverAlgorithms(algorithms: readonly string[]): void {
    this.#serverAlgorithms = algorithms;
  }

  /**
   * Chooses the next attempt.
   *
   * @param methods what the server goes on with
   * @returns the next attempt
   */
  async next(methods: readonly string[] | undefined): Promise<Attempt | undefined> {
    if (!this.#hasBegun) {
      // The answer to this one names the methods.
      this.#hasBegun = true;
      return { method: "none", planned: () => ({ method: "none" }) };
    }
    for (const method of this.#target.settings.preferredAuthentications) {
      if (!methods?.includes(method)) continue;
      const attempt = await this.#sources[method]?.next();
      if (attempt && !attempt.done) return attempt.value;
    }
  }

  async *#keyAttempts(note: (problem: string) => void): AsyncGenerator<Attempt> {
    const keys = new PublicKeys(this.#target, this.#io, note);
    for await (const candidate of keys.candidates()) {
      const algorithm = this.#algorithmFor(candidate.key.type);
      if (algorithm === undefined) {
        note(`${candidate.label} is not used: no signature algorithm of ${candidate.key.type} is allowed`);
        continue;
      }
      this.#tried.push(candidate.label);
      yield this.#keyAttempt(candidate, algorithm, note);
    }
  }

  #keyAttempt(candidate: Candidate, algorithm: string, note: (problem: string) => void): Attempt {
    const { label, key } = candidate;
    let used: Signer | undefined;
    const sign = async (data: Uint8Array) => {
      // From here on the server knows the key, and only a signature is missing.
      const at = this.#tried.indexOf(label);
      try {
        used = await candidate.signer();
        if (used) return await signAs(used, algorithm, data, this.#target.environment);
      } catch (error) {
        note(messageOf(error));
        if (at >= 0) this.#tried.splice(at, 1);
        throw error;
      }
      if (at >= 0) this.#tried.splice(at, 1);
      throw new Error("the key cannot be used");
    };
    return {
      method: "publickey",
      offer: { algorithm, key, sign },
      planned: () => {
        if (!used) throw new Error("the key was not used");
        return { method: "publickey", algorithm, key: { type: key.type, blob: key.blob }, signer: used };
      },
    };
  }

  #algorithmFor(type: string): string | undefined {
    const allowed = assembleAlgorithms(
      this.#target.settings.pubkeyAcceptedAlgorithms,
      DEFAULT_PUBLIC_KEY_ALGORITHMS,
    );
    const usable = signatureAlgorithmsOf(type).filter((algorithm) => allowed.includes(algorithm));
    const server = this.#serverAlgorithms;
    if (!server || usable.length < 2) return usable[0];
    return usable.find((algorithm) => server.includes(plainKeyType(algorithm)));
  }
}

/** Answers that another thread owes. */

import { decodeError, type Outcome } from "./outcome.ts";

/** Answers that are waited for, each by a key. */
export class PendingAnswers<K, T = void> {
  readonly #pending = new Map<K, PromiseWithResolvers<T>>();

  /**
   * Waits for an answer.
   *
   * @param key what it will be known by
   * @returns what the other side's action gives
   * @throws what it ended with
   */
  wait(key: K): Promise<T> {
    const pending = Promise.withResolvers<T>();
    this.#pending.set(key, pending);
    return pending.promise;
  }

  /**
   * Takes an answer; one that nobody waits for any more is dropped.
   *
   * @param key what it is known by
   * @param outcome the answer
   */
  settle(key: K, outcome: Outcome<T>): void {
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    if ("error" in outcome) pending?.reject(decodeError(outcome.error));
    else pending?.resolve(outcome.value);
  }

  /**
   * Waits no longer.
   *
   * @param error what every wait ends with
   */
  giveUp(error: unknown): void {
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}

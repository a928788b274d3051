/** Waiting that a signal ends. */

/**
 * Waits for something, but no longer than until a signal. What is waited for goes on without anybody.
 *
 * @typeParam T what is waited for
 * @param awaited it
 * @param signal ends the waiting, if there is one
 * @returns what was waited for; rejects with the signal's reason once it is aborted
 */
export async function beforeAbort<T>(awaited: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  try {
    return await Promise.race([promise, awaited]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * Locks: small files that say who is writing.
 *
 * Backups share the repository, maintenance has it alone. A lock is refreshed while it is held and is stale
 * when nobody refreshed it for long enough: a machine that died does not block the repository for ever. Whoever
 * finds the own lock gone may have had maintenance at work meanwhile, and must not commit.
 */

import type { Storage } from "../connectors/storage/storage.ts";
import { decodeLock, encodeLock, type Lock } from "../kloset/lock.ts";
import { ResourceType } from "../kloset/resource.ts";
import { isPlakarError, messageOf, PlakarError } from "../lib/errors.ts";
import type { RepositoryCodec } from "./repository_codec.ts";

const REFRESH_INTERVAL_MS = 5 * 60 * 1000;
const STALE_AFTER_NS = 10n * 60n * 1_000_000_000n;
const MAX_LOCK_SIZE = 64 * 1024;

/** What taking a lock needs. */
export interface LockContext {
  /** Where locks are. */
  storage: Storage;
  /** The repository's transforms. */
  codec: RepositoryCodec;
  /** The time, nanoseconds since 1970. */
  now: () => bigint;
  /** The name of this machine, for whoever finds the lock. */
  hostname: string;
  /** Told when the lock could not be refreshed or removed. */
  warn: (message: string) => void;
  /** Told, once, when a refresh finds that somebody removed the lock. */
  lost?: (error: PlakarError) => void;
}

/** A lock that is held. Disposing of it removes it. */
export class RepositoryLock implements AsyncDisposable {
  readonly #context: LockContext;
  readonly #id: string;
  readonly #exclusive: boolean;
  #timer: ReturnType<typeof setInterval> | undefined;
  #writtenAt = 0n;
  #refreshing: Promise<void> = Promise.resolve();

  private constructor(context: LockContext, id: string, exclusive: boolean) {
    this.#context = context;
    this.#id = id;
    this.#exclusive = exclusive;
  }

  /**
   * Takes a lock, or fails at once if somebody holds one that forbids it.
   *
   * @param context storage, codec, clock and names
   * @param id the lock's id, hexadecimal: the snapshot's identifier for a backup
   * @param exclusive whether nobody else may write
   * @returns the lock
   * @throws {PlakarError} `locked` with who holds the other lock
   */
  static async take(context: LockContext, id: string, exclusive: boolean): Promise<RepositoryLock> {
    const lock = new RepositoryLock(context, id, exclusive);
    try {
      await lock.#put();
      await lock.#checkOthers();
    } catch (error) {
      await context.storage.delete("lock", id).catch(() => {});
      throw isPlakarError(error, "permission") ? notWritable(error) : error;
    }
    lock.#timer = setInterval(() => {
      lock.#refreshing = lock.#refreshing.then(() => lock.#refresh());
    }, REFRESH_INTERVAL_MS);
    return lock;
  }

  /** Removes the lock. What was done under it is done, whether it can be removed or not. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    // A refresh on its way would bring the lock back.
    await this.#refreshing;
    await this.#context.storage.delete("lock", this.#id).catch((error) => {
      this.#context.warn(`Cannot remove the repository's lock "${this.#id}": ${messageOf(error)}`);
    });
  }

  /**
   * Makes sure that nobody else has had the repository alone since the lock was taken.
   *
   * @throws {PlakarError} `locked` if somebody removed the lock, or took the repository while this machine slept
   */
  async ensureHeld(): Promise<void> {
    await this.#refreshing;
    if (!await this.#isThere()) throw lockLost();
    if (this.#context.now() - this.#writtenAt < STALE_AFTER_NS) return;
    // Anybody may take it for abandoned at this very moment: one of the two sees the other.
    await this.#put();
    await this.#checkOthers();
  }

  /** A lock that somebody removed is not brought back. */
  async #refresh(): Promise<void> {
    try {
      if (await this.#isThere()) return await this.#put();
      clearInterval(this.#timer);
      this.#context.lost?.(lockLost());
    } catch (error) {
      this.#context.warn(`Cannot refresh the repository's lock: ${messageOf(error)}`);
    }
  }

  async #isThere(): Promise<boolean> {
    try {
      await this.#context.storage.get("lock", this.#id);
      return true;
    } catch (error) {
      if (isPlakarError(error, "not-found")) return false;
      throw error;
    }
  }

  async #put(): Promise<void> {
    const { storage, codec, now, hostname } = this.#context;
    const timestamp = now();
    const lock: Lock = { timestamp, hostname, exclusive: this.#exclusive };
    await storage.put("lock", this.#id, codec.seal(ResourceType.lock, encodeLock(lock)));
    this.#writtenAt = timestamp;
  }

  async #checkOthers(): Promise<void> {
    const { storage, now } = this.#context;
    for (const id of await storage.list("lock")) {
      if (id === this.#id) continue;
      const other = await this.#read(id);
      if (!other) continue;
      const age = now() - other.timestamp;
      if (age >= STALE_AFTER_NS) {
        await storage.delete("lock", id);
      } else if (this.#exclusive || other.exclusive) {
        const holder = `${other.exclusive ? "maintenance" : "a backup"} on "${other.hostname}"`;
        throw new PlakarError("locked", `Cannot lock the repository: it is locked by ${holder}`, {
          hint: age < -STALE_AFTER_NS
            ? `Its time is ahead of this machine's clock; if nobody is writing, remove locks/${id} of the store`
            : "Try again when that is done; a lock nobody refreshes any more is ignored after 10 minutes",
          data: { lock: id, hostname: other.hostname, timestamp: other.timestamp },
        });
      }
    }
  }

  /** A lock that vanished while it was looked at is no obstacle any more. */
  async #read(id: string): Promise<Lock | undefined> {
    const { storage, codec } = this.#context;
    try {
      const { plain } = codec.unseal(ResourceType.lock, await storage.get("lock", id), MAX_LOCK_SIZE);
      return decodeLock(plain);
    } catch (error) {
      if (isPlakarError(error, "not-found")) return undefined;
      throw new PlakarError("locked", `Cannot read lock "${id}": ${messageOf(error)}`, {
        cause: error,
        hint: "If no other backup is running, remove the file from the locks directory of the store",
      });
    }
  }
}

function notWritable(cause: PlakarError): PlakarError {
  return new PlakarError("permission", `Cannot lock the repository: ${cause.message}`, {
    cause,
    hint: cause.hint ?? "Whoever changes the repository needs to write to the store",
  });
}

function lockLost(): PlakarError {
  return new PlakarError(
    "locked",
    "Cannot commit: somebody removed the repository's lock while it was held",
    {
      hint: "Maintenance may have removed what this run relies on; run it again",
    },
  );
}

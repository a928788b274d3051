/** The repository that a command works on. */

import { openStorage } from "../connectors/storage/open_storage.ts";
import type { Storage } from "../connectors/storage/storage.ts";
import { TracedStorage } from "../connectors/storage/traced.ts";
import { FsCache } from "../connectors/cache/fs.ts";
import type { Location } from "../connectors/location.ts";
import { cacheDirectory } from "../config/directories.ts";
import { type ResolvedLocation, resolveLocation } from "../config/resolve_location.ts";
import { repositoryToOpen } from "../config/default_repository.ts";
import { isPlakarError, messageOf, PlakarError } from "../lib/errors.ts";
import { type LockedRepository, openRepository, type Repository } from "../repository/repository.ts";
import type { CachePolicy, CacheSettings } from "../repository/segment_cache.ts";
import { configurationOf } from "./configuration_of.ts";
import type { Invocation } from "./invocation.ts";
import { unlockWithPassphrase } from "./passphrase.ts";

/** A store as the command line and the configuration name it. */
export interface NamedStore extends ResolvedLocation {
  /** The store. */
  readonly storage: Storage;
}

/** From a local disk only a great many small files take long. */
const LOCAL_POLICY: CachePolicy = { leastItems: 32, largestItem: 1024 * 1024 };
/** From elsewhere everything does. */
const REMOTE_POLICY: CachePolicy = { leastItems: 1, largestItem: Infinity };

/** A repository that is open. Disposing of it closes its store. */
export interface OpenRepository extends NamedStore, AsyncDisposable {
  /** The repository. */
  readonly repository: Repository;
}

/**
 * The store that a command works on; nothing is looked at yet.
 *
 * @param invocation the command's run
 * @returns the store
 */
export async function storeOf(invocation: Invocation): Promise<NamedStore> {
  const { at, surroundings, output } = invocation;
  const configuration = await configurationOf(invocation);
  const given = repositoryToOpen(at, surroundings.variable, configuration, surroundings.home);
  const { currentDirectory } = surroundings;
  output.trace("config", `repository: ${given}`);
  const resolved = resolveLocation("store", given, { configuration, currentDirectory });
  const storage = openStorage(resolved.location);
  const tell = (message: string) => output.trace("repository", message);
  return { ...resolved, storage: output.traces("repository") ? new TracedStorage(storage, tell) : storage };
}

/** A repository that is being opened, and of whose passphrase nobody is asked any more. Disposing closes its store. */
export interface OpeningRepository extends NamedStore, AsyncDisposable {
  /** The repository, when it is open. */
  readonly repository: Promise<Repository>;
}

/**
 * Begins to open the repository that a command works on; this may ask for the passphrase. To derive the key from it
 * takes a second or more, in which other things can be done.
 *
 * @param invocation the command's run
 * @param fromCache whether what this machine keeps of the repository will do in place of the store
 * @returns the repository and where it is
 * @throws {PlakarError} `no-store` if it cannot be opened, `passphrase` if it cannot be unlocked
 */
export async function beginOpening(invocation: Invocation, fromCache = true): Promise<OpeningRepository> {
  const store = await storeOf(invocation);
  const locked = await opened(
    store,
    fromCache ? (id) => cacheOf(id, store.location, invocation) : undefined,
  );
  const repository = locked.isEncrypted
    ? (await unlockWithPassphrase(locked, store.settings, invocation)).opened
    : locked.unlock();
  // Whoever does something else meanwhile may fail at that, and never ask how this ended.
  repository.catch(() => {});
  return { ...store, repository, [Symbol.asyncDispose]: () => store.storage[Symbol.asyncDispose]() };
}

/**
 * Opens the repository that a command works on; this may ask for the passphrase.
 *
 * @param invocation the command's run
 * @param fromCache whether what this machine keeps of the repository will do in place of the store
 * @returns the repository and where it is
 * @throws {PlakarError} `no-store` if it cannot be opened, `passphrase` if it cannot be unlocked
 */
export async function openRepositoryOf(invocation: Invocation, fromCache = true): Promise<OpenRepository> {
  const opening = await beginOpening(invocation, fromCache);
  return { ...opening, repository: await opening.repository };
}

/** The cache of a repository, by its id. */
function cacheOf(
  id: string,
  location: Location,
  { global, surroundings, output }: Pick<Invocation, "global" | "surroundings" | "output">,
): CacheSettings {
  return {
    files: new FsCache(cacheDirectory(global.cachedir, surroundings), id),
    policy: location.protocol === "fs" ? LOCAL_POLICY : REMOTE_POLICY,
    note: (message) => output.trace("repository", message),
  };
}

async function opened(
  store: NamedStore,
  cacheOf: ((repositoryId: string) => CacheSettings) | undefined,
): Promise<LockedRepository> {
  try {
    return await openRepository(store.storage, { cacheOf });
  } catch (error) {
    if (isPlakarError(error, "version", "unsupported")) throw error;
    const hint = isPlakarError(error) ? error.hint : undefined;
    const message = `failed to open the repository at ${store.displayName}: ${messageOf(error)}`;
    throw new PlakarError("no-store", message, {
      cause: error,
      hint: hint ?? 'To use another repository: "plakar at LOCATION COMMAND"',
    });
  }
}

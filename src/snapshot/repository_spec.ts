/** A repository for another thread, which need not derive the key again. */

import type { Location } from "../connectors/location.ts";
import { encodeConfiguration } from "../kloset/configuration.ts";
import type { Repository } from "../repository/repository.ts";

/** What a worker needs to read the repository, or to write to it: plain data. It holds a secret. */
export interface RepositorySpec {
  /** Where the repository is. */
  storage: Location;
  /** The repository's CONFIG payload. */
  configuration: Uint8Array;
  /** The key derived from the passphrase. */
  masterKey?: Uint8Array;
}

/**
 * What a worker needs.
 *
 * @param repository the repository
 * @param storage where it is
 * @returns what can be posted
 */
export function repositorySpec(repository: Repository, storage: Location): RepositorySpec {
  const { masterKey } = repository;
  return { storage, configuration: encodeConfiguration(repository.configuration), masterKey };
}

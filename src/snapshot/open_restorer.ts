/** Restorers for a repository: in workers, as the program uses them. */

import type { FileExporterSpec } from "../connectors/exporter/exporter.ts";
import type { Location } from "../connectors/location.ts";
import type { Repository } from "../repository/repository.ts";
import type { ClosableRestorer } from "./file_restorer.ts";
import { repositorySpec } from "./repository_spec.ts";
import { WorkerFileRestorer, type WorkerRestorerEvents } from "./worker_restorer.ts";

/** Starts one more restorer of files, which writes so many at once; gives up when the signal is aborted. */
export type StartRestorer = (
  exporter: FileExporterSpec,
  parallelism: number,
  events: WorkerRestorerEvents,
  signal: AbortSignal,
) => Promise<ClosableRestorer>;

/**
 * What {@linkcode restore} starts its helpers with: each in a worker of its own, with its own connection.
 *
 * @param repository where contents come from; nothing may be added to it meanwhile
 * @param storage where that is
 * @returns a function that starts one more restorer
 */
export function workerRestorers(repository: Repository, storage: Location): StartRestorer {
  const spec = repositorySpec(repository, storage);
  return (exporter, parallelism, events, signal) => {
    const index = repository.blobs.share();
    return WorkerFileRestorer.open({ ...spec, exporter, parallelism, index }, events, signal);
  };
}

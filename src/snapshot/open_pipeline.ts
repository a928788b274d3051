/** Pipelines for a repository: in workers, as the program uses them. */

import type { ReaderSpec } from "../connectors/importer/importer.ts";
import type { Location } from "../connectors/location.ts";
import type { Repository } from "../repository/repository.ts";
import type { PipelineContext } from "./backup_options.ts";
import type { FilePipeline } from "./file_pipeline.ts";
import { repositorySpec } from "./repository_spec.ts";
import { WorkerFilePipeline } from "./worker_pipeline.ts";

/**
 * What {@linkcode backup} opens its pipelines with: each in a worker of its own, with its own connection.
 *
 * @param repository where contents go
 * @param storage where that is
 * @param reader where contents come from
 * @returns a function that opens one more pipeline
 */
export function workerPipelines(
  repository: Repository,
  storage: Location,
  reader: ReaderSpec,
): (context: PipelineContext) => Promise<FilePipeline> {
  const spec = { ...repositorySpec(repository, storage), reader };
  return ({ known, transaction, read, warn, give, isExtra, signal }) =>
    WorkerFilePipeline.open({ ...spec, isExtra, known: known.share() }, {
      packfile: (report) => transaction.add(report),
      read,
      give,
      warn,
    }, signal);
}

/** One run: every contender does the same works on the same files, taking turns, so that noise hits all alike. */

import { type Contender, type Participation, type Work, WORKS } from "./contender.ts";
import { type DataSetName, EDITED_SETS } from "./data_sets.ts";
import { measure, type Measurement } from "./measure.ts";
import { removeUnmounted } from "./mounts.ts";
import { type Network, openSite, type Site } from "./site.ts";

/** One measured piece of work. */
export interface Result extends Measurement {
  /** The kind of line. */
  network: string;
  /** The data set. */
  set: DataSetName;
  /** The piece of work. */
  work: Work;
  /** Who did it. */
  contender: string;
  /** Which run it was, from 0. Results of one run are compared. */
  run: number;
  /** Bytes of its repository or copy afterwards. */
  stored: number;
  /** Bytes on the line both ways, where the line counts them. */
  wire?: number;
}

/** What a run is about. */
export interface RunOptions {
  /** The kind of line. */
  network: Network;
  /** The data set. */
  set: DataSetName;
  /** The directory that holds the data sets. */
  data: string;
  /** Who takes part. */
  contenders: readonly Contender[];
  /** What they are measured at. The first backup is made in any case, over a line without delay if it is not one. */
  works: readonly Work[];
  /** The run's number. */
  run: number;
  /** Told of every result at once. */
  done: (result: Result) => void;
  /** Told who failed, and how: it takes no part in the rest of the run. */
  failed: (contender: string, work: Work, error: Error) => void;
  /** Ends the run before its next piece of work. */
  signal?: AbortSignal;
}

/**
 * Does one run.
 *
 * @param options what it is about
 */
export async function doRun(options: RunOptions): Promise<void> {
  const { network, set, data, contenders, works, run } = options;
  const directory = await Deno.makeTempDir({ dir: data, prefix: "run-" });
  await Deno.mkdir(`${directory}/site`);
  const source = `${data}/source`;
  let inPlace: string = set;
  await Deno.rename(`${data}/${inPlace}`, source);
  try {
    await using site = await openSite(network, `${directory}/site`, source);
    await using stack = new AsyncDisposableStack();
    const participations = new Map<Contender, Participation>();
    for (const [index, contender] of contenders.entries()) {
      const own = `${directory}/contender-${index}`;
      await Deno.mkdir(own);
      participations.set(contender, stack.use(await contender.begin(site, own)));
    }
    for (const work of WORKS) {
      const isMeasured = works.includes(work);
      if (!isMeasured && work !== "first" || work === "edit" && !EDITED_SETS.includes(set)) continue;
      if (work === "edit") {
        await Deno.rename(source, `${data}/${inPlace}`);
        inPlace = `${set}.edited`;
        await Deno.rename(`${data}/${inPlace}`, source);
      }
      for (const [contender, participation] of participations) {
        options.signal?.throwIfAborted();
        try {
          const measured = await doWork(site, participation, work, isMeasured);
          if (measured && isMeasured) {
            options.done({ network: network.name, set, work, contender: contender.name, run, ...measured });
          }
        } catch (error) {
          if (!(error instanceof Error)) throw error;
          participations.delete(contender);
          options.failed(contender.name, work, error);
        }
      }
    }
  } finally {
    await Deno.rename(source, `${data}/${inPlace}`);
    await removeUnmounted(directory);
  }
}

async function doWork(
  site: Site,
  participation: Participation,
  work: Work,
  isSlow: boolean,
): Promise<Measurement & Pick<Result, "stored" | "wire"> | undefined> {
  const command = await participation.command(work);
  if (!command) return undefined;
  await site.delay(isSlow);
  const measurement = await measure(command);
  return { ...measurement, wire: await site.delay(isSlow), stored: await sizeOf(participation.store) };
}

async function sizeOf(directory: string): Promise<number> {
  const { stdout } = await new Deno.Command("du", { args: ["-sb", directory], stderr: "null" }).output();
  return Number(new TextDecoder().decode(stdout).split("\t")[0]);
}

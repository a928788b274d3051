/** `deno task bench`: the same work by this program and by its peers, over the same lines, on the same files. */

import { parseArgs } from "node:util";
import { newStandIn } from "../tests/support/stand_in.ts";
import { type Contender, type Work, WORKS } from "./bench/contender.ts";
import { copies } from "./bench/contenders/copies.ts";
import { borg, restic } from "./bench/contenders/mounted.ts";
import { ours, plakar, TRANSPORTS } from "./bench/contenders/plakars.ts";
import { DATA_SETS, EDITED_SETS, makeDataSet, makeEditedCopy } from "./bench/data_sets.ts";
import { removeUnmounted } from "./bench/mounts.ts";
import { doRun, type Result } from "./bench/run.ts";
import { NETWORKS } from "./bench/site.ts";
import { type DataSize, summarize, tableOf } from "./bench/summary.ts";
import { say } from "./say.ts";

const USAGE = `deno task bench [OPTIONS]
  --scale=0.05            size of the data sets; 1 for the full size
  --runs=5                how often everything is repeated; medians are shown
  --data=src,rand,vm,tiny the data sets
  --lines=loopback        the lines to the server: loopback, 5ms, 25ms
  --works=${WORKS.join(",")}
                          what is measured; without "first", the first backup is made over the loopback
  --contenders=NAME,...   only these (ours always takes part); a name's beginning is enough
  --transport=builtin     how ours speaks SSH: builtin, or openssh, through ssh
  --program=FILE          our program; built from the sources as one file if omitted
  --output=bench.json     where the figures go
PLAKAR_SFTP_PLUGIN=FILE   plakar's own plugin for SFTP, without which it does not take part`;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    scale: { type: "string", default: "0.05" },
    runs: { type: "string", default: "5" },
    data: { type: "string", default: DATA_SETS.join(",") },
    lines: { type: "string", default: "loopback" },
    works: { type: "string", default: WORKS.join(",") },
    contenders: { type: "string" },
    transport: { type: "string", default: "builtin" },
    program: { type: "string" },
    output: { type: "string", default: "bench.json" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  say(USAGE);
  Deno.exit();
}

/** The members of a list that an option names; a name that is none is an error. */
function chosen<T>(option: string, all: readonly T[], nameOf: (each: T) => string): T[] {
  return option.split(",").map((name) => {
    const found = all.find((each) => nameOf(each) === name);
    if (found === undefined) throw new Error(`There is no "${name}", only ${all.map(nameOf).join(", ")}`);
    return found;
  });
}

function takesPart(contender: Contender): boolean {
  const wanted = values.contenders?.split(",");
  if (wanted && contender.name !== "ours" && !wanted.some((name) => contender.name.startsWith(name))) {
    return false;
  }
  if (contender.absent !== undefined) say(`skipped: ${contender.name}: ${contender.absent}`);
  return contender.absent === undefined;
}

async function sizeOf(directory: string): Promise<DataSize> {
  const { stdout } = await new Deno.Command("find", {
    args: [directory, "!", "-type", "d", "-printf", "%s\n"],
  })
    .output();
  const sizes = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

const sets = chosen(values.data, DATA_SETS, (name) => name);
const lines = chosen(values.lines, NETWORKS, ({ name }) => name);
const works: Work[] = chosen(values.works, WORKS, (name) => name);
const [transport] = chosen(values.transport, TRANSPORTS, (name) => name);
await using stack = new AsyncDisposableStack();
const program = values.program ?? stack.use(await newStandIn()).path;
const everybody = [
  ours(program, transport),
  plakar(Deno.env.get("PLAKAR_SFTP_PLUGIN") || undefined),
  restic(),
  borg(),
  ...copies(),
];
const contenders = everybody.filter(takesPart);

// What is mounted is unmounted and what runs is ended on the way out, which a signal alone would not do.
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => stop.abort(new Error("The bench was stopped")));
}

const data = await Deno.realPath(await Deno.makeTempDir({ prefix: "plakar-bench-" }));
const results: Result[] = [];
const sizes: Record<string, DataSize> = {};
try {
  for (const set of sets) {
    await makeDataSet(set, `${data}/${set}`, Number(values.scale));
    if (EDITED_SETS.includes(set)) await makeEditedCopy(set, `${data}/${set}`, `${data}/${set}.edited`);
    sizes[set] = await sizeOf(`${data}/${set}`);
    say(`${set}: ${sizes[set].files} files, ${(sizes[set].bytes / 1e6).toFixed(1)} MB`);
    for (const network of lines) {
      for (let run = 0; run < Number(values.runs); run++) {
        const done = (result: Result) => {
          results.push(result);
          say(
            `${network.name} ${set} run ${run + 1}: ${result.work} by ${result.contender}: ${
              result.wall.toFixed(2)
            } s`,
          );
        };
        const failed = (contender: string, work: Work, error: Error) =>
          say(`${network.name} ${set} run ${run + 1}: ${work} by ${contender}: FAILED: ${error.message}`);
        await doRun({ network, set, data, contenders, works, run, done, failed, signal: stop.signal });
      }
    }
    await Deno.remove(`${data}/${set}`, { recursive: true });
  }
} finally {
  await removeUnmounted(data);
  const summary = summarize(results, sizes, "ours");
  await Deno.writeTextFile(
    values.output,
    JSON.stringify({ options: values, sizes, summary, results }, null, 2),
  );
  say("");
  say(tableOf(summary));
}

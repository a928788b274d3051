/** Makes the program two files of plain JavaScript: the program, and the worker it starts. */

/** The worker's file, from the project's root. */
const WORKER = "src/snapshot/pipeline_worker.ts";

/** What the program is made of once it is bundled, in the order they are named to `deno compile`. */
export const BUNDLED_FILES: readonly string[] = ["cli.js", "pipeline_worker.js"];

/**
 * Bundles the program with everything it imports, libraries included.
 *
 * @param directory where the files of {@linkcode BUNDLED_FILES} go
 * @param root the project's root
 */
export async function bundleProgram(directory: string, root: URL = projectRoot()): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  for (const [source, output] of [["cli.ts", "cli.js"], [WORKER, "pipeline_worker.js"]]) {
    const path = `${directory}/${output}`;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "bundle",
        "--quiet",
        "--check",
        "--platform=deno",
        "--external=*.node",
        `--output=${path}`,
        source,
      ],
      cwd: root,
      stdin: "null",
    }).output();
    if (!success) throw new Error(`Cannot bundle ${source}: ${new TextDecoder().decode(stderr)}`);
    await Deno.writeTextFile(path, selfContained(await Deno.readTextFile(path), output));
  }
}

/**
 * The project's root.
 *
 * @returns a `file:` URL that ends with a slash
 */
export function projectRoot(): URL {
  return new URL("../../", import.meta.url);
}

/** Settles what the bundler leaves open: native addons, which are not used, and the worker's address. */
function selfContained(code: string, name: string): string {
  const settled = code
    .replaceAll(/__require\("[^"]*\.node"\)/g, `(() => { throw new Error("Native addons are not used"); })()`)
    .replaceAll(`new URL("./pipeline_worker.ts", import.meta.url)`, workerAddress);
  const open = /new URL\("\.[^)]*\)|__require\("[^"]*\.node"\)/g;
  for (const [found] of settled.matchAll(open)) {
    if (found !== workerAddress) {
      throw new Error(`Cannot bundle ${name}: nothing is put where ${found} points`);
    }
  }
  // Libraries written for CommonJS name it.
  return `const __dirname = import.meta.dirname;\n${settled}`;
}

const workerAddress = `new URL("./pipeline_worker.js", import.meta.url)`;

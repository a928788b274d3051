/** Makes the program a few files of plain JavaScript: the program, and the workers it starts. */

import { basename } from "@std/path";

/** The files of what workers run, from the project's root. */
export const WORKERS: readonly string[] = [
  "src/snapshot/pipeline_worker.ts",
  "src/snapshot/restore_worker.ts",
];

/** What the program is made of once it is bundled, in the order they are named to `deno compile`. */
export const BUNDLED_FILES: readonly string[] = ["cli.js", ...WORKERS.map(bundleName)];

/**
 * Bundles the program with everything it imports, libraries included.
 *
 * @param directory where the files of {@linkcode BUNDLED_FILES} go
 * @param root the project's root
 */
export async function bundleProgram(directory: string, root: URL = projectRoot()): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  for (const source of ["cli.ts", ...WORKERS]) {
    const output = bundleName(source);
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

function bundleName(source: string): string {
  return basename(source).replace(/\.ts$/, ".js");
}

/** Settles what the bundler leaves open: native addons, which are not used, and the workers' addresses. */
function selfContained(code: string, name: string): string {
  let settled = code
    .replaceAll(
      /__require\("[^"]*\.node"\)/g,
      `(() => { throw new Error("Native addons are not used"); })()`,
    );
  for (const worker of WORKERS) {
    settled = settled.replaceAll(address(basename(worker)), address(bundleName(worker)));
  }
  const known = WORKERS.map((worker) => address(bundleName(worker)));
  const open = /new URL\("\.[^)]*\)|__require\("[^"]*\.node"\)/g;
  for (const [found] of settled.matchAll(open)) {
    if (!known.includes(found)) {
      throw new Error(`Cannot bundle ${name}: nothing is put where ${found} points`);
    }
  }
  // Libraries written for CommonJS name it.
  return `const __dirname = import.meta.dirname;\n${settled}`;
}

function address(file: string): string {
  return `new URL("./${file}", import.meta.url)`;
}

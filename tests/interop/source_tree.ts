/** The directory that the tests of this folder back up: made once, never changed. */

import { growTree, listTree } from "../support/file_tree.ts";

/** A directory and what is in it. */
export interface SourceTree {
  /** Its absolute path, without links. */
  path: string;
  /** What find says of everything below it. */
  listing: Map<string, string>;
  /** The paths of its regular files, relative to it. */
  files: string[];
}

let tree: Promise<SourceTree> | undefined;

/**
 * The directory with files of every kind.
 *
 * @returns the directory, the same at every call
 */
export function sourceTree(): Promise<SourceTree> {
  tree ??= (async () => {
    const parent = await Deno.realPath(await Deno.makeTempDir({ prefix: "plakar-source-" }));
    globalThis.addEventListener("unload", () => Deno.removeSync(parent, { recursive: true }));
    const path = `${parent}/source`;
    await growTree(path);
    const listing = await listTree(path);
    const files = [...listing].filter(([, line]) => line.startsWith("f ")).map(([name]) => name);
    return { path, listing, files };
  })();
  return tree;
}

/**
 * Copies the large files of the tree, so that a backup finds nothing of them but their contents in the repository.
 *
 * @param tree the tree
 * @param target the directory to make
 * @returns the bytes of all of them
 */
export async function copyLargeFiles(tree: SourceTree, target: string): Promise<number> {
  await Deno.mkdir(target);
  let bytes = 0;
  for (const name of ["random.bin", "compressible.log"]) {
    await Deno.copyFile(`${tree.path}/${name}`, `${target}/${name}`);
    bytes += Deno.lstatSync(`${target}/${name}`).size;
  }
  return bytes;
}

/**
 * A directory without its pipes: neither program creates any.
 *
 * @param listing the directory
 * @returns the rest of it
 */
export function withoutPipes(listing: Map<string, string>): Map<string, string> {
  return new Map([...listing].filter(([, line]) => !line.startsWith("p ")));
}

/**
 * A directory without all but the first name of hard links: plakar 1.1.4 looks for that first name in the wrong place.
 *
 * @param listing the directory
 * @returns the rest of it
 */
export function withoutHardLinks(listing: Map<string, string>): Map<string, string> {
  return new Map([...listing].filter(([name]) => !/^hard link [23]$/.test(name)));
}

/**
 * A directory without the owners: plakar 1.1.4 leaves them alone.
 *
 * @param listing the directory
 * @returns the same names
 */
export function withoutOwners(listing: Map<string, string>): Map<string, string> {
  return new Map([...listing].map(([name, line]) => [name, line.replace(/^(\S+ \S+) \S+/, "$1")]));
}

/**
 * What plakar 1.1.4 restores of a directory of this machine.
 *
 * @param listing the directory
 * @returns what can be compared
 */
export function asPlakarRestores(listing: Map<string, string>): Map<string, string> {
  return withoutOwners(withoutHardLinks(withoutPipes(listing)));
}

/**
 * What `deno compile` puts into an executable: metadata as JSON, and a file system.
 *
 * They stand in an ELF note named {@linkcode MAGIC}: the name again, the metadata's length as 64-bit little
 * endian and the metadata; further on the list of files as JSON, its length before it in the same form.
 */

import { Buffer } from "node:buffer";

/** The name of the note. */
const MAGIC = "d3n0l4nd";

/** Permissions as they are baked in: a list of what is allowed (empty: all of it), or `null` for nothing. */
export interface BakedPermissions {
  /** Environment variables. */
  allow_env: string[] | null;
  /** Variables that read as not set; empty for all that are not allowed. */
  ignore_env: string[] | null;
  /** Hosts. */
  allow_net: string[] | null;
  /** Native libraries. */
  allow_ffi: string[] | null;
  /** Files to read. */
  allow_read: string[] | null;
  /** Files to write. */
  allow_write: string[] | null;
  /** Programs to run. */
  allow_run: string[] | null;
  /** Facts about the system. */
  allow_sys: string[] | null;
  /** Hosts that code may not be imported from; empty for all. */
  deny_import: string[] | null;
  /** Whether the person is asked for what is not allowed. */
  prompt: boolean;
}

/** What is inside a compiled program. */
export interface Embedded {
  /** What it may do. */
  permissions: BakedPermissions;
  /** The file that is run first. */
  entrypoint: string;
  /** Whether an npm package or a folder of them is inside. */
  hasNodeModules: boolean;
  /** The files inside, each with its folder. */
  files: string[];
}

interface Metadata {
  permissions: BakedPermissions;
  entrypoint_key: string;
  node_modules: unknown;
}

type Listed =
  | { File: { n: string } }
  | { Dir: { n: string; e: Listed[] } }
  | { Symlink: { n: string } };

/**
 * Reads what is embedded in a compiled program.
 *
 * @param path the executable
 * @returns what is inside
 */
export async function readEmbedded(path: string): Promise<Embedded> {
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  const start = indexOf(bytes, MAGIC + MAGIC) + 2 * MAGIC.length;
  const json = (at: number) => {
    const length = Number(view.getBigUint64(at, true));
    return new TextDecoder().decode(bytes.subarray(at + 8, at + 8 + length));
  };
  const metadata: Metadata = JSON.parse(json(start));
  const listing = indexOf(bytes, "[{", start + 8 + Number(view.getBigUint64(start, true)));
  const listed: Listed[] = JSON.parse(json(listing - 8));
  return {
    permissions: metadata.permissions,
    entrypoint: metadata.entrypoint_key,
    hasNodeModules: metadata.node_modules !== null,
    files: listed.flatMap((each) => pathsOf(each, "")),
  };
}

function pathsOf(listed: Listed, folder: string): string[] {
  if ("Dir" in listed) {
    return listed.Dir.e.flatMap((each) => pathsOf(each, `${folder}${listed.Dir.n}/`));
  }
  return [folder + ("File" in listed ? listed.File.n : listed.Symlink.n)];
}

function indexOf(bytes: Uint8Array<ArrayBuffer>, text: string, from = 0): number {
  const index = Buffer.from(bytes.buffer).indexOf(text, from, "latin1");
  if (index < 0) throw new Error(`Cannot read what is embedded: there is no ${JSON.stringify(text)}`);
  return index;
}

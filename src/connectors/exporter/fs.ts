/** Restores into a directory of this machine. */

import { lchown, lutimes } from "node:fs/promises";
import { type ByteString, fromText, toText } from "../../lib/byte_string.ts";
import { clean } from "../../lib/byte_path.ts";
import { isPlakarError, PlakarError } from "../../lib/errors.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import { DirectoryFlush } from "../local/directory_flush.ts";
import { toLocalPath } from "../local/local_path.ts";
import { osError, osErrorName } from "../local/os_error.ts";
import type { LocalLocation } from "../location.ts";
import type { ExporterOptions, FileExporterSpec } from "./exporter.ts";
import type { AttributeSetter, Lost, Target, TargetEntry, TargetFile } from "./target.ts";
import { awaitFlush, restoreAttributes, withoutPermissions } from "./restore_attributes.ts";
import { TreeExporter } from "./tree_exporter.ts";

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;
/** Enough for the disk to take the flushes of several files together. */
const PARALLEL_FILES = 16;
const CANNOT_FLUSH = ["EINVAL", "ENOTSUP", "EOPNOTSUPP"];

/**
 * Opens the exporter of an `fs` location.
 *
 * @param location where to restore
 * @param options what is to be restored of metadata
 * @returns the exporter
 */
export async function openFsExporter(
  location: LocalLocation,
  options: ExporterOptions = {},
): Promise<TreeExporter> {
  // A root that is a link is where the person wants it; everything below it is never followed.
  const real = await Deno.realPath(location.path).catch(() => location.path);
  const { parallelism = PARALLEL_FILES, skipPermissions = false } = options;
  const spec = { protocol: "fs", root: clean(fromText(real)), skipPermissions } as const;
  return await TreeExporter.open(localTarget(spec), {
    displayName: location.path,
    parallelism,
    fileExporterSpec: spec,
  });
}

/**
 * A directory of this machine to restore into, in this thread or another.
 *
 * @param spec where, and what of metadata
 * @returns the target
 */
export function localTarget({ root, skipPermissions }: FileExporterSpec): Target {
  return new LocalTarget(root, skipPermissions);
}

class LocalTarget implements Target {
  readonly root: ByteString;
  readonly #skipsPermissions: boolean;

  constructor(root: ByteString, skipsPermissions: boolean) {
    this.root = root;
    this.#skipsPermissions = skipsPermissions;
  }

  async examine(path: ByteString): Promise<TargetEntry> {
    const local = toLocalPath(path);
    try {
      const { isDirectory, isSymlink } = await Deno.lstat(local);
      return isDirectory ? "directory" : isSymlink ? "link" : "other";
    } catch (error) {
      if (osErrorName(error) === "ENOENT") return "none";
      throw osError("examine", local, error);
    }
  }

  createDirectory(path: ByteString): Promise<void> {
    const mode = this.#skipsPermissions ? undefined : PRIVATE_DIRECTORY;
    return run("create directory", path, (local) => Deno.mkdir(local, { mode }));
  }

  async createFile(path: ByteString): Promise<TargetFile> {
    const mode = this.#skipsPermissions ? undefined : PRIVATE_FILE;
    const open = (local: string) => Deno.open(local, { write: true, createNew: true, mode });
    return new LocalFile(path, await run("create", path, open), this.#setter(attributesOf(path)));
  }

  async createLink(path: ByteString, target: ByteString): Promise<void> {
    // The text of a link is not a path of ours: what it says is kept as it is.
    const text = toText(target);
    if (text === undefined) toLocalPath(target);
    else await run("create link", path, (local) => Deno.symlink(text, local));
  }

  rename(from: ByteString, to: ByteString): Promise<void> {
    return run("create", to, (local) => Deno.rename(toLocalPath(from), local));
  }

  remove(path: ByteString): Promise<void> {
    return run("remove", path, (local) => Deno.remove(local));
  }

  link(path: ByteString): AttributeSetter {
    return this.#setter({
      owner: (uid, gid) => run("change owner of", path, (local) => lchown(local, uid, gid)),
      mode: () => Promise.resolve(),
      times: (mtime) => run("set times of", path, (local) => lutimes(local, date(mtime), date(mtime))),
    });
  }

  async finishDirectory(path: ByteString, info: FileInfo | undefined, lost: Lost): Promise<void> {
    // Its new mode may forbid to open it.
    using opened = await openToFlush(toLocalPath(path), lost);
    if (info) await restoreAttributes(this.#setter(attributesOf(path)), info, lost);
    await opened?.flush();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #setter(setter: AttributeSetter): AttributeSetter {
    return this.#skipsPermissions ? withoutPermissions(setter) : setter;
  }
}

class LocalFile implements TargetFile {
  readonly #path: ByteString;
  readonly #file: Deno.FsFile;
  readonly #attributes: AttributeSetter;
  #open = true;

  constructor(path: ByteString, file: Deno.FsFile, attributes: AttributeSetter) {
    this.#path = path;
    this.#file = file;
    this.#attributes = attributes;
  }

  write(piece: Uint8Array): Promise<void> {
    return run("write", this.#path, async () => {
      for (let at = 0; at < piece.length;) at += await this.#file.write(piece.subarray(at));
    });
  }

  async finish(info: FileInfo, lost: Lost): Promise<void> {
    await restoreAttributes(this.#attributes, info, lost);
    await awaitFlush(run("flush", this.#path, () => this.#flush()), lost);
    this.abandon();
  }

  abandon(): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }

  async #flush(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (error) {
      const name = osErrorName(error) ?? "";
      if (!CANNOT_FLUSH.includes(name)) throw error;
      throw new PlakarError("unsupported", `The file system cannot flush files (${name})`, { cause: error });
    }
  }
}

/** A directory that was there and may not be read cannot be flushed. */
async function openToFlush(path: string, lost: Lost): Promise<DirectoryFlush | undefined> {
  try {
    return await DirectoryFlush.open(path);
  } catch (error) {
    if (!isPlakarError(error, "permission")) throw error;
    lost("fsync", error.message);
  }
}

/** A directory, or a file under a temporary name: neither is a link. */
function attributesOf(path: ByteString): AttributeSetter {
  return {
    owner: (uid, gid) => run("change owner of", path, (local) => lchown(local, uid, gid)),
    mode: (permissions) => run("change mode of", path, (local) => Deno.chmod(local, permissions)),
    times: (mtime) => run("set times of", path, (local) => Deno.utime(local, date(mtime), date(mtime))),
  };
}

/** The runtime keeps milliseconds of a time. */
function date(nanoseconds: bigint): Date {
  return new Date(Number(nanoseconds / 1_000_000n));
}

async function run<T>(
  action: string,
  path: ByteString,
  operation: (local: string) => Promise<T>,
): Promise<T> {
  const local = toLocalPath(path);
  try {
    return await operation(local);
  } catch (error) {
    throw osError(action, local, error);
  }
}

/** Restores into a directory of an SSH server. */

import { type ByteString, display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import { MODE_SETGID, MODE_SETUID } from "../../kloset/file_mode.ts";
import { type Attributes, FileType, fileType } from "../../sftp/attributes.ts";
import { StatusCode } from "../../sftp/packet_type.ts";
import { replaceFile } from "../../sftp/replace_file.ts";
import { statusOf } from "../../sftp/status.ts";
import { Upload } from "../../sftp/upload.ts";
import type { SftpLocation } from "../location.ts";
import { type ChannelLease, ChannelPool, isConnectionLoss } from "../remote/channel_pool.ts";
import { resolveRemotePath } from "../remote/remote_path.ts";
import type { SftpSource } from "../remote/sftp_source.ts";
import type { ExporterOptions, FileExporterSpec } from "./exporter.ts";
import { interruptedFile } from "./interrupted_file.ts";
import { awaitFlush, restoreAttributes, withoutPermissions } from "./restore_attributes.ts";
import type { AttributeSetter, Lost, Target, TargetEntry, TargetFile } from "./target.ts";
import { TreeExporter } from "./tree_exporter.ts";

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;
/** On a long way only the number of files under way counts. */
const PARALLEL_FILES = 128;
const CHANNELS = 4;
const NANOSECONDS = 1_000_000_000n;
/** Times of SFTP version 3 are unsigned 32-bit seconds. */
const LAST_SECOND = 0xffff_ffffn;

/**
 * Opens the exporter of an `sftp` location.
 *
 * @param source opens channels to the server; disposed of with the exporter
 * @param location where to restore
 * @param options what is to be restored of metadata
 * @returns the exporter
 */
export async function openSftpExporter(
  source: SftpSource,
  location: SftpLocation,
  options: ExporterOptions = {},
): Promise<TreeExporter> {
  const { parallelism = PARALLEL_FILES, skipPermissions = false } = options;
  const channels = new ChannelPool(source, CHANNELS);
  try {
    const root = await channels.use((client) => resolveRemotePath(client, location.path));
    const displayName = `sftp://${location.host}${display(root)}`;
    return await TreeExporter.open(new SftpTarget(channels, root, skipPermissions), {
      displayName,
      parallelism,
      fileExporterSpec: { protocol: "sftp", plan: source.plan, root, skipPermissions },
    });
  } catch (error) {
    await channels[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Connects to the directory of a server that another thread restores into.
 *
 * @param source opens channels to the server; disposed of with the target
 * @param spec what the exporter gave
 * @returns the target
 */
export async function openSftpTarget(source: SftpSource, spec: FileExporterSpec): Promise<Target> {
  const channels = new ChannelPool(source, CHANNELS);
  await channels.open();
  return new SftpTarget(channels, spec.root, spec.skipPermissions);
}

class SftpTarget implements Target {
  readonly root: ByteString;
  readonly #channels: ChannelPool;
  readonly #skipsPermissions: boolean;
  /** Whether the server refused to set all attributes of a file at once: so it will for the others. */
  #refusesAll = false;

  constructor(channels: ChannelPool, root: ByteString, skipsPermissions: boolean) {
    this.root = root;
    this.#channels = channels;
    this.#skipsPermissions = skipsPermissions;
  }

  async examine(path: ByteString): Promise<TargetEntry> {
    try {
      const type = fileType(await this.#channels.use((client) => client.lstat(path)));
      return type === FileType.DIRECTORY ? "directory" : type === FileType.SYMLINK ? "link" : "other";
    } catch (error) {
      if (statusOf(error) === StatusCode.NO_SUCH_FILE) return "none";
      throw error;
    }
  }

  createDirectory(path: ByteString): Promise<void> {
    const attributes = this.#skipsPermissions ? {} : { permissions: PRIVATE_DIRECTORY };
    return this.#channels.use((client, isRepeated) =>
      unlessDone(
        client.mkdir(path, attributes),
        isRepeated,
        async () => fileType(await client.lstat(path)) === FileType.DIRECTORY,
      )
    );
  }

  async createFile(path: ByteString): Promise<TargetFile> {
    const lease = await this.#channels.lease();
    const { client } = lease;
    try {
      const upload = await Upload.create(client, path, this.#skipsPermissions ? undefined : PRIVATE_FILE);
      return new SftpFile(lease, upload, this.#setter((some) => upload.setAttributes(some)));
    } catch (error) {
      lease[Symbol.dispose]();
      if (!isConnectionLoss(client, error)) throw error;
      // Nobody knows whether it was created.
      await this.remove(path).catch(() => {});
      throw interruptedFile(error);
    }
  }

  createLink(path: ByteString, target: ByteString): Promise<void> {
    return this.#channels.use((client, isRepeated) =>
      unlessDone(client.symlink(path, target), isRepeated, async () => await client.readlink(path) === target)
    );
  }

  /** The old name is one of ours: if it is gone, it was given its new one. */
  rename(from: ByteString, to: ByteString): Promise<void> {
    return this.#channels.use((client, isRepeated) =>
      unlessDone(
        replaceFile(client, from, to),
        isRepeated,
        () => client.lstat(from).then(() => false, (error) => statusOf(error) === StatusCode.NO_SUCH_FILE),
      )
    );
  }

  async remove(path: ByteString): Promise<void> {
    await this.#channels.use((client) => client.remove(path));
  }

  link(path: ByteString): AttributeSetter {
    return this.#setter((attributes) => this.#channels.use((client) => client.lsetstat(path, attributes)));
  }

  /** SFTP has no way to flush directories. */
  async finishDirectory(path: ByteString, info: FileInfo | undefined, lost: Lost): Promise<void> {
    if (!info) return;
    const set = (some: Attributes) => this.#channels.use((client) => client.setstat(path, some));
    await restoreAttributes(this.#setter(set), info, lost);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#channels[Symbol.asyncDispose]();
  }

  #setter(set: (attributes: Attributes) => Promise<void>): AttributeSetter {
    const setter = setterOf(set);
    if (this.#skipsPermissions) return withoutPermissions(setter);
    return { ...setter, all: (...attributes) => this.#setAll(set, ...attributes) };
  }

  async #setAll(
    set: (attributes: Attributes) => Promise<void>,
    uid: number,
    gid: number,
    permissions: number,
    mtime: bigint,
  ): Promise<boolean> {
    const seconds = secondsOf(mtime);
    if (this.#refusesAll || seconds === undefined) return false;
    try {
      await set({ uid, gid, permissions, atime: seconds, mtime: seconds });
      return true;
    } catch (error) {
      if (statusOf(error) === undefined) throw error;
      this.#refusesAll = true;
      return false;
    }
  }
}

class SftpFile implements TargetFile {
  readonly #lease: ChannelLease;
  readonly #upload: Upload;
  readonly #attributes: AttributeSetter;
  #over = false;

  constructor(lease: ChannelLease, upload: Upload, attributes: AttributeSetter) {
    this.#lease = lease;
    this.#upload = upload;
    this.#attributes = attributes;
  }

  write(piece: Uint8Array): Promise<void> {
    return this.#unlessLost(this.#upload.write(piece));
  }

  finish(info: FileInfo, lost: Lost): Promise<void> {
    return this.#unlessLost(this.#finish(info, lost));
  }

  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#upload.abandon();
    this.#lease[Symbol.dispose]();
  }

  async #finish(info: FileInfo, lost: Lost): Promise<void> {
    await this.#upload.keepOrder();
    const attributes = restoreAttributes(this.#attributes, info, lost);
    // These bits wait for the answer about the owner; nothing else waits.
    if ((info.mode & (MODE_SETUID | MODE_SETGID)) !== 0) await attributes;
    let isFlushed = true;
    const flushed = awaitFlush(this.#flush(), (...loss) => {
      isFlushed = false;
      lost(...loss);
    });
    await Promise.all([attributes, flushed]);
    // What is on the disk cannot be lost by closing the file.
    if (isFlushed) await this.#upload.written();
    else await this.#upload.close();
    this.abandon();
  }

  async #unlessLost(operation: Promise<void>): Promise<void> {
    try {
      await operation;
    } catch (error) {
      throw isConnectionLoss(this.#lease.client, error) ? interruptedFile(error) : error;
    }
  }

  /** Servers that announce flushing and then refuse it have file systems that cannot. */
  async #flush(): Promise<void> {
    try {
      await this.#upload.flush();
    } catch (error) {
      if (statusOf(error) === undefined || !(error instanceof PlakarError)) throw error;
      throw new PlakarError("unsupported", error.message, { cause: error });
    }
  }
}

/** What was done just before the connection was lost is refused when it is done again. */
async function unlessDone(
  operation: Promise<void>,
  isRepeated: boolean,
  isDone: () => Promise<boolean>,
): Promise<void> {
  try {
    await operation;
  } catch (error) {
    if (!isRepeated || statusOf(error) === undefined || !(await isDone())) throw error;
  }
}

function setterOf(set: (attributes: Attributes) => Promise<void>): AttributeSetter {
  return {
    owner: (uid, gid) => set({ uid, gid }),
    mode: (permissions) => set({ permissions }),
    times: (mtime) => {
      const seconds = secondsOf(mtime);
      if (seconds === undefined) {
        const text = "Cannot set a time before 1970 or after 2106 over SFTP version 3";
        return Promise.reject(new PlakarError("unsupported", text));
      }
      return set({ atime: seconds, mtime: seconds });
    },
  };
}

/** A time as SFTP has it, `undefined` if it has no such time. */
function secondsOf(mtime: bigint): number | undefined {
  const seconds = mtime / NANOSECONDS;
  return mtime < 0n || seconds > LAST_SECOND ? undefined : Number(seconds);
}

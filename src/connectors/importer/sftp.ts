/** Snapshots of directories of an SSH server. */

import { basename, dirname, join } from "../../lib/byte_path.ts";
import { type ByteString, display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import { FileType, fileType } from "../../sftp/attributes.ts";
import type { SftpClient } from "../../sftp/client.ts";
import type { SshPlan } from "../../ssh/plan.ts";
import { StatusCode } from "../../sftp/packet_type.ts";
import { statusOf } from "../../sftp/status.ts";
import type { SftpLocation } from "../location.ts";
import { readFile } from "../../sftp/read_file.ts";
import type { ChildRecord, DirectoryRecord } from "../record.ts";
import { ChannelPool } from "../remote/channel_pool.ts";
import { resolveRemotePath } from "../remote/remote_path.ts";
import type { SftpSource } from "../remote/sftp_source.ts";
import type { Importer, ReaderSpec, WalkOptions } from "./importer.ts";
import { readStart } from "./read_start.ts";
import { childRecord, remoteFileInfo } from "./remote_child.ts";
import { listRemoteDirectory } from "./remote_directory.ts";
import { walkTree } from "./walk_tree.ts";

/** So many directories are listed at once that the way to the server does not matter. */
const PARALLEL_LISTINGS = 128;
/** Listings are small: two channels keep them from waiting for each other. */
const CHANNELS = 2;
const MAX_LINKS = 40;

/** The importer of `sftp` locations. */
export class SftpImporter implements Importer {
  /** The type that plakar records. */
  readonly type = "sftp";
  /** The host, with the port if the location names one. */
  readonly origin: string;
  /** The directory that the snapshot records. */
  readonly root: ByteString;
  /** SFTP version 3 gives whole seconds. */
  readonly timePrecision = 1_000_000_000n;
  /** What a pipeline opens its reader from. */
  readonly readerSpec: ReaderSpec;
  /** The name of the one file to import, if the location is not a directory. */
  readonly only: ByteString | undefined;
  readonly #channels: ChannelPool;
  readonly #plan: SshPlan;
  /** Whether the channels are another importer's. */
  readonly #isGuest: boolean;

  private constructor(
    channels: ChannelPool,
    location: SftpLocation,
    { path, isDirectory }: FoundRoot,
    plan: SshPlan,
    isGuest = false,
  ) {
    this.origin = originOf(location);
    this.root = isDirectory ? path : dirname(path);
    this.only = isDirectory ? undefined : basename(path);
    this.readerSpec = { protocol: "sftp", plan };
    this.#channels = channels;
    this.#plan = plan;
    this.#isGuest = isGuest;
  }

  /**
   * Finds out what is at a location.
   *
   * @param source opens channels to the server; disposed of with the importer
   * @param location where to read
   * @returns the importer
   */
  static async open(source: SftpSource, location: SftpLocation): Promise<SftpImporter> {
    const channels = new ChannelPool(source, CHANNELS);
    try {
      const found = await channels.use((client) => findRoot(client, location));
      return new SftpImporter(channels, location, found, source.plan);
    } catch (error) {
      await channels[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Finds out what is at another path of the same server, over the same connection.
   *
   * @param location where to read
   * @returns the importer, which must be disposed of before this one
   */
  async beside(location: SftpLocation): Promise<SftpImporter> {
    const found = await this.#channels.use((client) => findRoot(client, location));
    return new SftpImporter(this.#channels, location, found, this.#plan, true);
  }

  /**
   * The root and what is above it.
   *
   * @returns metadata of those that can be examined
   */
  async ancestors(): Promise<{ path: ByteString; info: FileInfo }[]> {
    const paths = [this.root];
    for (let path = this.root; path !== "/";) paths.push(path = dirname(path));
    const found = await this.#channels.use((client) =>
      Promise.all(paths.map(async (path) => {
        try {
          return { path, info: remoteFileInfo(basename(path), await client.lstat(path)) };
        } catch (error) {
          if (client.failure) throw error;
          return undefined;
        }
      }))
    );
    return found.filter((ancestor) => ancestor !== undefined);
  }

  /**
   * Lists the tree.
   *
   * @param options what to leave out, and when to stop
   * @returns the directories, parents first
   */
  walk(options: WalkOptions = {}): AsyncIterable<DirectoryRecord> {
    const { exclude, prune, signal } = options;
    const parallelism = this.only === undefined ? PARALLEL_LISTINGS : 1;
    return walkTree(this.root, (path) => this.list(path, exclude), { parallelism, prune, signal });
  }

  /**
   * Lists one directory.
   *
   * @param path the directory
   * @param exclude asked for every child
   * @returns the directory with its children
   */
  async list(path: ByteString, exclude?: WalkOptions["exclude"]): Promise<DirectoryRecord> {
    return this.only === undefined
      ? await this.#channels.use((client) => listRemoteDirectory(client, path, exclude))
      : await this.#examineOnly(this.only, exclude);
  }

  /**
   * Reads the first bytes of a file.
   *
   * @param path the file
   * @param _child what the walk saw
   * @param length how many bytes
   * @returns the bytes
   */
  async readStart(path: ByteString, _child: ChildRecord, length: number): Promise<Uint8Array> {
    return await this.#channels.use((client) =>
      readStart(length, (sink, signal) => readFile(client, path, length, sink, { signal }))
    );
  }

  /** Closes the channels, unless they are another importer's. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isGuest) await this.#channels[Symbol.asyncDispose]();
  }

  async #examineOnly(name: ByteString, exclude: WalkOptions["exclude"]): Promise<DirectoryRecord> {
    const record: DirectoryRecord = { path: this.root, children: [], errors: [] };
    const path = join(this.root, name);
    if (exclude?.(path, false)) return record;
    await this.#channels.use(async (client) => {
      try {
        record.children = [await childRecord(client, path, await client.lstat(path))];
      } catch (error) {
        if (client.failure || !(error instanceof PlakarError)) throw error;
        record.errors = [{ path, message: error.message }];
      }
    });
    return record;
  }
}

/** The origin of snapshots, as plakar writes it. */
function originOf({ host, port }: SftpLocation): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}

interface FoundRoot {
  readonly path: ByteString;
  readonly isDirectory: boolean;
}

/** The real path of what is at a location. Links are followed, also where REALPATH leaves them. */
async function findRoot(
  client: SftpClient,
  location: SftpLocation,
): Promise<FoundRoot> {
  let path = await resolveRemotePath(client, location.path);
  for (let links = 0;; links++) {
    const attributes = await client.lstat(path).catch((error) => {
      if (statusOf(error) === undefined) throw error;
      throw new PlakarError(
        error.code,
        `Cannot read "${display(path)}" on ${location.host}: ${error.message}`,
        {
          cause: error,
          data: error.data,
          hint: statusOf(error) === StatusCode.NO_SUCH_FILE
            ? `Check the path; what is in the login directory is written as sftp://${location.host}/./PATH`
            : error.hint,
        },
      );
    });
    const type = fileType(attributes);
    if (type !== FileType.SYMLINK) return { path, isDirectory: type === FileType.DIRECTORY };
    if (links === MAX_LINKS) {
      throw new PlakarError(
        "io",
        `Cannot read "${display(path)}" on ${location.host}: its links lead in a circle`,
      );
    }
    const target = await client.readlink(path);
    path = await resolveRemotePath(client, target.startsWith("/") ? target : join(dirname(path), target));
  }
}

/** Answers SFTP requests from a directory, which is the root of what a client sees. */

import { Buffer } from "node:buffer";
import { lstat, lutimes, open, readdir, readlink, symlink, utimes } from "node:fs/promises";
import { posix } from "node:path";
import type { Stats } from "node:fs";
import type { SftpChannel, SftpRequests, WireAttributes, WireName } from "./ssh2_server.ts";

const Status = { ok: 0, eof: 1, noSuchFile: 2, permissionDenied: 3, failure: 4 } as const;
const Flag = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const;

/** Half of what every client must accept in one answer. */
const MAX_READ = 32 * 1024;

type OpenFile = Awaited<ReturnType<typeof open>>;

/** The end of a file or of a directory. */
class EndOfData extends Error {}

/**
 * Serves a directory over a channel.
 *
 * @param sftp the channel
 * @param root the directory
 */
export function serveFiles(sftp: SftpChannel, root: string): void {
  const files = new Map<number, OpenFile>();
  const listings = new Map<number, WireName[]>();
  let lastHandle = 0;

  const local = (path: string) => root + posix.resolve("/", path);
  const file = (handle: Buffer): OpenFile => {
    const found = files.get(handle.readUInt32BE());
    if (!found) throw new Error("This is no open file");
    return found;
  };
  const newHandle = (): { number: number; handle: Buffer } => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(++lastHandle);
    return { number: lastHandle, handle };
  };

  /** Answers one kind of request: `answer` either answers or throws what becomes a status. */
  function on<K extends keyof SftpRequests>(
    request: K,
    answer: (id: number, ...args: SftpRequests[K]) => Promise<unknown>,
  ): void {
    sftp.on(request, (id, ...args) => {
      answer(id, ...args).catch((error: unknown) => sftp.status(id, statusOf(error)));
    });
  }
  /** The same for requests whose answer is success. */
  function onDone<K extends keyof SftpRequests>(
    request: K,
    act: (...args: SftpRequests[K]) => Promise<unknown>,
  ): void {
    on(request, async (id, ...args) => {
      await act(...args);
      sftp.status(id, Status.ok);
    });
  }

  on("OPEN", async (id, path, flags, attributes) => {
    const opened = await open(local(path), openFlags(flags), attributes.mode ?? 0o666);
    const { number, handle } = newHandle();
    files.set(number, opened);
    sftp.handle(id, handle);
  });
  onDone("CLOSE", async (handle) => {
    const number = handle.readUInt32BE();
    if (!listings.delete(number)) await file(handle).close();
    files.delete(number);
  });
  on("READ", async (id, handle, offset, length) => {
    const buffer = Buffer.alloc(Math.min(length, MAX_READ));
    const { bytesRead } = await file(handle).read(buffer, 0, buffer.length, offset);
    if (bytesRead === 0) throw new EndOfData();
    sftp.data(id, buffer.subarray(0, bytesRead));
  });
  onDone("WRITE", (handle, offset, data) => file(handle).write(data, 0, data.length, offset));

  on("LSTAT", async (id, path) => sftp.attrs(id, attributesOf(await lstat(local(path)))));
  on("STAT", async (id, path) => sftp.attrs(id, attributesOf(await lstat(await Deno.realPath(local(path))))));
  on("FSTAT", async (id, handle) => sftp.attrs(id, attributesOf(await file(handle).stat())));
  onDone("SETSTAT", (path, attributes) => setAttributes(local(path), attributes));
  onDone("FSETSTAT", async (handle, { mode, atime, mtime, size }) => {
    if (size !== undefined) await file(handle).truncate(size);
    if (mode !== undefined) await file(handle).chmod(mode & 0o7777);
    if (atime !== undefined && mtime !== undefined) await file(handle).utimes(atime, mtime);
  });

  on("OPENDIR", async (id, path) => {
    const names: WireName[] = [];
    for (const filename of [".", "..", ...await readdir(local(path))]) {
      const attrs = attributesOf(await lstat(`${local(path)}/${filename}`));
      names.push({ filename, longname: filename, attrs });
    }
    const { number, handle } = newHandle();
    listings.set(number, names);
    sftp.handle(id, handle);
  });
  on("READDIR", (id, handle) => {
    const names = listings.get(handle.readUInt32BE())?.splice(0, 100) ?? [];
    if (names.length === 0) return Promise.reject(new EndOfData());
    sftp.name(id, names);
    return Promise.resolve();
  });
  onDone("MKDIR", (path, { mode }) => Deno.mkdir(local(path), { mode: (mode ?? 0o777) & 0o7777 }));
  onDone("RMDIR", (path) => Deno.remove(local(path)));
  onDone("REMOVE", (path) => Deno.remove(local(path)));
  onDone("RENAME", (from, to) => Deno.rename(local(from), local(to)));
  onDone("SYMLINK", (target, link) => symlink(target, local(link)));
  on("READLINK", async (id, path) => {
    const target = await readlink(local(path));
    sftp.name(id, [{ filename: target, longname: target, attrs: {} }]);
  });
  on("REALPATH", (id, path) => {
    const filename = posix.resolve("/", path);
    sftp.name(id, [{ filename, longname: filename, attrs: {} }]);
    return Promise.resolve();
  });
}

async function setAttributes(path: string, { mode, atime, mtime }: WireAttributes): Promise<void> {
  const isLink = (await lstat(path)).isSymbolicLink();
  if (mode !== undefined && !isLink) await Deno.chmod(path, mode & 0o7777);
  if (atime !== undefined && mtime !== undefined) await (isLink ? lutimes : utimes)(path, atime, mtime);
}

function attributesOf(stats: Stats): WireAttributes {
  const seconds = (milliseconds: number) => Math.floor(milliseconds / 1000);
  const { size, uid, gid, mode } = stats;
  return { size, uid, gid, mode, atime: seconds(stats.atimeMs), mtime: seconds(stats.mtimeMs) };
}

function openFlags(flags: number): string {
  if ((flags & Flag.write) === 0) return "r";
  if ((flags & Flag.append) !== 0) return "a+";
  if ((flags & Flag.exclusive) !== 0) return "wx+";
  return (flags & Flag.truncate) !== 0 ? "w+" : "r+";
}

function statusOf(error: unknown): number {
  if (error instanceof EndOfData) return Status.eof;
  if (error instanceof Deno.errors.NotFound || codeOf(error) === "ENOENT") return Status.noSuchFile;
  if (error instanceof Deno.errors.PermissionDenied || codeOf(error) === "EACCES") {
    return Status.permissionDenied;
  }
  return Status.failure;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** One directory of a server with all its children, whatever the server sends. */

import { isValidName, join } from "../../lib/byte_path.ts";
import { type ByteString, display } from "../../lib/byte_string.ts";
import { forEachBounded } from "../../lib/concurrency.ts";
import { PlakarError } from "../../lib/errors.ts";
import { FileType, fileType } from "../../sftp/attributes.ts";
import type { SftpClient } from "../../sftp/client.ts";
import type { DirectoryEntry } from "../../sftp/directory_entry.ts";
import { listDirectory } from "../../sftp/list_directory.ts";
import { StatusCode } from "../../sftp/packet_type.ts";
import { statusOf } from "../../sftp/status.ts";
import type { DirectoryRecord, PathError } from "../record.ts";
import type { WalkOptions } from "./importer.ts";
import { childRecord, isComplete, remoteFileInfo } from "./remote_child.ts";

/** Paths of no honest server are deeper: systems limit them to 4096 bytes. */
const MAX_DEPTH = 2048;
/** More names than any directory has: a server that goes on and on is stopped. */
const MAX_NAMES = 20_000_000;
/** So many answers in a row may bring no new name. */
const MAX_USELESS_ANSWERS = 3;
/** Errors of one directory that are kept one by one. */
const MAX_NAME_ERRORS = 100;
/** LSTATs and READLINKs in flight for one directory. */
const PARALLEL_QUESTIONS = 64;

/**
 * Lists a directory. Names that cannot be in a snapshot are errors; what the server broke off is kept as far
 * as it came, with an error.
 *
 * @param client where
 * @param path the directory
 * @param exclude asked for every child
 * @returns the record; only a lost connection is thrown
 */
export async function listRemoteDirectory(
  client: SftpClient,
  path: ByteString,
  exclude: WalkOptions["exclude"],
): Promise<DirectoryRecord> {
  const record: DirectoryRecord = { path, children: [], errors: [] };
  const names = new NameCheck(path);
  const failed = (at: ByteString, error: unknown) => {
    if (client.failure || !(error instanceof PlakarError)) throw error;
    record.errors.push({ path: at, message: error.message });
  };
  const questions: DirectoryEntry[] = [];
  let isEmpty = true;
  try {
    if (path.split("/").length > MAX_DEPTH) {
      throw new PlakarError("unsupported", `Cannot list directory "${display(path)}": it is too deep`);
    }
    await listDirectory(client, path, (entries) => {
      isEmpty &&= entries.length === 0;
      for (const entry of names.check(entries)) {
        const type = fileType(entry.attributes);
        const known = type !== undefined && isComplete(entry.attributes);
        if (type !== undefined && exclude?.(join(path, entry.name), type === FileType.DIRECTORY)) continue;
        if (known && type !== FileType.SYMLINK) {
          record.children.push({ info: remoteFileInfo(entry.name, entry.attributes) });
        } else questions.push(entry);
      }
    });
    if (isEmpty) await ensureSearchable(client, path);
  } catch (error) {
    failed(path, error);
  }
  record.errors.push(...names.errors);
  await forEachBounded(questions, PARALLEL_QUESTIONS, async ({ name, attributes }) => {
    const at = join(path, name);
    try {
      const known = isComplete(attributes);
      const complete = known ? attributes : await client.lstat(at);
      const wasAsked = fileType(attributes) !== undefined;
      if (!wasAsked && exclude?.(at, fileType(complete) === FileType.DIRECTORY)) return;
      record.children.push(await childRecord(client, at, complete));
    } catch (error) {
      failed(at, error);
    }
  });
  return record;
}

/**
 * OpenSSH leaves out what it cannot examine: of a directory that may be read but not searched it lists nothing, not
 * even ".", as if all of its files had been removed.
 */
async function ensureSearchable(client: SftpClient, path: ByteString): Promise<void> {
  try {
    await client.lstat(`${path}/.` as ByteString);
  } catch (error) {
    if (client.failure || !(error instanceof PlakarError)) throw error;
    // Servers that do not know "." have nothing to say here.
    if (statusOf(error) !== StatusCode.PERMISSION_DENIED) return;
    throw new PlakarError(
      error.code,
      `Cannot look into directory "${display(path)}", which may only be listed: ${error.message}`,
      { cause: error, data: error.data },
    );
  }
}

/** Lets through each name once, if it can be a name at all. */
class NameCheck {
  readonly #path: ByteString;
  readonly #seen = new Set<ByteString>();
  readonly #errors: PathError[] = [];
  #refused = 0;
  #useless = 0;

  constructor(path: ByteString) {
    this.#path = path;
  }

  /** What was wrong with names. */
  get errors(): PathError[] {
    const more = this.#refused - this.#errors.length;
    if (more === 0) return this.#errors;
    return [...this.#errors, { path: this.#path, message: `${more} more names cannot be used` }];
  }

  check(entries: DirectoryEntry[]): DirectoryEntry[] {
    const before = this.#seen.size;
    const good = entries.filter(({ name }) => {
      if (name === "." || name === "..") return false;
      if (!isValidName(name)) return this.#refuse(name, "it is not a file name");
      if (this.#seen.has(name)) return this.#refuse(name, "the server sent it twice");
      this.#seen.add(name);
      return true;
    });
    this.#useless = this.#seen.size > before ? 0 : this.#useless + 1;
    if (this.#useless > MAX_USELESS_ANSWERS) this.#giveUp("the server repeats itself without end");
    if (this.#seen.size > MAX_NAMES) this.#giveUp("the server sends names without end");
    return good;
  }

  #refuse(name: ByteString, why: string): false {
    this.#refused++;
    if (this.#errors.length < MAX_NAME_ERRORS) {
      const message = `Cannot use name "${display(name)}" in "${display(this.#path)}": ${why}`;
      this.#errors.push({ path: this.#path, message });
    }
    return false;
  }

  #giveUp(why: string): never {
    throw new PlakarError("protocol", `Cannot list directory "${display(this.#path)}": ${why}`);
  }
}

/** Names of users and groups of this machine. */

import { type ByteString, fromBytes } from "../../lib/byte_string.ts";

const UNKNOWN = "" as ByteString;

/** Knows the names that the files of the system give; nothing where they cannot be read. */
export class OwnerNames {
  readonly #users: ReadonlyMap<number, ByteString>;
  readonly #groups: ReadonlyMap<number, ByteString>;

  private constructor(users: Map<number, ByteString>, groups: Map<number, ByteString>) {
    this.#users = users;
    this.#groups = groups;
  }

  /**
   * Reads the names once.
   *
   * @param directory where `passwd` and `group` are
   * @returns the names
   */
  static async load(directory = "/etc"): Promise<OwnerNames> {
    return new OwnerNames(await namesIn(`${directory}/passwd`), await namesIn(`${directory}/group`));
  }

  /**
   * The name of a user.
   *
   * @param uid its number
   * @returns the name, empty if it is not known
   */
  user(uid: number): ByteString {
    return this.#users.get(uid) ?? UNKNOWN;
  }

  /**
   * The name of a group.
   *
   * @param gid its number
   * @returns the name, empty if it is not known
   */
  group(gid: number): ByteString {
    return this.#groups.get(gid) ?? UNKNOWN;
  }
}

/** Both files have the name first and the number third; the first line of a number counts. */
async function namesIn(path: string): Promise<Map<number, ByteString>> {
  const names = new Map<number, ByteString>();
  const content = await Deno.readFile(path).catch(() => new Uint8Array());
  for (const line of fromBytes(content).split("\n")) {
    const [name, , number] = line.split(":");
    if (number !== undefined && /^\d+$/.test(number) && !names.has(Number(number))) {
      names.set(Number(number), name as ByteString);
    }
  }
  return names;
}

/** A repository that our program and the real plakar use in turn. */

import assert from "node:assert/strict";
import { FsStorage } from "../../src/connectors/storage/fs.ts";
import { newPlakar, type Plakar, type PlakarResult } from "../support/plakar.ts";
import { newProgram, type Program, type ProgramResult } from "../support/program.ts";
import { assertTidy } from "../support/store_files.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary_directory.ts";
import { createTestRepository, TEST_PASSPHRASE } from "../support/test_repository.ts";

/** What a repository is made of. */
export interface StoreSettings {
  /** Whether it is encrypted. */
  encrypted: boolean;
  /** How contents are compressed. */
  compression: "LZ4" | "GZIP" | "none";
  /** How contents are told apart. */
  hashing: "BLAKE3" | "SHA256";
}

/** Who creates a repository: a program, the tests themselves without a costly key derivation, or a function given the path. */
export type Creator = "ours" | "theirs" | "cheap" | ((path: string) => Promise<void>);

/** The repository, and both programs. Disposing of it removes everything. */
export interface SharedStore extends AsyncDisposable {
  /** Where the repository is. */
  readonly path: string;
  /** A directory for the test's files. */
  readonly directory: string;
  /** Our program. */
  readonly program: Program;
  /** The real plakar. */
  readonly plakar: Plakar;
  /** Runs our program on it; fails unless it ends with 0, and leaves the store tidy. */
  ours(...args: string[]): Promise<string>;
  /** Runs our program on it, whatever the exit status; it leaves the store tidy. */
  runOurs(args: string[]): Promise<ProgramResult>;
  /** Runs plakar on it; fails if it ends with another status than 0 or complains about anything. */
  theirs(...args: string[]): Promise<string>;
  /** Runs plakar on it, whatever the exit status. */
  runTheirs(args: string[]): Promise<PlakarResult>;
  /** The short ids of its snapshots, newest first, as both programs list them. */
  snapshots(): Promise<string[]>;
}

/**
 * Makes a repository.
 *
 * @param settings what it is made of
 * @param creator who creates it
 * @returns the repository, and both programs
 */
export async function newSharedStore(
  settings: StoreSettings,
  creator: Creator,
): Promise<SharedStore> {
  await using resources = new AsyncDisposableStack();
  const passphrase = { PLAKAR_PASSPHRASE: new TextDecoder().decode(TEST_PASSPHRASE) };
  const temporary: TemporaryDirectory = resources.use(await temporaryDirectory());
  const program = resources.use(await newProgram(passphrase));
  // What plakar's maintenance marks for deletion is deleted by its next run, not a week later.
  const plakar = resources.use(await newPlakar({ ...passphrase, PLAKAR_GRACEPERIOD: "0s" }));
  const path = `${temporary.path}/store`;
  const runOurs = async (args: string[]) => {
    const result = await program.run(["at", path, ...args]);
    assertTidy(path);
    return result;
  };
  const runTheirs = async (args: string[]) => {
    const result = await plakar.run(["at", path, ...args]);
    removeLocks(path);
    return result;
  };
  const ended = ({ code, stdout, stderr }: ProgramResult, who: string, args: string[]) => {
    const about = `${who} ${args.join(" ")} ended with ${code}: ${stderr}${stdout.slice(-500)}`;
    assert.ok(code === 0 && /^(info: .*\n)*$/.test(stderr), about);
    return stdout;
  };
  const store = {
    path,
    directory: temporary.path,
    program,
    plakar,
    runOurs,
    runTheirs,
    ours: async (...args: string[]) => ended(await runOurs(args), "our plakar", args),
    theirs: async (...args: string[]) => ended(await runTheirs(args), "plakar", args),
    async snapshots() {
      const lines = await store.ours("ls");
      assert.equal(await store.theirs("ls"), lines);
      return lines.trim().split("\n").map((line) => line.split(/\s+/)[1]);
    },
  };
  await create(store, settings, creator);
  const kept = resources.move();
  return { ...store, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/**
 * Removes what lies in a store's directory of locks: plakar releases its lock without waiting for it, and often ends
 * first. The next run of either program would find the repository locked.
 *
 * @param path the store
 */
export function removeLocks(path: string): void {
  for (const { name } of Deno.readDirSync(`${path}/locks`)) Deno.removeSync(`${path}/locks/${name}`);
}

async function create(
  store: Omit<SharedStore, "snapshots" | keyof AsyncDisposable>,
  { encrypted, compression, hashing }: StoreSettings,
  creator: Creator,
): Promise<void> {
  if (typeof creator === "function") return await creator(store.path);
  if (creator === "cheap") {
    // With a key derivation that costs nothing: the real one takes a second of every run, and is in create_test.ts.
    await using storage = new FsStorage(store.path);
    const compressed = compression === "none" ? undefined : compression;
    return await createTestRepository(storage, { encrypted, compression: compressed, hashing });
  }
  const args = ["create", "-weak-passphrase", "-hashing", hashing];
  if (!encrypted) args.push("-plaintext");
  if (compression === "none") args.push("-no-compression");
  if (compression === "GZIP") args.push("-compression", "GZIP");
  assert.equal(await (creator === "ours" ? store.ours : store.theirs)(...args), "");
}

/**
 * The settings of a repository in a test's name.
 *
 * @param settings the settings
 * @returns such as `encrypted, LZ4, BLAKE3`
 */
export function nameOf({ encrypted, compression, hashing }: StoreSettings): string {
  const compressed = compression === "none" ? "uncompressed" : compression;
  return [encrypted ? "encrypted" : "plaintext", compressed, hashing].join(", ");
}

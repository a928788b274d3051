/**
 * Passphrases of repositories: from a key file, the configuration, a command, the environment, or a person.
 */

import { resolve } from "@std/path";
import type { Entry } from "../config/entry_file.ts";
import { reasonOf } from "../connectors/local/os_error.ts";
import { isPlakarError, PlakarError } from "../lib/errors.ts";
import { processEnvironment } from "../ssh/environment.ts";
import type { Prompter } from "../ssh/prompter.ts";
import type { Invocation } from "./invocation.ts";
import { adviceFor } from "./passphrase_strength.ts";

/** Where passphrases come from. */
export interface PassphraseSource {
  /** The file given with `-keyfile`. */
  keyfile: string | undefined;
  /** What a relative path is relative to. */
  currentDirectory: string;
  /** The store's options: `passphrase`, `passphrase_cmd`. */
  settings: Entry;
  /** An environment variable. */
  variable(name: string): string | undefined;
  /** Runs a command with the shell; `undefined` if this program may not. */
  shell(command: string): Promise<{ code: number; output: string } | undefined>;
  /** Asks the person. */
  prompter: Prompter;
  /** Tells the person something, one line. */
  tell(message: string): void;
}

const ATTEMPTS = 3;
const QUESTION = "repository passphrase: ";
const CONFIRMATION = "repository passphrase (confirm): ";

/** Something that is opened with a passphrase that nobody is asked for any more. */
export interface Unlocking<T> {
  /** It, when it is open. */
  readonly opened: Promise<T>;
}

/**
 * Opens something with its passphrase. One that a person types may be wrong twice.
 *
 * @typeParam T what is opened
 * @param source where passphrases come from
 * @param open opens it; throws `passphrase` if that is the wrong one
 * @param question what a person is asked
 * @returns what is being opened: if a person was asked, it is open; else `passphrase` may still be thrown by it
 * @throws {PlakarError} `passphrase` if there is no right one
 */
export async function beginUnlock<T>(
  source: PassphraseSource,
  open: (passphrase: Uint8Array) => Promise<T>,
  question: string = QUESTION,
): Promise<Unlocking<T>> {
  const given = await givenPassphrase(source);
  if (given) return { opened: openWith(given, open) };
  for (let attempt = 1;; attempt++) {
    const typed = await ask(source, question);
    try {
      const value = await open(typed);
      return { opened: Promise.resolve(value) };
    } catch (error) {
      if (!isPlakarError(error, "passphrase") || attempt === ATTEMPTS) throw error;
      source.tell("That is not the passphrase");
    }
  }
}

/** Whoever did not type the passphrase may not know which one was taken. */
async function openWith<T>(
  { bytes, origin }: GivenPassphrase,
  open: (passphrase: Uint8Array) => Promise<T>,
): Promise<T> {
  try {
    return await open(bytes);
  } catch (error) {
    if (!isPlakarError(error, "passphrase")) throw error;
    throw new PlakarError("passphrase", error.message, { cause: error, hint: `It came from ${origin}` });
  }
}

/**
 * The passphrase for something that is being created: a person types it twice, and is advised against a weak one.
 *
 * @param source where passphrases come from
 * @param acceptWeak whether a weak one will do
 * @returns the passphrase
 * @throws {PlakarError} `passphrase` if there is none, or an empty one
 */
export async function choosePassphrase(source: PassphraseSource, acceptWeak: boolean): Promise<Uint8Array> {
  const given = await givenPassphrase(source);
  if (given) return notEmpty(given.bytes);
  let refused: string | undefined;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const typed = new TextDecoder().decode(notEmpty(await ask(source, QUESTION)));
    const advice = acceptWeak || typed === refused ? undefined : adviceFor(typed);
    if (advice !== undefined) {
      source.tell(advice);
      refused = typed;
      continue;
    }
    const again = new TextDecoder().decode(await ask(source, CONFIRMATION));
    if (again === typed) return new TextEncoder().encode(typed);
    source.tell("passphrases mismatch");
  }
  throw new PlakarError("passphrase", "too many failed attempts");
}

/** What a repository that is still locked can do. */
export interface Lockable<T> {
  /** Opens it; throws `passphrase` if that is the wrong one. */
  unlock(passphrase: Uint8Array): Promise<T>;
}

/**
 * Unlocks a repository.
 *
 * @typeParam T the repository when it is open
 * @param locked the repository
 * @param settings the store's options
 * @param invocation the command's run
 * @returns the repository that is being opened, as of {@linkcode beginUnlock}
 * @throws {PlakarError} `passphrase` if there is no right one
 */
export async function unlockWithPassphrase<T>(
  locked: Lockable<T>,
  settings: Entry,
  invocation: PassphraseInvocation,
): Promise<Unlocking<T>> {
  return await beginUnlock(sourceOf(settings, invocation), (passphrase) => locked.unlock(passphrase));
}

/**
 * The passphrase for a repository that is being created.
 *
 * @param settings the store's options
 * @param invocation the command's run
 * @param acceptWeak whether a weak one will do
 * @returns the passphrase
 * @throws {PlakarError} `passphrase` if there is none, or an empty one
 */
export async function newPassphrase(
  settings: Entry,
  invocation: PassphraseInvocation,
  acceptWeak: boolean,
): Promise<Uint8Array> {
  return await choosePassphrase(sourceOf(settings, invocation), acceptWeak);
}

/** What of an invocation a passphrase depends on. */
export type PassphraseInvocation = Pick<Invocation, "global" | "surroundings" | "terminal" | "output">;

function sourceOf(
  settings: Entry,
  { global, surroundings, terminal, output }: PassphraseInvocation,
): PassphraseSource {
  return {
    keyfile: global.keyfile,
    currentDirectory: surroundings.currentDirectory,
    settings,
    variable: (name) => surroundings.variable(name),
    shell: (command) => processEnvironment().shell(command),
    prompter: terminal,
    tell: (message) => output.failedStep({ type: "passphrase", text: message }),
  };
}

/** A passphrase that nobody has to be asked for. */
interface GivenPassphrase {
  bytes: Uint8Array;
  /** What it came from, for messages. */
  origin: string;
}

async function givenPassphrase(source: PassphraseSource): Promise<GivenPassphrase | undefined> {
  const { keyfile, settings, variable } = source;
  const of = (text: string, origin: string) => ({ bytes: new TextEncoder().encode(text), origin });
  if (keyfile !== undefined) {
    const path = resolve(source.currentDirectory, keyfile);
    return { bytes: await readKeyfile(path), origin: `-keyfile "${path}"` };
  }
  if (settings.passphrase) return of(settings.passphrase, "the setting passphrase of the store");
  if (settings.passphrase_cmd) {
    return of(await printedPassphrase(settings.passphrase_cmd, source), "passphrase_cmd of the store");
  }
  const inEnvironment = variable("PLAKAR_PASSPHRASE");
  return inEnvironment ? of(inEnvironment, "PLAKAR_PASSPHRASE") : undefined;
}

async function readKeyfile(path: string): Promise<Uint8Array> {
  try {
    const bytes = await Deno.readFile(path);
    return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
  } catch (error) {
    throw new PlakarError("passphrase", `could not read key file: "${path}": ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** The one line that a command prints. */
async function printedPassphrase(command: string, { shell }: PassphraseSource): Promise<string> {
  const fail = (state: string, hint?: string) =>
    new PlakarError("passphrase", `Cannot get the passphrase from passphrase_cmd "${command}": ${state}`, {
      hint,
    });
  const result = await shell(command);
  if (!result) throw fail("this program has no permission to run it", "use -keyfile or PLAKAR_PASSPHRASE");
  if (result.code !== 0) throw fail(`exit status ${result.code}`);
  const lines = result.output.replace(/\n$/, "").split("\n");
  if (lines[0] === "") throw fail("it printed nothing");
  if (lines.length > 1) throw fail("it printed more than one line");
  return lines[0];
}

async function ask({ prompter }: PassphraseSource, question: string): Promise<Uint8Array> {
  const typed = await prompter.secret(question);
  if (typed === undefined) {
    throw new PlakarError("passphrase", "Cannot ask for the passphrase: standard input is not a terminal", {
      hint: "give it with -keyfile, PLAKAR_PASSPHRASE, or passphrase_cmd of a store in the configuration",
    });
  }
  return new TextEncoder().encode(typed);
}

function notEmpty(passphrase: Uint8Array): Uint8Array {
  if (passphrase.length > 0) return passphrase;
  throw new PlakarError("passphrase", "can't encrypt the repository with an empty passphrase");
}

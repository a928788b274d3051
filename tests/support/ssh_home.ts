/** A client's own home: SSH in a test reads and writes nothing else. */

import { processEnvironment, type Prompter, type SshEnvironment, type SshIo } from "../../src/ssh/mod.ts";

/** A home directory with `~/.ssh`. Disposing of it removes it. */
export interface SshHome extends AsyncDisposable {
  /** The directory. */
  readonly path: string;
  /** The environment for `resolveTarget`: this home, a system directory of its own, no variables but those given. */
  readonly environment: SshEnvironment;
  /** Writes a file below the home, mode 0600, with its directory. */
  write(name: string, text: string): Promise<string>;
  /** Copies a private key to a file below the home, mode 0600. */
  addKey(name: string, from: string): Promise<string>;
  /** Reads a file below the home. */
  read(name: string): Promise<string>;
}

/**
 * Makes a home.
 *
 * @param variables the environment variables to be seen
 * @returns the home
 */
export async function makeSshHome(variables: Record<string, string> = {}): Promise<SshHome> {
  const path = await Deno.makeTempDir({ prefix: "home-" });
  await Deno.mkdir(`${path}/.ssh`, { mode: 0o700 });
  const write = async (name: string, text: string) => {
    const file = `${path}/${name}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(file, text, { mode: 0o600 });
    await Deno.chmod(file, 0o600);
    return file;
  };
  return {
    path,
    environment: {
      ...processEnvironment(),
      home: path,
      systemDirectory: `${path}/etc`,
      variable: (name) => name === "HOME" ? path : variables[name],
    },
    write,
    addKey: async (name, from) => await write(name, await Deno.readTextFile(from)),
    read: (name) => Deno.readTextFile(`${path}/${name}`),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** An {@linkcode SshIo} that records what it was told and asked. */
export interface RecordedIo extends SshIo {
  /** Warnings, in order. */
  readonly warnings: string[];
  /** Questions, in order. */
  readonly questions: string[];
}

/**
 * Answers questions from lists; without an answer left, there is nobody to ask.
 *
 * @param answers the secrets and the yes/no answers
 * @returns how to ask and to warn
 */
export function recordedIo(answers: { secrets?: string[]; confirmations?: boolean[] } = {}): RecordedIo {
  const warnings: string[] = [];
  const questions: string[] = [];
  const secrets = [...answers.secrets ?? []];
  const confirmations = [...answers.confirmations ?? []];
  const prompter: Prompter = {
    secret(prompt) {
      questions.push(prompt);
      return Promise.resolve(secrets.shift());
    },
    confirm(question) {
      questions.push(question);
      return Promise.resolve(confirmations.shift());
    },
  };
  return { prompter, warn: (message) => void warnings.push(message), warnings, questions };
}

/** Private key files: whether they may be used, and unlocking them with a passphrase. */

import { messageOf } from "../../lib/errors.ts";
import type { SshEnvironment } from "../environment.ts";
import { parsePrivateKey, type PrivateKey } from "../keys/private_key.ts";
import { parsePublicKeyFile, type PublicKey } from "../keys/public_key.ts";
import { publicHalfOf } from "../keys/public_half.ts";
import type { Prompter } from "../prompter.ts";
import { loadSsh2 } from "../transport/ssh2.ts";

/** A key file that was found. */
export interface KeyFile {
  /** Its path, or what else the key came from. */
  path: string;
  /** Its text. */
  text: string;
  /** The public half, if it can be had without a passphrase. */
  publicKey: PublicKey | undefined;
}

/** How often a passphrase is asked for. */
const TRIES = 3;

/** A key file that is there and not used. */
export interface UnusedKeyFile {
  /** Why. */
  problem: string;
  /** Whether its owner has to know even if another key logs in: others may read it. */
  isExposed?: boolean;
}

/**
 * Reads a key file.
 *
 * @param path the file
 * @param environment the machine
 * @returns the file, or why it is not used, or `undefined` if there is none
 */
export async function readKeyFile(
  path: string,
  environment: SshEnvironment,
): Promise<KeyFile | UnusedKeyFile | undefined> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await environment.readFile(path);
  } catch (error) {
    return { problem: `the key "${path}" cannot be read (${messageOf(error)})` };
  }
  if (!bytes) return undefined;
  const text = new TextDecoder().decode(bytes);
  const isPublic = parsePublicKeyFile(text) !== undefined;
  const facts = isPublic ? undefined : await environment.facts(path);
  if (facts?.mode !== undefined && facts.uid === environment.userId && (facts.mode & 0o077) !== 0) {
    const mode = (facts.mode & 0o777).toString(8).padStart(4, "0");
    return {
      problem: `the key "${path}" is not used because others may read it (mode ${mode}; chmod 600 it)`,
      isExposed: true,
    };
  }
  return { path, text, publicKey: publicHalfOf(text) ?? await siblingOf(path, environment) };
}

async function siblingOf(path: string, environment: SshEnvironment): Promise<PublicKey | undefined> {
  try {
    const bytes = await environment.readFile(`${path}.pub`);
    return bytes && parsePublicKeyFile(new TextDecoder().decode(bytes));
  } catch {
    // It only spares a question.
    return undefined;
  }
}

/**
 * Decrypts a key file, asking for its passphrase if it has one.
 *
 * @param file the file
 * @param purpose what for, shown in the question
 * @param prompter asks the person
 * @returns the key, or why it cannot be used
 */
export async function unlockKeyFile(
  file: KeyFile,
  purpose: string,
  prompter: Prompter,
): Promise<PrivateKey | { problem: string }> {
  const ssh2 = await loadSsh2();
  const first = await parsePrivateKey(file.text, undefined, ssh2);
  if ("key" in first) return first.key;
  if ("problem" in first) return { problem: `the key "${file.path}" cannot be used: ${first.problem}` };
  for (let tries = 0; tries < TRIES; tries++) {
    const again = tries > 0 ? "Wrong passphrase. " : "";
    const passphrase = await prompter.secret(`${again}Passphrase for the key "${file.path}" (${purpose}): `);
    if (passphrase === undefined) {
      return {
        problem:
          `the key "${file.path}" is encrypted, no agent holds it and there is no terminal to ask for its ` +
          "passphrase (ssh-add it first)",
      };
    }
    if (passphrase === "") break;
    const result = await parsePrivateKey(file.text, passphrase, ssh2);
    if ("key" in result) return result.key;
    if ("problem" in result) return { problem: `the key "${file.path}" cannot be used: ${result.problem}` };
  }
  return { problem: `the passphrase of the key "${file.path}" was wrong` };
}

/** `plakar create`. */

import { createRepository } from "../../repository/repository.ts";
import { OK } from "../exit_status.ts";
import type { CREATE_OPTIONS } from "../grammar/table/create.ts";
import type { Invocation } from "../invocation.ts";
import { storeOf } from "../open_repository.ts";
import { newPassphrase } from "../passphrase.ts";

/**
 * Creates a repository.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<typeof CREATE_OPTIONS>): Promise<number> {
  const { options, surroundings, output } = invocation;
  const { storage, settings, displayName } = await storeOf(invocation);
  const passphrase = options.plaintext
    ? undefined
    : await newPassphrase(settings, invocation, options["weak-passphrase"]);
  await createRepository(storage, {
    passphrase,
    hashing: options.hashing,
    compression: options["no-compression"] ? undefined : options.compression,
    now: surroundings.now(),
  });
  output.step({ type: "created", data: { location: displayName, encrypted: !options.plaintext } });
  return OK;
}

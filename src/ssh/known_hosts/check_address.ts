/** `CheckHostIP`: the address that a host's name led to must not be known with another key. */

import { PlakarError } from "../../lib/errors.ts";
import type { SshIo } from "../prompter.ts";
import { describeEntry, type KnownHostsEntry } from "./entry.ts";
import type { HostKeyPolicy } from "./verify.ts";

/**
 * Tells that an address is known with another key than the one its host showed, and goes on if that is wanted.
 *
 * @param address the address
 * @param entry the line with the other key
 * @param policy what the decision depends on
 * @param io how to ask and to warn
 * @throws {PlakarError} `host-key` if it is not wanted
 */
export async function objectToAddress(
  address: string,
  entry: KnownHostsEntry,
  policy: Pick<HostKeyPolicy, "displayName" | "strictness">,
  io: SshIo,
): Promise<void> {
  const { displayName, strictness } = policy;
  const message = `The address ${address} of "${displayName}" is known with another key: ${
    describeEntry(entry)
  }`;
  if (strictness === "no") return io.warn(message);
  if (strictness === "ask" && await io.prompter.confirm(`${message}. Continue connecting?`)) return;
  throw new PlakarError("host-key", message, {
    hint: "If the address belonged to another host before, remove that line, or use -o CheckHostIP=no",
  });
}

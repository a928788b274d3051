/** What the real ssh and we come to with the same server and the same known_hosts file. */

import assert from "node:assert/strict";
import { isPlakarError } from "../../../src/lib/errors.ts";
import { connect, resolveTarget } from "../../../src/ssh/mod.ts";
import { findProgram } from "../../support/peers.ts";
import { recordedIo, type SshHome } from "../../support/ssh_home.ts";
import type { KeyFile, Sshd } from "../../support/sshd.ts";

/** What one of the two came to. */
export interface Trust {
  /** Whether the host was trusted. */
  isTrusted: boolean;
  /** What is in the file now. */
  file: string;
}

/**
 * Type and key of a public key line, as known_hosts has them.
 *
 * @param key the key
 * @returns two words
 */
export function keyOf(key: KeyFile): string {
  return key.publicLine.split(" ").slice(0, 2).join(" ");
}

/**
 * Connects with ssh.
 *
 * @param sshd the server
 * @param home where the file is, as `.ssh/known_hosts`
 * @param text what is in the file
 * @param options directives beside the usual ones, which they win over
 * @returns what it came to
 */
export async function trustOfSsh(
  sshd: Sshd,
  home: SshHome,
  text: string,
  options: Record<string, string> = {},
): Promise<Trust> {
  const file = await home.write(".ssh/known_hosts", text);
  const directives = {
    BatchMode: "yes",
    StrictHostKeyChecking: "yes",
    IdentitiesOnly: "yes",
    UserKnownHostsFile: file,
    GlobalKnownHostsFile: "/dev/null",
    UpdateHostKeys: "no",
    ...options,
  };
  const given = Object.entries(directives).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const args = ["-F", "none", "-p", `${sshd.port}`, "-i", sshd.clientKeys.ed25519.path, ...given];
  const command = new Deno.Command(findProgram("ssh") ?? "ssh", {
    args: [...args, `${sshd.user}@${options.HostName ?? sshd.host}`, "true"],
    stdin: "null",
    env: { SSH_AUTH_SOCK: "" },
  });
  const { code, stderr } = await command.output();
  const said = new TextDecoder().decode(stderr);
  assert.ok(code === 0 || /Host key verification failed|invalid signature|revoked by file/.test(said), said);
  return { isTrusted: code === 0, file: await home.read(".ssh/known_hosts") };
}

/**
 * Connects with the built-in transport.
 *
 * @param sshd the server
 * @param home where the file is, as `.ssh/known_hosts`
 * @param text what is in the file
 * @param options directives beside the usual ones, which they win over
 * @returns what it came to
 */
export async function ourTrust(
  sshd: Sshd,
  home: SshHome,
  text: string,
  options: Record<string, string> = {},
): Promise<Trust> {
  await home.write(".ssh/known_hosts", text);
  const directives = {
    identity_file: sshd.clientKeys.ed25519.path,
    BatchMode: "yes",
    StrictHostKeyChecking: "yes",
    ...options,
  };
  const location = { host: sshd.host, port: sshd.port, user: sshd.user, options: directives };
  let isTrusted = true;
  try {
    await using _connection = await connect(await resolveTarget(location, home.environment), recordedIo());
  } catch (error) {
    if (!isPlakarError(error, "host-key")) throw error;
    isTrusted = false;
  }
  return { isTrusted, file: await home.read(".ssh/known_hosts") };
}

/** An ssh_config that leads to a test's server. */

import type { Sshd } from "../../support/sshd.ts";

/**
 * Writes an ssh_config in which `web` is a server, and a known_hosts file beside it.
 *
 * @param sshd the server
 * @param directory where to
 * @returns the ssh_config's path
 */
export async function configFor(sshd: Sshd, directory: string): Promise<string> {
  await Deno.writeTextFile(`${directory}/known_hosts`, sshd.knownHosts);
  const config = [
    "Host web",
    `  HostName ${sshd.host}`,
    `  Port ${sshd.port}`,
    `  User ${sshd.user}`,
    `  IdentityFile ${sshd.clientKeys.ed25519.path}`,
    "  IdentitiesOnly yes",
    "  IdentityAgent none",
    `  UserKnownHostsFile ${directory}/known_hosts`,
    "  StrictHostKeyChecking yes",
  ];
  await Deno.writeTextFile(`${directory}/ssh_config`, config.join("\n") + "\n", { mode: 0o600 });
  return `${directory}/ssh_config`;
}

/** `RevokedHostKeys`: a file of keys that no host may show. */

import { equal } from "../../lib/bytes.ts";
import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { SshEnvironment } from "../environment.ts";
import { fingerprintOf, parsePublicKeyFile, type PublicKey } from "../keys/public_key.ts";

/**
 * Refuses keys that the file lists. As in OpenSSH, a file that cannot be read revokes everything.
 *
 * @param keys the key a host showed; of a certificate, the key in it and that of its authority
 * @param path the file
 * @param environment the machine
 * @throws {PlakarError} `host-key` if the key is revoked or that cannot be known
 */
export async function refuseRevoked(
  keys: readonly PublicKey[],
  path: string,
  environment: SshEnvironment,
): Promise<void> {
  const bytes = await environment.readFile(path).catch((error) => {
    throw new PlakarError("host-key", `Cannot read RevokedHostKeys "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  });
  if (!bytes) {
    throw new PlakarError("host-key", `Cannot read RevokedHostKeys "${path}": there is no such file`);
  }
  const text = new TextDecoder().decode(bytes);
  if (text.startsWith("SSHKRL\n")) {
    throw new PlakarError("host-key", `Cannot read RevokedHostKeys "${path}": it is in the binary form`, {
      hint: "List the keys as text, or use transport=openssh",
    });
  }
  for (const [index, line] of text.split("\n").entries()) {
    const revoked = parsePublicKeyFile(line);
    const key = revoked && keys.find((one) => equal(one.blob, revoked.blob));
    if (key) {
      throw new PlakarError(
        "host-key",
        `Cannot trust the host key ${fingerprintOf(key.blob)}: it is revoked by ${path}:${index + 1}`,
      );
    }
  }
}

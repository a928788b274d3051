/** Signing with whatever holds a key. */

import { signWithAgent } from "../agent/agent_client.ts";
import type { SshEnvironment } from "../environment.ts";
import { signWith } from "../keys/private_key.ts";
import type { Signer } from "../plan.ts";

/**
 * Signs.
 *
 * @param signer what holds the key
 * @param algorithm the signature algorithm
 * @param data what to sign
 * @param environment reaches agents
 * @returns the signature blob
 */
export async function signAs(
  signer: Signer,
  algorithm: string,
  data: Uint8Array,
  environment: Pick<SshEnvironment, "connectUnix">,
): Promise<Uint8Array> {
  if (signer.type === "key") return signWith(signer.key, algorithm, data);
  const agent = { path: signer.path, connect: (path: string) => environment.connectUnix(path) };
  return await signWithAgent(agent, signer.identity, algorithm, data);
}

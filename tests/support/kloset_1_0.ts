/** The library of plakar 1.0.6, as a program: it makes repositories of that time. */

import { kloset10Path, KLOSET_1_0_VERSION } from "../../scripts/peers/plakar_path.ts";
import { isBuilt, plakarPeer } from "./plakar.ts";
import { testWithPeers } from "./peers.ts";

/**
 * Registers a test that needs that program and the real plakar.
 *
 * @param name what holds
 * @param run the test
 */
export function kloset10Test(name: string, run: (t: Deno.TestContext) => Promise<void>): void {
  const missing = isBuilt(kloset10Path()) ? [] : [`Kloset ${KLOSET_1_0_VERSION}`];
  testWithPeers([...plakarPeer(), ...missing], name, run);
}

/**
 * Runs the program.
 *
 * @param args its arguments: `create STORE plaintext|encrypted`, `backup STORE DIRECTORY`, `check STORE`
 * @param passphrase of an encrypted repository
 * @returns the exit status, what it printed and what it complained about
 */
export async function runKloset10(
  args: string[],
  passphrase: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(kloset10Path(), {
    args,
    env: { PLAKAR_PASSPHRASE: passphrase },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

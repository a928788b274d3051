/** Version numbers of stored things: eight bits each of major, minor and patch in one integer. */

/** The version of everything but states. */
export const VERSION_1_0_0 = 0x00010000;

/** The version of states, which since then name their parent. */
export const VERSION_1_1_0 = 0x00010100;

/**
 * A version as people write it.
 *
 * @param version the stored integer
 * @returns for example `1.1.0`
 */
export function formatVersion(version: number): string {
  return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`;
}

/** Where the real plakar is kept once it is built. */

/** The version that repositories are shared with. */
export const PLAKAR_VERSION = "1.1.4";

/**
 * The directory of what was built for the tests, kept between runs.
 *
 * @returns its path
 */
export function peersDirectory(): string {
  const home = Deno.env.get("HOME") ?? "/tmp";
  return `${Deno.env.get("XDG_CACHE_HOME") || `${home}/.cache`}/plakar-peers`;
}

/**
 * The path of the real plakar, whether it is there or not.
 *
 * @returns an absolute path, keyed by version
 */
export function plakarPath(): string {
  return `${peersDirectory()}/plakar-${PLAKAR_VERSION}/plakar`;
}

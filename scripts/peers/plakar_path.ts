/** Where the real plakars are kept once they are built. */

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

/** The version of the library that plakar 1.0.6 is built with. */
export const KLOSET_1_0_VERSION = "1.0.12";

/**
 * The path of the program that makes repositories of plakar 1.0, whether it is there or not.
 *
 * @returns an absolute path, keyed by version
 */
export function kloset10Path(): string {
  return `${peersDirectory()}/kloset-${KLOSET_1_0_VERSION}/kloset10`;
}

/** A directory that goes away with the test. */

/** A directory of a test; disposing of it removes it. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Its absolute path, without links. */
  path: string;
}

/**
 * Makes a directory for a test.
 *
 * @returns the directory
 */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "plakar-test-" }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

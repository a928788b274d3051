/**
 * Tests against real programs: they run where the program is installed, are ignored with the reason in their
 * name where it is not, and fail there if `PLAKAR_TEST_PEERS=required`.
 */

/** Where programs are looked for beside `PATH`: servers are often not on the path of ordinary users. */
const EXTRA_DIRECTORIES = ["/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/lib/openssh", "/usr/libexec"];

/**
 * Finds a program.
 *
 * @param name its file name
 * @returns its absolute path, or `undefined`
 */
export function findProgram(name: string): string | undefined {
  for (const directory of [...(Deno.env.get("PATH") ?? "").split(":"), ...EXTRA_DIRECTORIES]) {
    if (directory === "") continue;
    try {
      const path = `${directory}/${name}`;
      const { isFile, mode } = Deno.statSync(path);
      if (isFile && ((mode ?? 0) & 0o111) !== 0) return path;
    } catch {
      // Not here.
    }
  }
}

/**
 * Registers a test that needs real programs.
 *
 * @param programs their file names
 * @param name what holds
 * @param run the test
 */
export function peerTest(
  programs: string[],
  name: string,
  run: (t: Deno.TestContext) => Promise<void>,
): void {
  testWithPeers(programs.filter((program) => findProgram(program) === undefined), name, run);
}

/**
 * Registers a test, unless what it needs is missing.
 *
 * @param missing what it needs and is not here
 * @param name what holds
 * @param run the test
 */
export function testWithPeers(
  missing: string[],
  name: string,
  run: (t: Deno.TestContext) => Promise<void>,
): void {
  if (missing.length === 0) Deno.test(name, run);
  else if (Deno.env.get("PLAKAR_TEST_PEERS") === "required") {
    Deno.test(name, () => {
      throw new Error(`Not installed: ${missing.join(", ")}`);
    });
  } else Deno.test.ignore(`${name} (not installed: ${missing.join(", ")})`, run);
}

/** Builds the tests' SSH servers that are not OpenSSH, so that the tests find everything in Go's cache. */

const SOURCE = new URL("../../tests/support/go_sshd/", import.meta.url);

/** The flags of each: as it is, and with the library as it was before strict key exchange. */
const VARIANTS = [[], ["-tags", "old", "-modfile", "old.mod"]];

/**
 * Builds them.
 *
 * @returns why that failed, or `undefined`
 */
export async function buildGoSshd(): Promise<string | undefined> {
  const directory = await Deno.makeTempDir({ prefix: "go-sshd-" });
  try {
    for (const flags of VARIANTS) {
      const args = ["build", ...flags, "-o", `${directory}/server`, "."];
      const { success, stderr } = await new Deno.Command("go", { args, cwd: SOURCE, stdin: "null" }).output();
      if (!success) return new TextDecoder().decode(stderr).trim().split("\n").at(-1) || "go failed";
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "Go is not installed";
    throw error;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Builds a program with Go, once a version, into the directory of peers. */

/** A program to build. */
export interface GoProgram {
  /** Where it is kept: an absolute path, keyed by version. */
  path: string;
  /** What `version` makes it print. */
  version: string;
  /** Ways to build it into an empty directory, under the name it is kept by; the first that works is taken. */
  builds: readonly ((directory: string) => Promise<Deno.Command>)[];
}

/**
 * Builds a program unless it is there.
 *
 * @param program the program
 * @returns why it could not be built, or `undefined` when it is there and runs
 */
export async function buildWithGo({ path, version, builds }: GoProgram): Promise<string | undefined> {
  if (await answers(path, version)) return;
  const slash = path.lastIndexOf("/");
  const directory = path.slice(0, slash);
  await Deno.mkdir(directory, { recursive: true });
  // Built beside its final place and renamed, so a build that is stopped leaves nothing that looks finished.
  const building = await Deno.makeTempDir({ dir: directory, prefix: "build-" });
  const built = building + path.slice(slash);
  try {
    let failure = "";
    for (const build of builds) {
      failure = await failureOf(await build(building));
      if (failure === "" && await answers(built, version)) {
        await Deno.rename(built, path);
        return;
      }
    }
    return failure || "the program that was built does not run";
  } finally {
    await Deno.remove(building, { recursive: true });
  }
}

/**
 * Prepares the build of a module of this project's tests, from a copy: Go writes into modules that it builds.
 *
 * @param name the module's directory below `tests/interop`
 * @param files what belongs to it
 * @param output the file to build
 * @param target the package to build, the module's own if omitted
 * @returns the command that builds it
 */
export async function buildOfModule(
  name: string,
  files: readonly string[],
  output: string,
  target = ".",
): Promise<Deno.Command> {
  const source = new URL(`../../tests/interop/${name}/`, import.meta.url);
  const module = `${output}-module`;
  for (const file of files) {
    const copy = `${module}/${file}`;
    await Deno.mkdir(copy.slice(0, copy.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(new URL(file, source), copy);
  }
  const args = ["build", "-mod=mod", "-buildvcs=false", "-o", output, target];
  return new Deno.Command("go", { args, cwd: module, stdin: "null" });
}

/** Whether a program is there and says that it is the version wanted. */
async function answers(path: string, version: string): Promise<boolean> {
  const home = await Deno.makeTempDir({ prefix: "peer-home-" });
  try {
    const command = new Deno.Command(path, { args: ["version"], env: { HOME: home }, stdin: "null" });
    const { success, stdout } = await command.output();
    return success && new TextDecoder().decode(stdout).includes(version);
  } catch {
    return false;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** The last line of what a failing command says; empty where it succeeds. */
async function failureOf(command: Deno.Command): Promise<string> {
  try {
    const { success, stderr } = await command.output();
    return success ? "" : new TextDecoder().decode(stderr).trim().split("\n").at(-1) || "go failed";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "Go is not installed";
    throw error;
  }
}

/** Builds the real plakar with Go, once a version, into the directory of peers. */

import { peersDirectory, PLAKAR_VERSION, plakarPath } from "./plakar_path.ts";

const MODULE = "github.com/PlakarKorp/plakar";

/**
 * Builds plakar unless it is there.
 *
 * A plain `go install` comes first. Where the module proxy does not serve all it needs, the module in
 * `tests/interop/peer` builds the same program with a stand-in for what is missing.
 *
 * @returns why it could not be built, or `undefined` when it is there and runs
 */
export async function buildPlakar(): Promise<string | undefined> {
  const path = plakarPath();
  if (await answers(path)) return;
  const directory = path.slice(0, path.lastIndexOf("/"));
  await Deno.mkdir(directory, { recursive: true });
  // Built beside its final place and renamed, so a build that is stopped leaves nothing that looks finished.
  const building = await Deno.makeTempDir({ dir: directory, prefix: "build-" });
  try {
    let failure = "";
    for (const prepare of [goInstall, goBuild]) {
      failure = await failureOf(await prepare(building));
      if (failure === "" && await answers(`${building}/plakar`)) {
        await Deno.rename(`${building}/plakar`, path);
        return;
      }
    }
    return failure || "the program that was built does not run";
  } finally {
    await Deno.remove(building, { recursive: true });
  }
}

function goInstall(building: string): Promise<Deno.Command> {
  const command = new Deno.Command("go", {
    args: ["install", `${MODULE}@v${PLAKAR_VERSION}`],
    env: { GOBIN: building },
    cwd: building,
    stdin: "null",
  });
  return Promise.resolve(command);
}

async function goBuild(building: string): Promise<Deno.Command> {
  const source = new URL("../../tests/interop/peer/", import.meta.url);
  const module = `${building}/module`;
  await Deno.mkdir(`${module}/ttlmap`, { recursive: true });
  for (const file of ["go.mod", "go.sum", "ttlmap/go.mod", "ttlmap/ttlmap.go"]) {
    await Deno.copyFile(new URL(file, source), `${module}/${file}`);
  }
  return new Deno.Command("go", {
    args: ["build", "-mod=mod", "-o", `${building}/plakar`, MODULE],
    cwd: module,
    stdin: "null",
  });
}

/** Whether a program is there and says that it is the version wanted. */
async function answers(path: string): Promise<boolean> {
  const home = await Deno.makeTempDir({ dir: await peers(), prefix: "home-" });
  try {
    const command = new Deno.Command(path, { args: ["version"], env: { HOME: home }, stdin: "null" });
    const { success, stdout } = await command.output();
    return success && new TextDecoder().decode(stdout).includes(`v${PLAKAR_VERSION}`);
  } catch {
    return false;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function peers(): Promise<string> {
  await Deno.mkdir(peersDirectory(), { recursive: true });
  return peersDirectory();
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

import assert from "node:assert/strict";
import { BUNDLED_FILES, bundleProgram } from "../../scripts/compile/bundle.ts";
import { compileProgram } from "../../scripts/compile/compile_program.ts";
import { type Embedded, readEmbedded } from "../../scripts/compile/embedded.ts";
import { ENVIRONMENT_VARIABLES, SYSTEM_INFORMATION } from "../../scripts/compile/permissions.ts";

/** Compiles with deno in denort's place: what comes out does not start, but holds all that would be inside. */
async function compiled(): Promise<Embedded> {
  const directory = await Deno.makeTempDir({ prefix: "compile-" });
  try {
    await bundleProgram(`${directory}/bundle`);
    const output = `${directory}/plakar`;
    const result = await compileProgram({
      bundle: `${directory}/bundle`,
      output,
      denort: Deno.execPath(),
    });
    assert.ok(result.success, result.output);
    return await readEmbedded(output);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("the compiled program", async (t) => {
  const { permissions, entrypoint, hasNodeModules, files } = await compiled();

  await t.step("holds the program and its worker, and no package", () => {
    assert.equal(entrypoint, BUNDLED_FILES[0]);
    assert.deepEqual(files.toSorted(), BUNDLED_FILES.toSorted());
    assert.equal(hasNodeModules, false);
  });

  await t.step("asks nobody and loads no library and no foreign code", () => {
    assert.equal(permissions.prompt, false);
    assert.equal(permissions.allow_ffi, null);
    assert.deepEqual(permissions.deny_import, []);
  });

  await t.step("sees named environment variables and facts of the system, and runs ssh alone", () => {
    assert.deepEqual(permissions.allow_env, ENVIRONMENT_VARIABLES);
    assert.ok(ENVIRONMENT_VARIABLES.length > 0);
    assert.deepEqual(permissions.allow_sys, SYSTEM_INFORMATION);
    assert.ok(SYSTEM_INFORMATION.length > 0);
    assert.deepEqual(permissions.allow_run, ["ssh"]);
  });

  await t.step("reaches any file and host that the command line names", () => {
    assert.deepEqual(permissions.allow_read, []);
    assert.deepEqual(permissions.allow_write, []);
    assert.deepEqual(permissions.allow_net, []);
  });
});

Deno.test("every environment variable that the sources name may be seen by the compiled program", async () => {
  const root = new URL("../../src/", import.meta.url);
  const named = new Set<string>();
  const directories = [root];
  for (let directory = directories.pop(); directory; directory = directories.pop()) {
    for await (const { name, isDirectory } of Deno.readDir(directory)) {
      if (isDirectory) directories.push(new URL(`${name}/`, directory));
      else if (name.endsWith(".ts")) {
        const code = await Deno.readTextFile(new URL(name, directory));
        for (const [, variable] of code.matchAll(/(?:variable|env\.get)\("([A-Z_]+)"\)/g)) {
          named.add(variable);
        }
      }
    }
  }
  assert.ok(named.has("PLAKAR_PASSPHRASE"));
  assert.deepEqual([...named].filter((variable) => !ENVIRONMENT_VARIABLES.includes(variable)), []);
});

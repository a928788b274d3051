import assert from "node:assert/strict";
import { newPlakar, plakarTest } from "./plakar.ts";

plakarTest("the fixture's plakar writes a repository, reads it back and leaves nothing running", async () => {
  await using plakar = await newPlakar();
  const repository = `${plakar.home}/repository`;
  await Deno.mkdir(`${plakar.home}/source`);
  await Deno.writeTextFile(`${plakar.home}/source/file`, "content");
  await plakar.ok(["at", repository, "create", "-plaintext"]);
  await plakar.ok(["at", repository, "backup", `${plakar.home}/source`]);
  const id = (await plakar.ok(["at", repository, "ls"])).split(/\s+/)[1];
  assert.equal(await plakar.ok(["at", repository, "cat", `${id}:file`]), "content");
  const wrong = await plakar.run(["at", repository, "cat", "ffffffff:file"]);
  assert.notEqual(wrong.code, 0);
  await plakar[Symbol.asyncDispose]();
  await Deno.mkdir(plakar.home);
  const running = [...Deno.readDirSync("/proc")].filter(({ name }) => {
    try {
      return Deno.readTextFileSync(`/proc/${name}/cmdline`).includes(plakar.home);
    } catch {
      return false;
    }
  });
  assert.deepEqual(running, []);
});

import assert from "node:assert/strict";
import { newStandIn } from "../support/stand_in.ts";

Deno.test("the program is one file: it runs from an empty directory with nothing else installed", async () => {
  await using standIn = await newStandIn();
  const directory = await Deno.makeTempDir({ prefix: "empty-" });
  try {
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(standIn.path, {
        args,
        clearEnv: true,
        env: { ...standIn.env, PLAKAR_PASSPHRASE: "Granite-otter-72-lanterns" },
        cwd: directory,
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      assert.equal(code, 0, `plakar ${args.join(" ")}: ${decoder.decode(stderr)}`);
      return decoder.decode(stdout);
    };
    await Deno.mkdir(`${directory}/source`);
    await Deno.writeTextFile(`${directory}/source/file`, "content");
    await run("at", `${directory}/repository`, "create");
    await run("at", `${directory}/repository`, "backup", `${directory}/source`);
    const id = (await run("at", `${directory}/repository`, "ls")).split(/\s+/)[1];
    await run("at", `${directory}/repository`, "restore", "-to", `${directory}/target`, id);
    assert.equal(await Deno.readTextFile(`${directory}/target/file`), "content");
    assert.deepEqual(
      [...Deno.readDirSync(directory)].map(({ name }) => name).sort(),
      ["repository", "source", "target"],
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

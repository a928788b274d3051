import assert from "node:assert/strict";
import { mountsUnder, removeUnmounted } from "../../scripts/bench/mounts.ts";

Deno.test("what is mounted below a directory is found, a plain directory has none", async () => {
  assert.ok((await mountsUnder("/")).includes("/proc"));
  const directory = await Deno.makeTempDir();
  assert.deepEqual(await mountsUnder(directory), []);
  await removeUnmounted(directory);
  await assert.rejects(Deno.stat(directory), Deno.errors.NotFound);
});

Deno.test("a directory in which something is mounted is not removed", async () => {
  // In a mount namespace of its own, which ends with the command.
  const script = new URL("../../scripts/bench/mounts.ts", import.meta.url).href;
  const directory = await Deno.makeTempDir();
  await Deno.mkdir(`${directory}/a b`);
  try {
    const code = `import { removeUnmounted } from "${script}"; await removeUnmounted(Deno.args[0]);`;
    await Deno.writeTextFile(`${directory}/remove.ts`, code);
    const { success, stderr } = await new Deno.Command("unshare", {
      args: [
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        'mount -t tmpfs tmpfs "$1/a b" && touch "$1/a b/kept" && exec "$2" run -A --quiet --no-check "$1/remove.ts" "$1"',
        "sh",
        directory,
        Deno.execPath(),
      ],
    }).output();
    assert.equal(success, false);
    assert.match(new TextDecoder().decode(stderr), /Cannot remove ".*": .*\/a b is still mounted/);
    assert.ok((await Deno.stat(`${directory}/remove.ts`)).isFile);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

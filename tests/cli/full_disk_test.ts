/** Disks that are full: real file systems of a few megabytes, where they can be mounted. */

import { deepStrictEqual, equal, match } from "node:assert/strict";
import { randomBytes } from "../../src/crypto/random.ts";
import { withStore } from "./commands/store_fixture.ts";
import { runMain } from "./fake_surroundings.ts";

/** Mounts an empty file system of so many megabytes, or returns `undefined` where that is not allowed. */
function mountSmall(directory: string, megabytes: number): Disposable | undefined {
  Deno.mkdirSync(directory, { recursive: true });
  const run = (program: string, ...args: string[]) => {
    try {
      return new Deno.Command(program, { args, stderr: "null" }).outputSync().success;
    } catch {
      return false;
    }
  };
  if (!run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "none", directory)) return undefined;
  return { [Symbol.dispose]: () => void run("umount", directory) };
}

function canMount(): boolean {
  const directory = Deno.makeTempDirSync();
  try {
    using mounted = mountSmall(directory, 1);
    return mounted !== undefined;
  } finally {
    Deno.removeSync(directory);
  }
}

const ignore = !canMount();

Deno.test(
  "a store whose disk is full ends the backup, and what was there stays whole",
  { ignore },
  () =>
    withStore(async ({ home, write, run }) => {
      using _mounted = mountSmall(`${home}/small`, 4);
      const at = `${home}/small/store`;
      equal((await run(["create", "-plaintext"], { at })).status, 0);
      await write("src/a", "content");
      equal((await run(["backup", `${home}/src`], { at })).status, 0);
      await Deno.writeFile(`${home}/src/large`, randomBytes(6_000_000));
      const { status, stdout, stderr } = await run(["backup", `${home}/src`], { at });
      equal(status, 1);
      match(
        stderr,
        /^plakar: Cannot write .*: No space left on device\nhint: Free some space, then try again\n$/m,
      );
      equal(/completed/.test(stdout), false);
      deepStrictEqual(await Array.fromAsync(Deno.readDir(`${at}/locks`)), []);
      equal((await run(["ls"], { at })).stdout.trim().split("\n").length, 1);
      equal((await run(["check"], { at })).status, 0);
      await Deno.remove(`${home}/src/large`);
      equal((await run(["backup", `${home}/src`], { at })).status, 0);
    }),
);

Deno.test(
  "a target whose disk is full gets what has room, and the rest is named",
  { ignore },
  () =>
    withStore(async ({ home, store, write, run }) => {
      await write("src/a", "content");
      await Deno.writeFile(`${home}/src/large`, randomBytes(3_000_000));
      equal((await run(["backup", `${home}/src`])).status, 0);
      using _mounted = mountSmall(`${home}/target`, 1);
      const { status, stdout, stderr } = await runMain(["at", store, "restore", "-to", `${home}/target`], {
        home,
      });
      equal(status, 3);
      match(stderr, /^[0-9a-f]{8}: KO ✘ \/large: Cannot write .*: No space left on device$/m);
      match(stdout, /: restore completed with 1 error in /);
      deepStrictEqual((await Array.fromAsync(Deno.readDir(`${home}/target`))).map(({ name }) => name), ["a"]);
      equal(await Deno.readTextFile(`${home}/target/a`), "content");
    }),
);

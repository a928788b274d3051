/** Disks that are full: real file systems of a few megabytes, where they can be mounted. */

import { deepStrictEqual, equal, match } from "node:assert/strict";
import { randomBytes } from "../../src/crypto/random.ts";
import { filesBelow, withStore } from "./commands/store_fixture.ts";
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
      // The small file may have come while the large one filled the disk.
      const restored = (await Array.fromAsync(Deno.readDir(`${home}/target`))).map(({ name }) => name);
      if (/: restore completed with 1 error in /.test(stdout)) {
        deepStrictEqual(restored, ["a"]);
        equal(await Deno.readTextFile(`${home}/target/a`), "content");
      } else {
        match(stdout, /: restore completed with 2 errors in /);
        match(stderr, /^[0-9a-f]{8}: KO ✘ \/a: Cannot .*: No space left on device$/m);
        deepStrictEqual(restored, []);
      }
    }),
);

/** Fills what is left of a small file system. */
async function fill(directory: string): Promise<void> {
  using file = await Deno.open(`${directory}/filler`, { write: true, create: true });
  const zeros = new Uint8Array(4096);
  for (let written = 1; written > 0;) written = await file.write(zeros).catch(() => 0);
}

Deno.test(
  "every command that writes says that there is no space, and leaves what was there as it was",
  { ignore },
  () =>
    withStore(async ({ home, store, write, run }) => {
      await write("src/a", "content");
      equal((await run(["backup", `${home}/src`])).status, 0);
      const small = `${home}/small`;
      using _mounted = mountSmall(small, 2);
      const configuration = ["-configdir", `${small}/config`];
      await runMain([...configuration, "source", "add", "mine", "/x", "key=value"], { home });
      await Deno.writeTextFile(`${home}/entries.yml`, "imported: {location: /x}\n");
      equal((await run(["create", "-plaintext"], { at: `${small}/store` })).status, 0);
      equal((await run(["backup", `${home}/src`], { at: `${small}/store` })).status, 0);
      const id = (await run(["ls"], { at: `${small}/store` })).stdout.split(/\s+/)[1];
      await fill(small);
      const files = async () => (await filesBelow(small)).map((line) => line.replace(/ \d+$/, ""));
      const before = await files();
      const lines = [
        ["at", `${small}/another`, "create", "-plaintext"],
        ["at", `${small}/store`, "rm", "-apply", id],
        ["at", `${small}/store`, "backup", `${home}/src`],
        ["at", store, "archive", "-output", `${small}/archive.tar`],
        ...["source", "destination", "store"].flatMap((kind) => [
          [...configuration, kind, "add", "other", "/y"],
          [...configuration, kind, "import", "-config", `${home}/entries.yml`],
        ]),
        [...configuration, "source", "set", "mine", "key=other"],
        [...configuration, "source", "unset", "mine", "key"],
        [...configuration, "source", "rm", "mine"],
        [...configuration, "config", "remote", "create", "other"],
        [...configuration, "config", "remote", "set", "mine", "key", "other"],
        [...configuration, "config", "repository", "create", "other"],
      ];
      for (const words of lines) {
        const reference = words.includes("archive") ? [(await run(["ls"])).stdout.split(/\s+/)[1]] : [];
        const { status, stderr } = await runMain([...words, ...reference], { home });
        const about = `${words.join(" ")}: ${stderr}`;
        equal(status, 1, about);
        match(stderr, /: No space left on device\nhint: Free some space, then try again\n/, about);
        deepStrictEqual(await files(), before, about);
      }
    }),
);

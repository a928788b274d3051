/** Every exit status of docs/exit-codes.md, produced by the program. */

import { deepStrictEqual, equal } from "node:assert/strict";
import { newProgram, type Program } from "../support/program.ts";
import { storeFiles } from "../support/store_files.ts";

/** What leads to each status, given a store with one snapshot. */
const SITUATIONS: Readonly<Record<number, (program: Program, store: string) => Promise<number>>> = {
  0: async (program, store) => (await program.run(["at", store, "check"])).code,
  1: async (program, store) => (await program.run(["at", store, "backup", "/does/not/exist"])).code,
  3: async (program, store) => {
    await new Deno.Command("mkfifo", { args: [`${program.home}/src/pipe`] }).output();
    await program.ok(["at", store, "backup", `${program.home}/src`]);
    return (await program.run(["at", store, "restore", "-to", `${program.home}/target`])).code;
  },
  64: async (program, store) => (await program.run(["at", store, "backup", "-no-such-option"])).code,
  65: async (program, store) => {
    for (const [name] of storeFiles(store)) {
      if (!name.includes("packfiles/")) continue;
      const bytes = await Deno.readFile(`${store}/${name}`);
      // Of each blob, and of no index of blobs: those are read when a packfile is.
      for (let i = 0; i < bytes.length - 4096; i += 16) bytes[i] ^= 1;
      await Deno.writeFile(`${store}/${name}`, bytes);
    }
    return (await program.run(["at", store, "check"])).code;
  },
  66: async (program, store) => (await program.run(["at", `${store}/none`, "ls"])).code,
  77: async (program, store) => {
    await program.ok(["at", `${store}-encrypted`, "create"]);
    return (await program.run(["at", `${store}-encrypted`, "ls"], { env: { PLAKAR_PASSPHRASE: "wrong" } }))
      .code;
  },
  78: async (program, store) => {
    await program.write("newer/stores.yml", "version: v9.0.0\nstores: {}\n");
    return (await program.run(["-configdir", `${program.home}/newer`, "at", store, "ls"])).code;
  },
  130: async (program, store) => {
    const large = `${program.home}/large`;
    await program.write("large/file", "");
    await Deno.truncate(`${large}/file`, 2 ** 40);
    await Deno.writeTextFile(`${large}/first`, "");
    const running = program.spawn(["at", store, "backup", large]);
    await running.printed("/large/first");
    running.signal("SIGINT");
    return (await running.result).code;
  },
  141: async (program, store) => {
    const cli = new URL("../../cli.ts", import.meta.url).pathname;
    const plakar = `'${Deno.execPath()}' run --quiet --allow-all '${cli}'`;
    const { code } = await new Deno.Command("bash", {
      args: ["-o", "pipefail", "-c", `${plakar} at '${store}' cat :file | head -c 10`],
      env: program.env,
      clearEnv: true,
    }).output();
    return code;
  },
};

Deno.test("each exit status of docs/exit-codes.md is what its situation ends with", async () => {
  const table = await Deno.readTextFile(new URL("../../docs/exit-codes.md", import.meta.url));
  const documented = [...table.matchAll(/^\| (\d+) /gm)].map(([, digits]) => digits);
  deepStrictEqual(Object.keys(SITUATIONS), documented);
  await using program = await newProgram();
  const store = `${program.home}/store`;
  await program.ok(["at", store, "create", "-plaintext"]);
  await program.write("src/file", "content".repeat(500_000));
  await program.ok(["at", store, "backup", `${program.home}/src`]);
  // What damages the store comes last.
  for (const status of [0, 1, 64, 66, 77, 78, 141, 3, 130, 65]) {
    equal(await SITUATIONS[status](program, store), status);
  }
});

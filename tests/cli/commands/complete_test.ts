import { deepStrictEqual, equal, match } from "node:assert/strict";
import { PASSPHRASE } from "../../support/plakar.ts";
import { runMain, TypedInput, withHome } from "../fake_surroundings.ts";
import { withStore } from "./store_fixture.ts";

Deno.test("snapshots of the store that the line names are offered, the newest first", () =>
  withStore(async ({ home, store, write, run }) => {
    await write("src/a", "");
    for (const day of ["2026-04-02", "2026-04-03", "2026-04-01"]) {
      equal((await run(["backup", "-force-timestamp", day, `${home}/src`])).status, 0);
    }
    const { stdout } = await runMain(["complete", "--", "at", store, "ls", ""], { home });
    const lines = stdout.trimEnd().split("\n");
    deepStrictEqual(lines.map((line) => line.slice(9, 19)), ["2026-04-03", "2026-04-02", "2026-04-01"]);
    match(lines[0], /^[0-9a-f]{8}\t2026-04-03T00:00:00Z .+:\/.*\/src$/);
    const start = lines[0].slice(0, 6);
    const one = await runMain(["complete", "--", "at", store, "restore", "-to", "x", start], { home });
    equal(one.stdout, `${lines[0]}\n`);
    const variables = { PLAKAR_REPOSITORY: store };
    equal((await runMain(["complete", "--", "cat", start], { home, variables })).stdout, `${lines[0]}\n`);
    await runMain(["store", "add", "mine", store], { home });
    equal((await runMain(["complete", "--", "at", "@mine", "ls", start], { home })).stdout, `${lines[0]}\n`);
  }));

Deno.test("paths in a snapshot are offered a directory at a time, as they were typed", () =>
  withStore(async ({ home, store, write, run }) => {
    for (const name of ["etc/hosts", "etc/ssh/config", "my dir/a", "\u0007bell"]) {
      await write(`src/${name}`, "");
    }
    await run(["backup", `${home}/src`]);
    const id = (await run(["ls"])).stdout.split(/\s+/)[1];
    const offered = async (start: string) =>
      (await runMain(["complete", "--", "at", store, "cat", start], { home })).stdout.trimEnd().split("\n");
    deepStrictEqual(await offered(`${id}:`), [`${id}:etc/`, `${id}:my dir/`]);
    deepStrictEqual(await offered(`${id}:etc/`), [`${id}:etc/hosts`, `${id}:etc/ssh/`]);
    deepStrictEqual(await offered(`${id.slice(0, 6)}:etc/../m`), [`${id.slice(0, 6)}:etc/../my dir/`]);
    deepStrictEqual(await offered(`${id.toUpperCase()}:${home}/src/e`), [
      `${id.toUpperCase()}:${home}/src/etc/`,
    ]);
    for (const nothing of ["ffff:", `${id}:none/`, `${id}:etc/hosts/`, "x:"]) {
      deepStrictEqual(await offered(nothing), [""]);
    }
  }));

Deno.test("where nothing can be found, nothing is offered and nothing said", () =>
  withHome(async (home) => {
    for (const store of ["/none", "@none", home]) {
      deepStrictEqual(await runMain(["complete", "--", "at", store, "ls", ""], { home }), {
        status: 0,
        stdout: "",
        stderr: "",
      });
    }
  }));

Deno.test("nobody is asked for a passphrase, and no command is run for it", () =>
  withHome(async (home) => {
    const store = `${home}/store`;
    const variables = { PLAKAR_PASSPHRASE: PASSPHRASE };
    equal((await runMain(["at", store, "create"], { home, variables })).status, 0);
    equal(
      (await runMain(["at", store, "backup", home], { home, variables })).status,
      0,
    );
    await Deno.writeTextFile(`${home}/key`, PASSPHRASE);
    await runMain(["store", "add", "mine", store, `passphrase_cmd=touch ${home}/asked`], { home });
    const offered = async (words: string[], options = {}) => {
      const stdin = new TypedInput([`${PASSPHRASE}\n`]);
      const { stdout, stderr } = await runMain(["complete", "--", ...words, "ls", ""], {
        home,
        stdin,
        ...options,
      });
      equal(stderr, "");
      return stdout !== "";
    };
    equal(await offered(["at", store]), false);
    equal(await offered(["at", "@mine"]), false);
    equal(await Deno.stat(`${home}/asked`).catch(() => "none"), "none");
    equal(await offered(["at", store], { variables }), true);
    equal(await offered(["-keyfile", `${home}/key`, "at", "@mine"]), true);
  }));

/** Backups of several sources: one snapshot of the directory that holds them. */

import { deepStrictEqual, equal, match } from "node:assert/strict";
import { newPlakar, plakarTest } from "../../support/plakar.ts";
import { newProgram } from "../../support/program.ts";
import { sshdTest, startSshd } from "../../support/sshd.ts";
import { runMain } from "../fake_surroundings.ts";
import { withStore } from "./store_fixture.ts";

/** The paths in a listing with `-recursive`. */
function paths(listing: string): string[] {
  return listing.trimEnd().split("\n").map((line) => line.split(" ").at(-1) ?? "").sort();
}

Deno.test("several sources make one snapshot of the directory that holds them, and only of them", () =>
  withStore(async ({ home, write, run }) => {
    for (const name of ["web/a", "web/b", "data/deep/x", "other/no", "file"]) await write(name, name);
    const words = ["backup", `${home}/web`, `${home}/data/deep`, `${home}/file`, `${home}/web`];
    const { status, stdout, stderr } = await run(words);
    equal(status, 0);
    match(stdout, /: backup completed without errors in /);
    match(stderr, /: 4 files \(0 unchanged\), /);
    const [line, ...more] = (await run(["ls"])).stdout.trimEnd().split("\n");
    deepStrictEqual(more, []);
    equal(line.split(" ").at(-1), home);
    const id = line.split(/\s+/)[1];
    const expected = ["data", "data/deep", "data/deep/x", "file", "web", "web/a", "web/b"];
    deepStrictEqual(
      paths((await run(["ls", "-recursive", id])).stdout),
      expected.map((path) => `${home}/${path}`),
    );
    // The next one of the same sources finds it.
    match((await run(words)).stderr, /: 4 files \(4 unchanged\), /);
    equal((await run(["check"])).status, 0);
  }));

Deno.test("each of several sources has settings of its own, and patterns count from each", () =>
  withStore(async ({ home, write, run }) => {
    for (
      const name of ["web/a.log", "web/a.o", "web/top", "data/a.log", "data/a.o", "data/top", "data/x/top"]
    ) {
      await write(name, "");
    }
    await run(["source", "add", "web", `${home}/web`, "ignore=*.log", `pre_hook=echo web >> ${home}/hooks`]);
    await run(["source", "add", "data", `${home}/data`, "ignore=*.o", `pre_hook=echo data >> ${home}/hooks`]);
    const { stdout } = await run(["backup", "-explain", "-ignore", "/top", "@web", "@data"]);
    const leftOut = [...stdout.matchAll(/left out (.*)$/gm)].map(([, text]) => text.replace(`${home}/`, ""));
    deepStrictEqual(leftOut.sort(), [
      "data/a.o: ignore of @data *.o",
      "data/top: -ignore /top",
      "web/a.log: ignore of @web *.log",
      "web/top: -ignore /top",
    ]);
    equal(await Deno.readTextFile(`${home}/hooks`), "web\ndata\n");
    const dry = await run(["backup", "-dry-run", "@web", "@data"]);
    match(dry.stdout, /dry run completed without errors in \S+: 5 files of 0 B in 4 directories/);
  }));

Deno.test("sources on different hosts, or one that is not there, are refused before anything is done", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/a", "");
    for (
      const [a, b, hint] of [
        [`${home}/src`, "sftp://h/etc", "back up each with"],
        ["sftp://h/etc", "sftp://i/etc", "user, port and options have to be the same"],
        ["sftp://h/etc", "sftp://me@h/etc", "user, port and options have to be the same"],
      ]
    ) {
      const { status, stdout, stderr } = await run(["backup", a, b]);
      deepStrictEqual([status, stdout], [64, ""]);
      match(stderr, /^plakar: Cannot back up ".*" and ".*" in one snapshot: they are not on the same host\n/);
      match(stderr, new RegExp(`^hint: ${hint}`, "m"));
    }
    const missing = await run(["backup", `${home}/src`, `${home}/none`]);
    equal(missing.status, 1);
    match(missing.stderr, /^plakar: failed to create an importer for .*\/none: /);
    equal((await run(["ls"])).stdout, "");
  }));

plakarTest("a snapshot of several sources is what plakar makes of them", async () => {
  await using plakar = await newPlakar();
  const { home } = plakar;
  const root = `${home}/sources`;
  for (const name of ["web/a", "data/deep/x", "data/y", "one"]) {
    await Deno.mkdir(`${root}/${name.slice(0, name.lastIndexOf("/") + 1)}`, { recursive: true });
    await Deno.writeTextFile(`${root}/${name}`, name);
  }
  const store = `${home}/store`;
  await plakar.ok(["at", store, "create", "-plaintext"]);
  const idIn = (stdout: string) => /^([0-9a-f]{8}): backup completed/m.exec(stdout)?.[1] ?? stdout;
  for (
    const names of [
      ["web", "data"],
      ["web", "data/deep"],
      ["one", "web"],
      ["one", "data/deep/x"],
      ["data", "data/deep"],
      ["data/deep", "data"],
      ["data", "data"],
      ["web", "web/a"],
    ]
  ) {
    const sources = names.map((name) => `${root}/${name}`);
    const theirs = idIn(await plakar.ok(["at", store, "backup", ...sources]));
    for (const lock of Deno.readDirSync(`${store}/locks`)) Deno.removeSync(`${store}/locks/${lock.name}`);
    const ours = idIn((await runMain(["at", store, "backup", ...sources], { home })).stdout);
    const ls = async (...words: string[]) => (await runMain(["at", store, "ls", ...words], { home })).stdout;
    const sizeAndDirectory = async (id: string) =>
      (await ls()).split("\n").find((line) => line.includes(id))?.slice(31);
    equal(await sizeAndDirectory(ours), await sizeAndDirectory(theirs), names.join(" "));
    equal(await ls("-recursive", ours), await ls("-recursive", theirs), names.join(" "));
  }
  match(await plakar.ok(["at", store, "check"]), /completed without errors/);
});

sshdTest("several directories of a server are backed up over one login", async () => {
  await using sshd = await startSshd();
  await using program = await newProgram();
  await program.write(".ssh/known_hosts", sshd.knownHosts);
  const root = `${sshd.directory}/data`;
  for (const name of ["etc/hosts", "srv/site/index", "home/no"]) {
    await Deno.mkdir(`${root}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${name}`, name);
  }
  await program.ok([
    ...["source", "add", "web", `sftp://${sshd.user}@${sshd.host}:${sshd.port}/`],
    `identity_file=${sshd.clientKeys.ed25519.path}`,
  ]);
  const store = `${program.home}/store`;
  await program.ok(["at", store, "create", "-plaintext"]);
  const sources = [`@web:${root}/etc`, `@web:${root}/srv/site`];
  await program.ok(["at", store, "backup", "-concurrency", "1", ...sources]);
  const listing = await program.ok(["at", store, "ls", "-recursive", ":/"]);
  deepStrictEqual(
    paths(listing).filter((path) => path.startsWith(`${root}/`)),
    ["etc", "etc/hosts", "srv", "srv/site", "srv/site/index"].map((path) => `${root}/${path}`),
  );
  // One login lists both; the other is the pipeline's, which reads them.
  const logins = sshd.log().match(/Accepted publickey/g) ?? [];
  equal(logins.length, 2);
});

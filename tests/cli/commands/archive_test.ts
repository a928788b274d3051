import assert from "node:assert/strict";
import { peerTest } from "../../support/peers.ts";
import { runOn } from "../../snapshot/archive/archive_fixture.ts";
import { type StoreFixture, withStore } from "./store_fixture.ts";

/** The short id of a snapshot of two files. */
async function twoFiles({ run, write, home }: StoreFixture): Promise<string> {
  await write("source/one", "1\n");
  await write("source/sub/two", "2\n");
  assert.equal((await run(["backup", `${home}/source`])).status, 0);
  return (await run(["ls"])).stdout.split(/\s+/)[1];
}

peerTest(
  ["tar"],
  "an archive goes to a file named after the time, and nothing is printed",
  () =>
    withStore(async (fixture) => {
      const { run, home } = fixture;
      const id = await twoFiles(fixture);
      for (const [format, suffix] of [["tar", "tar"], ["tarball", "tar.gz"], ["zip", "zip"]]) {
        assert.deepEqual(await run(["archive", "-format", format, id]), {
          status: 0,
          stdout: "",
          stderr: "",
        });
        assert.ok((await Deno.stat(`${home}/plakar-2026-05-01T10:00:00Z.${suffix}`)).size > 0);
      }
      const list = await runOn("tar", ["-tzf", `${home}/plakar-2026-05-01T10:00:00Z.tar.gz`]);
      const root = `${home.slice(1)}/source/`;
      const names = ["", "one", "sub/", "sub/two"].map((name) => `${root}${name}\n`).join("");
      assert.equal(new TextDecoder().decode(list), names);
    }),
);

Deno.test("an archive appears when it is whole: a failure leaves what was there", () =>
  withStore(async (fixture) => {
    const { run, home, write } = fixture;
    const id = await twoFiles(fixture);
    const there = await write("there.tar", "what was there");
    const before = [...Deno.readDirSync(home)].length;
    const failed = await run(["archive", "-output", "there.tar", `${id}:nowhere`]);
    assert.equal(failed.status, 1);
    assert.match(failed.stderr, /^plakar: Cannot find "[^"]+\/source\/nowhere" in snapshot/);
    assert.equal(await Deno.readTextFile(there), "what was there");
    assert.equal([...Deno.readDirSync(home)].length, before);
    await Deno.chmod(there, 0o644);
    assert.equal((await run(["archive", "-output", "there.tar", "-format", "tar", id])).status, 0);
    const { mode, size } = await Deno.stat(there);
    assert.equal((mode ?? 0) & 0o777, 0o644);
    assert.ok(size > 1024);
  }));

Deno.test("an archive for others to read needs their file, its own is private", () =>
  withStore(async (fixture) => {
    const id = await twoFiles(fixture);
    await fixture.run(["archive", "-output", "new.tar", id]);
    assert.equal(((await Deno.stat(`${fixture.home}/new.tar`)).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("a device that is named is written to, never replaced", () =>
  withStore(async (fixture) => {
    const id = await twoFiles(fixture);
    assert.equal((await fixture.run(["archive", "-output", "/dev/null", id])).status, 0);
    assert.equal((await Deno.stat("/dev/null")).isFile, false);
  }));

Deno.test("an archive on standard output is not mixed with anything", () =>
  withStore(async (fixture) => {
    const id = await twoFiles(fixture);
    const { run } = fixture;
    const { status, stdout, stderr } = await run(["archive", "-format", "tar", "-output", "-", id]);
    assert.deepEqual([status, stderr, stdout.length % 512], [0, "", 0]);
    assert.equal((await run(["archive", "-json", "-output", "-", id])).status, 64);
    const shown = await run(["archive", "-output", "-", id], { terminal: true });
    assert.equal(shown.status, 64);
    assert.match(shown.stderr, /it is a terminal/);
  }));

Deno.test("with -json, the archive is told of", () =>
  withStore(async (fixture) => {
    const id = await twoFiles(fixture);
    const { stdout } = await fixture.run(["archive", "-json", "-output", "a.zip", "-format", "zip", id]);
    const { type, data, snapshot } = JSON.parse(stdout);
    assert.deepEqual([type, data], ["archived", { file: "a.zip", format: "zip", members: 4, size: 4 }]);
    assert.ok(snapshot.startsWith(id));
  }));

import assert from "node:assert/strict";
import { differences, growTree, growUnprintable, listTree } from "../support/file_tree.ts";
import { sshdTest } from "../support/sshd.ts";
import { newSite, type Site } from "./site.ts";

/** A snapshot of a directory with every kind of file that can be restored, and an empty directory to restore to. */
async function withSnapshot(
  run: (context: { site: Site; id: string; source: string; target: string }) => Promise<void>,
): Promise<void> {
  await using site = await newSite();
  const source = `${site.served}/source`;
  const target = `${site.served}/target`;
  await growTree(source);
  await growUnprintable(`${source}/bytes`);
  await Deno.remove(`${source}/pipe`);
  await Deno.mkdir(target);
  await site.ok("backup", `${site.location}/source`);
  await run({ site, id: await site.newest(), source, target });
}

sshdTest(
  "a restore over SFTP gives back every byte of contents, names, modes, owners and times",
  async () => {
    await withSnapshot(async ({ site, id, source, target }) => {
      await Deno.remove(target);
      await site.ok("restore", "-to", `${site.location}/target`, id);
      const restored = await listTree(target, "s");
      assert.deepEqual(differences(restored, await listTree(source, "s")), []);
      assert.match(restored.get("setuid") ?? "", /^f 04755 /);
      assert.match(restored.get("sticky") ?? "", /^d 01777 /);
      assert.ok(restored.has("bytes/\xff\xfe\x80"));
    });
  },
);

sshdTest(
  "what is there is replaced in one step, what is not in the snapshot stays, and so does the target",
  async () => {
    await withSnapshot(async ({ site, id, source, target }) => {
      await Deno.writeTextFile(`${target}/program`, "an older program", { mode: 0o444 });
      await Deno.link(`${target}/program`, `${site.served}/older program`);
      await Deno.mkdir(`${target}/many`, { mode: 0o700 });
      await Deno.writeTextFile(`${target}/many/other`, "not in the snapshot");
      await Deno.writeTextFile(`${site.served}/outside`, "outside of the target");
      await Deno.symlink(`${site.served}/outside`, `${target}/empty`);
      await Deno.symlink("somewhere else", `${target}/link`);
      await Deno.writeTextFile(`${target}/setuid`, "", { mode: 0o600 });
      await Deno.chmod(target, 0o2705);
      if (Deno.uid() === 0) await Deno.chown(target, 123, 456);
      const before = Deno.lstatSync(target);

      await site.ok("restore", "-to", `${site.location}/target`, id);
      const { mode, uid, gid } = Deno.lstatSync(target);
      assert.deepEqual([mode, uid, gid], [before.mode, before.uid, before.gid]);
      assert.equal(await Deno.readTextFile(`${target}/many/other`), "not in the snapshot");
      await Deno.remove(`${target}/many/other`);
      await Deno.utime(`${target}/many`, new Date(), Deno.lstatSync(`${source}/many`).mtime ?? new Date());
      assert.deepEqual(differences(await listTree(target, "s"), await listTree(source, "s")), []);
      assert.equal(await Deno.readTextFile(`${site.served}/older program`), "an older program");
      assert.equal(await Deno.readTextFile(`${site.served}/outside`), "outside of the target");
    });
  },
);

sshdTest("nothing is written through a link out of the target, or over a directory", async () => {
  await withSnapshot(async ({ site, id, target }) => {
    await Deno.mkdir(`${site.served}/outside`);
    await Deno.symlink(`${site.served}/outside`, `${target}/names`);
    await Deno.mkdir(`${target}/program/in the way`, { recursive: true });
    const { code, stderr } = await site.run("restore", "-to", `${site.location}/target`, id);
    assert.deepEqual([...Deno.readDirSync(`${site.served}/outside`)], []);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /KO ✘ \/program: /);
    assert.ok(Deno.statSync(`${target}/program/in the way`).isDirectory);
    assert.equal(await Deno.readTextFile(`${target}/secret`), "secret\n", "the rest is restored");
  });
});

sshdTest("where names must be text, those that are not are told, and the rest is restored", async () => {
  await withSnapshot(async ({ site, id, source }) => {
    const target = `${site.program.home}/target`;
    const { code, stderr } = await site.run("restore", "-to", target, id);
    assert.equal(code, 3);
    assert.match(stderr, /KO ✘ \/bytes\/caf\S+: /);
    const expected = [...await listTree(source, "s")].filter(([name]) => !name.startsWith("bytes/"));
    const restored = [...await listTree(target, "s")].filter(([name]) => !name.startsWith("bytes/"));
    assert.deepEqual(differences(restored, expected), []);
    assert.deepEqual([...Deno.readDirSync(`${target}/bytes`)].map(({ name }) => name), ["\x01\x1b[31m"]);
  });
});

sshdTest("that a server cannot flush files is told once, and no failure", async () => {
  await using site = await newSite(["Subsystem sftp internal-sftp -P fsync,limits"]);
  for (const name of ["one", "two"]) await Deno.writeTextFile(`${site.served}/${name}`, name);
  await site.ok("backup", site.location);
  const { code, stderr } = await site.run("restore", "-to", `${site.location}/target`, await site.newest());
  assert.equal(code, 0);
  assert.match(stderr, /^warn: Could not flush to the disk "\/(one|two)" and 1 more: .*does not offer fsync/);
});

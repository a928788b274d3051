import assert from "node:assert/strict";
import { differences, growTree, growUnprintable, listTree } from "../support/file_tree.ts";
import { findProgram, peerTest } from "../support/peers.ts";
import { plakarTest } from "../support/plakar.ts";
import { resultOf } from "../support/program.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { newSharedStore, type SharedStore } from "./shared_store.ts";
import { withoutOwners, withoutPipes } from "./source_tree.ts";

/** The package of plakar's SFTP plugin, which is handed out to those with an account only. */
const PLUGIN = Deno.env.get("PLAKAR_SFTP_PLUGIN");
const SETTINGS = { encrypted: true, compression: "LZ4", hashing: "BLAKE3" } as const;

const hasServer = ["sshd", "ssh", "ssh-keygen"].every(findProgram);
const test = hasServer ? plakarTest : peerTest.bind(undefined, ["sshd", "ssh", "ssh-keygen"]);

test("plakar reads what we back up from an SSH server, names of any bytes included", async () => {
  await using sshd = await startSshd();
  await using store = await newSharedStore(SETTINGS, "cheap");
  const { source, location } = await serve(sshd, store);
  const listing = await listTree(source, "s");
  assert.ok(listing.has("bytes/caf\xe9") && listing.has("bytes/\xff\xfe\x80"), "the server has them");

  await store.ours("backup", location);
  const [id] = await store.snapshots();
  const listed = await store.theirs("ls", "-recursive", id);
  assert.equal(listed.trim().split("\n").length, listing.size);
  assert.equal(await store.ours("ls", "-recursive", id), listed);
  assert.equal(await store.ours("info", id), await store.theirs("info", id));
  assert.match(await store.theirs("check", id), /: check completed without errors in /);
  await store.theirs("restore", "-to", `${store.directory}/restored`, id);
  const restored = withoutPipes(withoutOwners(await listTree(`${store.directory}/restored`, "s")));
  assert.deepEqual(differences(restored, withoutPipes(withoutOwners(listing))), []);

  const { files_read, files_unchanged } = resultOf(await store.ours("-json", "backup", location));
  assert.deepEqual([files_read, files_unchanged], [0, regularFiles(listing)]);
  for (let i = 0; i < 2; i++) {
    assert.match(await store.theirs("maintenance"), /Coloured 0 packfiles \(0 orphaned\)/);
  }
});

const extending = "both extend each other's snapshots of an SSH server";
if (PLUGIN === undefined) {
  Deno.test.ignore(`${extending} (PLAKAR_SFTP_PLUGIN names no package of plakar's SFTP plugin)`, () => {});
} else {
  test(extending, async () => {
    await using sshd = await startSshd();
    await using store = await newSharedStore(SETTINGS, "cheap");
    const { source, location, searchPath } = await serve(sshd, store);
    await store.plakar.ok(["pkg", "add", PLUGIN]);
    // plakar's plugins speak in UTF-8.
    await Deno.remove(`${source}/bytes`, { recursive: true });
    const files = regularFiles(await listTree(source, "s"));
    const theirBackup = async () => {
      const options = { env: { PATH: searchPath } };
      const { code, stdout, stderr } = await store.plakar.run(
        ["at", store.path, "backup", location],
        options,
      );
      for (const lock of Deno.readDirSync(`${store.path}/locks`)) {
        Deno.removeSync(`${store.path}/locks/${lock.name}`);
      }
      assert.deepEqual([code, stderr], [0, ""], stdout.slice(-500));
    };
    await store.ours("backup", location);
    await theirBackup();
    const { files_read, files_unchanged, parent } = resultOf(await store.ours("-json", "backup", location));
    const ids = await store.snapshots();
    assert.deepEqual([files_read, files_unchanged, parent], [0, files, ids[1]]);
    await theirBackup();
    assert.match(await store.theirs("maintenance"), /Coloured 0 packfiles \(0 orphaned\)/);
    for (const id of await store.snapshots()) {
      assert.match(await store.ours("check", id), /: check completed without errors in /);
      assert.match(await store.theirs("check", id), /: check completed without errors in /);
    }
  });
}

/** Makes a directory on the server, and leads our program and ssh to the server by the name `myserver`. */
async function serve(
  sshd: Sshd,
  { program, directory }: SharedStore,
): Promise<{ source: string; location: string; searchPath: string }> {
  const source = `${sshd.directory}/source`;
  await growTree(source);
  await growUnprintable(`${source}/bytes`);
  await program.write(".ssh/known_hosts", sshd.knownHosts);
  const configuration = await program.write(
    ".ssh/config",
    [
      "Host myserver",
      `  HostName ${sshd.host}`,
      `  Port ${sshd.port}`,
      `  User ${sshd.user}`,
      `  IdentityFile ${sshd.clientKeys.ed25519.path}`,
      `  UserKnownHostsFile ${program.home}/.ssh/known_hosts`,
    ].join("\n"),
  );
  // ssh looks for its configuration in the home that the system knows, not in $HOME.
  await Deno.mkdir(`${directory}/bin`);
  const ssh = `#!/bin/sh\nexec ${findProgram("ssh")} -F ${configuration} "$@"\n`;
  await Deno.writeTextFile(`${directory}/bin/ssh`, ssh, { mode: 0o755 });
  const searchPath = `${directory}/bin:${program.env.PATH}`;
  return { source, location: `sftp://myserver${source}`, searchPath };
}

function regularFiles(listing: Map<string, string>): number {
  return [...listing.values()].filter((line) => line.startsWith("f ")).length;
}

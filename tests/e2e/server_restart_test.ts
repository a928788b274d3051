import assert from "node:assert/strict";
import { startFaultyProxy } from "../support/faulty_proxy.ts";
import type { RunningProgram } from "../support/program.ts";
import { sshdTest } from "../support/sshd.ts";
import { assertTidy } from "../support/store_files.ts";
import { newSite, type Site } from "./site.ts";

const MIB = 1024 * 1024;
const BIG = 96;

/** Many small files and a big one on the server. */
async function writeTree(directory: string): Promise<void> {
  await Deno.mkdir(`${directory}/small`, { recursive: true });
  for (let i = 0; i < 300; i++) await Deno.writeTextFile(`${directory}/small/${i}`, `file ${i}\n`);
  await Deno.symlink("small/1", `${directory}/link`);
  await using file = await Deno.open(`${directory}/big`, { write: true, create: true });
  const piece = new Uint8Array(65536);
  for (let at = 0; at < BIG * MIB; at += piece.length) await file.write(crypto.getRandomValues(piece));
}

/** Fails if two trees differ in a byte. */
async function assertSame(one: string, other: string): Promise<void> {
  const { code, stdout } = await new Deno.Command("diff", { args: ["-r", one, other] }).output();
  assert.equal(code, 0, new TextDecoder().decode(stdout));
}

/** Waits until something holds, and fails if the program ends before that. */
async function until(holds: () => boolean, running: RunningProgram): Promise<void> {
  let ended = false;
  running.result.then(() => ended = true);
  while (!holds()) {
    assert.ok(!ended, `the program ended too early: ${(ended && (await running.result).stderr) || ""}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** The server's sshd and all its sessions end, and it comes back when the program has noticed. */
async function restart(site: Site, running: RunningProgram): Promise<void> {
  await site.sshd.stop();
  await running.printed("trying again for up to 5 minutes");
  await site.sshd.start();
}

function assertSurvived({ code, stderr }: { code: number; stderr: string }): void {
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^warn: .*(Lost the connection to "myserver"|ssh to "myserver" ended).*; connecting again$/m,
  );
  assert.match(stderr, /^warn: Connected to "myserver" again after \d+ s$/m);
}

/** How many bytes lie below a path, while files come and go. */
function bytesBelow(path: string): number {
  try {
    const { isDirectory, size } = Deno.lstatSync(path);
    if (!isDirectory) return size;
    return [...Deno.readDirSync(path)].reduce((sum, { name }) => sum + bytesBelow(`${path}/${name}`), 0);
  } catch {
    return 0;
  }
}

for (const transport of ["builtin", "openssh"]) {
  sshdTest(`a backup and a restore survive a restart of sshd (${transport})`, async () => {
    await using site = await newSite();
    const tree = `${site.served}/tree`;
    await writeTree(tree);
    const at = ["at", site.store];
    // The program ssh takes its home from the system, not from the environment.
    const by = transport === "builtin" ? [] : [
      ...["-o", "transport=openssh", "-o", `ssh_config=${site.program.home}/.ssh/config`],
      ...["-o", `UserKnownHostsFile=${site.program.home}/.ssh/known_hosts`],
    ];

    const backup = site.program.spawn([...at, "backup", ...by, `${site.location}/tree`]);
    await until(() => bytesBelow(site.store) > 20 * MIB, backup);
    await restart(site, backup);
    assertSurvived(await backup.result);
    await site.ok("check");
    const local = `${site.program.home}/local`;
    await site.ok("restore", "-to", local, await site.newest());
    await assertSame(tree, local);

    const restored = `${site.served}/restored`;
    const args = ["restore", ...by, "-to", `${site.location}/restored`, await site.newest()];
    const restore = site.program.spawn([...at, ...args]);
    await until(() => bytesBelow(restored) > 20 * MIB, restore);
    await restart(site, restore);
    assertSurvived(await restore.result);
    // Nothing with a temporary name is left either.
    await assertSame(tree, restored);
  });
}

sshdTest("a file that changes during an outage is an error of that file", async () => {
  await using site = await newSite();
  const tree = `${site.served}/tree`;
  await writeTree(tree);
  const backup = site.program.spawn(["at", site.store, "backup", `${site.location}/tree`]);
  await until(() => bytesBelow(site.store) > 20 * MIB, backup);
  await site.sshd.stop();
  await backup.printed("trying again");
  await Deno.writeTextFile(`${tree}/big`, "no longer what it was", { append: true });
  await site.sshd.start();
  const { code, stdout, stderr } = await backup.result;
  assert.equal(code, 3, stderr);
  assert.match(stdout + stderr, /big.*the connection was lost meanwhile, and the file changed/);
  assert.equal(await site.ok("cat", `${await site.newest()}:${tree}/small/7`), "file 7\n");
  await site.ok("check");
});

for (const command of ["backup", "restore"]) {
  sshdTest(`SIGINT ends a ${command} that waits for the server`, async () => {
    await using site = await newSite();
    const tree = `${site.served}/tree`;
    await writeTree(tree);
    const target = `${site.served}/target`;
    if (command === "restore") await site.ok("backup", `${site.location}/tree`);
    const args = command === "backup"
      ? ["backup", `${site.location}/tree`]
      : ["restore", "-to", `${site.location}/target`, await site.newest()];
    const before = bytesBelow(site.store);
    const running = site.program.spawn(["at", site.store, ...args]);
    await until(
      () => bytesBelow(command === "backup" ? site.store : target) > before % MIB + 20 * MIB,
      running,
    );
    await site.sshd.stop();
    await running.printed("trying again");
    running.signal("SIGINT");
    const { code, stderr } = await running.result;
    assert.equal(code, 130, stderr);
    assertTidy(site.store);
    assert.equal(bytesBelow(site.store), before);
  });
}

sshdTest("a backup survives a line that is dead for thirty seconds", async () => {
  await using site = await newSite();
  await using proxy = startFaultyProxy(site.sshd.port);
  const known = site.sshd.knownHosts.replaceAll(`:${site.sshd.port} `, `:${proxy.port} `);
  await site.program.write(".ssh/known_hosts", known);
  await site.configure({ port: proxy.port });
  const tree = `${site.served}/tree`;
  await writeTree(tree);
  const limits = ["ServerAliveInterval=2", "ServerAliveCountMax=2", "ConnectTimeout=5"];
  const options = limits.flatMap((limit) => ["-o", limit]);
  const args = ["at", site.store, "backup", ...options, `${site.location}/tree`];
  const backup = site.program.spawn(args);
  await until(() => proxy.received > 20 * MIB, backup);
  proxy.freeze();
  await new Promise((resolve) => setTimeout(resolve, 30_000));
  proxy.thaw();
  const result = await backup.result;
  assertSurvived(result);
  assert.match(result.stderr, /does not answer any more/);
  assert.match(result.stderr, /no answer in 5 s during the key exchange; trying again/);
  const local = `${site.program.home}/local`;
  await site.ok("restore", "-to", local, await site.newest());
  await assertSame(tree, local);
});

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { RunningProgram } from "../support/program.ts";
import { sshdTest } from "../support/sshd.ts";
import { assertTidy, storeFiles } from "../support/store_files.ts";
import { connectThroughProxy, newSite, type Site } from "./site.ts";

const MIB = 1024 * 1024;

/** A snapshot of something small, and something big on the server that is in no snapshot yet. */
async function withBigFile(run: (site: Site, id: string) => Promise<void>): Promise<void> {
  await using site = await newSite();
  await Deno.writeTextFile(`${site.served}/small`, "small\n");
  await site.ok("backup", site.location);
  const id = await site.newest();
  await using file = await Deno.open(`${site.served}/big`, { write: true, create: true });
  const piece = new Uint8Array(65536);
  for (let at = 0; at < 96 * MIB; at += piece.length) await file.write(crypto.getRandomValues(piece));
  await run(site, id);
}

/** Waits until something holds, and fails if the program ends before that. */
async function until(holds: () => boolean, running: RunningProgram): Promise<void> {
  let ended = false;
  running.result.then(() => ended = true);
  while (!holds()) {
    assert.ok(!ended, "the program ended too early");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const CASES = [["SIGINT", "busy"], ["SIGINT", "dead"], ["SIGTERM", "busy"]] as const;

for (const [signal, line] of CASES) {
  sshdTest(`${signal} ends a backup over a ${line} line and leaves the store as it was`, async () => {
    await withBigFile(async (site, id) => {
      await using proxy = await connectThroughProxy(site);
      const before = storeFiles(site.store);
      const running = site.program.spawn(["at", site.store, "backup", site.location]);
      await until(() => proxy.received > 20 * MIB, running);
      assert.notEqual(storeFiles(site.store).size, before.size, "there is a lock at least");
      if (line === "dead") proxy.freeze();
      running.signal(signal);
      const { code, stderr } = await running.result;
      assert.equal(code, 130, stderr);
      assert.match(stderr, /^plakar: Interrupted$/m);
      assert.deepEqual(storeFiles(site.store), before);

      proxy.thaw();
      await site.ok("backup", site.location);
      await site.ok("check");
      assert.equal(await site.ok("cat", `${id}:small`), "small\n");
    });
  });
}

sshdTest("SIGINT ends a restore over a dead line", async () => {
  await withBigFile(async (site) => {
    await site.ok("backup", site.location);
    await using proxy = await connectThroughProxy(site);
    const target = `${site.served}/target`;
    const running = site.program.spawn([
      ...["at", site.store, "restore", "-to", `${site.location}/target`],
      await site.newest(),
    ]);
    await until(() => existsSync(target) && [...Deno.readDirSync(target)].length > 0, running);
    proxy.freeze();
    running.signal("SIGINT");
    const { code, stderr } = await running.result;
    assert.equal(code, 130, stderr);
    assertTidy(site.store);
  });
});

sshdTest("SIGINT ends a restore by several threads, over a line that lives or is dead", async () => {
  await using site = await newSite();
  await Deno.mkdir(`${site.served}/many`);
  for (let i = 0; i < 4000; i++) await Deno.writeTextFile(`${site.served}/many/${i}`, `file ${i}\n`);
  await site.ok("backup", `${site.location}/many`);
  const id = await site.newest();
  await using proxy = await connectThroughProxy(site);
  for (const line of ["living", "dead"]) {
    const target = `${site.served}/${line}`;
    const location = `${site.location}/${line}`;
    const running = site.program.spawn([
      "at",
      site.store,
      "-connections",
      "2",
      "restore",
      "-to",
      location,
      id,
    ]);
    const names = () => existsSync(target) ? [...Deno.readDirSync(target)].map(({ name }) => name) : [];
    // By then another thread works, too.
    await until(() => names().length > 1000, running);
    if (line === "dead") proxy.freeze();
    const began = performance.now();
    running.signal("SIGINT");
    const { code, stderr } = await running.result;
    assert.equal(code, 130, stderr);
    assert.ok(performance.now() - began < 15_000, "nobody waits for a line that is dead");
    if (line === "living") assert.deepEqual(names().filter((name) => name.startsWith(".plakar-")), []);
    assertTidy(site.store);
  }
});

for (const where of ["over SFTP", "to this machine"]) {
  sshdTest(`SIGINT ends a restore ${where} and leaves whole files only`, async () => {
    await withBigFile(async (site) => {
      await site.ok("backup", site.location);
      const id = await site.newest();
      const target = where === "over SFTP" ? `${site.served}/target` : `${site.program.home}/target`;
      await Deno.mkdir(target);
      await Deno.writeTextFile(`${target}/big`, "what was there before");
      const location = where === "over SFTP" ? `${site.location}/target` : target;
      const running = site.program.spawn(["at", site.store, "restore", "-to", location, id]);
      const names = () => [...Deno.readDirSync(target)].map(({ name }) => name);
      const isTemporary = (name: string) => name !== "big" && name !== "small";
      await until(
        () => names().some((name) => isTemporary(name) && sizeOf(`${target}/${name}`) > MIB),
        running,
      );
      running.signal("SIGINT");
      const { code, stderr } = await running.result;
      assert.equal(code, 130, stderr);
      assert.deepEqual(names().filter(isTemporary), []);
      assert.equal(await Deno.readTextFile(`${target}/big`), "what was there before");
      assertTidy(site.store);
      await site.ok("restore", "-to", location, id);
      assert.equal(Deno.statSync(`${target}/big`).size, 96 * MIB);
    });
  });
}

function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    // It has been renamed or removed.
    return 0;
  }
}

import assert from "node:assert/strict";
import { sshdTest } from "../support/sshd.ts";
import { connectThroughProxy, newSite } from "./site.ts";

const FILES = 4000;

sshdTest("a backup and a restore go on with the connections that the server allows", async () => {
  await using site = await newSite();
  await Deno.mkdir(`${site.served}/many`);
  for (let i = 0; i < FILES; i++) await Deno.writeTextFile(`${site.served}/many/${i}`, `file ${i}\n`);
  await using proxy = await connectThroughProxy(site);

  // One lists the directory, another reads the files: whichever of two that is, the third is refused.
  proxy.refuseAfter(2);
  const backup = await site.run("-connections", "2", "backup", `${site.location}/many`);
  assert.equal(backup.code, 0, backup.stderr);

  proxy.refuseAfter(1);
  const args = ["-connections", "2", "restore", "-to", `${site.location}/again`, await site.newest()];
  const restore = await site.run(...args);
  assert.equal(restore.code, 0, restore.stderr);
  assert.match(
    restore.stderr,
    /^warn: Going on with 1 of 2 threads: Cannot connect to "myserver" port \d+: the server hung up/m,
  );
  for (let i = 0; i < FILES; i++) {
    assert.equal(await Deno.readTextFile(`${site.served}/again/${i}`), `file ${i}\n`);
  }
});

import assert from "node:assert/strict";
import { sshdTest, startSshd } from "../../support/sshd.ts";
import { configFor } from "./ssh_config_file.ts";
import { withStore } from "./store_fixture.ts";

sshdTest(
  "a snapshot of a server is compared with the server as it is now",
  () =>
    withStore(async ({ run, home, write }) => {
      await using sshd = await startSshd();
      const option = ["-o", `ssh_config=${await configFor(sshd, home)}`];
      await write("etc/hosts", "localhost\n");
      await write("etc/ssh/config", "Port 22\n");
      await write("etc/ssh/same", "same\n");
      const etc = `${home}/etc`;
      const made = await run(["backup", ...option, `sftp://web${etc}`]);
      assert.equal(made.status, 0, made.stderr);
      const id = (await run(["ls"])).stdout.split(/\s+/)[1];
      const diff = async (...words: string[]) => {
        const { status, stdout, stderr } = await run(["diff", ...option, ...words]);
        assert.deepEqual([status, stderr], [0, ""]);
        return stdout;
      };
      const common = `Common subdirectories: ${etc}/ssh and web:${etc}/ssh\n`;
      assert.equal(await diff("-recursive", id, `sftp://web${etc}`), common);

      await write("etc/ssh/config", "Port 2222\n");
      await write("etc/new", "");
      await Deno.remove(`${etc}/hosts`);
      const changed =
        `--- ${id}:${etc}/ssh/config\n+++ web:${etc}/ssh/config\n@@ -1,2 +1,2 @@\n-Port 22\n+Port 2222\n \n`;
      const all = `Only in ${etc}: hosts\nOnly in web:${etc}: new\n${common}${changed}`;
      assert.equal(await diff("-recursive", id, `sftp://web${etc}`), all);
      // A location without a path means the snapshot's.
      assert.equal(await diff("-recursive", id, "sftp://web"), all);
      assert.equal(await diff(`${id}:ssh/config`, "sftp://web"), changed);
      // And a snapshot without one means the location's, if it has that.
      assert.equal(await diff(id, `sftp://web${etc}/ssh/config`), changed);
      assert.equal(
        await diff(`${id}:ssh`, "web:"),
        `Files ${etc}/ssh/config and web:${etc}/ssh/config differ\n`,
      );
      assert.equal((await run(["source", "add", "web", `sftp://web${etc}`, option[1]])).status, 0);
      assert.equal((await run(["diff", "-recursive", id, "@web"])).stdout, all);
      assert.equal((await run(["diff", `${id}:ssh/config`, "@web:ssh/config"])).stdout, changed);

      // What kept its size and time is read only if that is asked for.
      const { mtime, atime } = await Deno.stat(`${etc}/ssh/same`);
      await write("etc/ssh/same", "Same\n");
      await Deno.utime(`${etc}/ssh/same`, atime ?? 0, mtime ?? 0);
      const difference = /\n-same\n\+Same\n/;
      assert.doesNotMatch(await diff("-recursive", `${id}:ssh`, "sftp://web"), difference);
      assert.match(await diff("-recursive", "-contents", `${id}:ssh`, "sftp://web"), difference);
      assert.match(await diff(`${id}:ssh/same`, "sftp://web"), difference);
    }),
);

import assert from "node:assert/strict";
import { freePort, generateKey, sshdTest } from "../support/sshd.ts";
import { storeFiles } from "../support/store_files.ts";
import { newSite, type Site } from "./site.ts";

/** Something that is wrong between the person and the directory on the server. */
interface Obstacle {
  what: string;
  /** Puts it in the way, and returns the location to use. */
  prepare(site: Site): Promise<string>;
  /** What the error says. */
  message: RegExp;
  /** What is to be done about it. */
  hint?: RegExp;
  /** Whether it is in the way of a backup only: a restore makes what is missing. */
  backupOnly?: boolean;
}

const OBSTACLES: Obstacle[] = [
  {
    what: "an unknown host",
    prepare: () => Promise.resolve("sftp://no-such-host.invalid/etc"),
    message: /sftp:\/\/no-such-host\.invalid\/etc: Cannot find the address of "no-such-host\.invalid"/,
    hint: /Check the spelling/,
  },
  {
    what: "a port that refuses connections",
    prepare: async (site) => {
      await site.configure({ port: freePort() });
      return site.location;
    },
    message: /Cannot connect to "127\.0\.0\.1" port \d+: the connection was refused/,
    hint: /Check the port, and that sshd is running/,
  },
  {
    what: "a key that the server does not accept",
    prepare: async (site) => {
      const { path } = await generateKey(`${site.program.home}/strange_key`, "-t", "ed25519");
      await site.configure({ identity: path });
      return site.location;
    },
    message: /Cannot log in to "myserver" as "\S+": .*refused: the key "\S+\/strange_key"/,
    hint: /authorized_keys/,
  },
  {
    what: "a key that is not there",
    prepare: async (site) => {
      await site.configure({ identity: `${site.program.home}/no_key` });
      return site.location;
    },
    message:
      /Cannot log in to "myserver" as "\S+": nothing was accepted; there is no key to try, and no agent \(the server accepts: publickey\)/,
  },
  {
    what: "a host key that is not known",
    prepare: async (site) => {
      await site.program.write(".ssh/known_hosts", "");
      return site.location;
    },
    message:
      /Cannot trust "myserver": its \S+ key SHA256:\S+ is not known, and there is no terminal to ask on/,
    hint: /ssh-keyscan -p \d+ 127\.0\.0\.1/,
  },
  {
    what: "a host key that has changed",
    prepare: async (site) => {
      const { publicLine } = await generateKey(`${site.program.home}/old_host_key`, "-t", "ed25519");
      await site.program.write(".ssh/known_hosts", `[127.0.0.1]:${site.sshd.port} ${publicLine}\n`);
      return site.location;
    },
    message: /Cannot trust "myserver": its host key has changed; .*known_hosts:1 has the ED25519 key SHA256:/,
    hint: /Somebody may be listening in.* ssh-keygen -f "\S+\/known_hosts" -R "\[127\.0\.0\.1\]:\d+"/,
  },
  {
    what: "a path that is missing",
    prepare: (site) => Promise.resolve(`${site.location}/missing`),
    message: /Cannot read "\S+\/served\/missing" on myserver: .*No such file/,
    hint: /^hint: Check the path; .* sftp:\/\/myserver\/\.\/PATH$/,
    backupOnly: true,
  },
  {
    what: "a path below a file",
    prepare: async (site) => {
      await Deno.writeTextFile(`${site.served}/file`, "");
      return `${site.location}/file/below`;
    },
    message: /"\S+\/served\/file(\/below)?".*(No such file|it is not a directory)/,
  },
];

sshdTest("what keeps us from a server is said, and the repository stays as it was", async (t) => {
  await using site = await newSite();
  await Deno.mkdir(`${site.program.home}/source`);
  await Deno.writeTextFile(`${site.program.home}/source/file`, "content");
  await site.ok("backup", `${site.program.home}/source`);
  const id = await site.newest();
  const before = storeFiles(site.store);
  for (const { what, prepare, message, hint, backupOnly } of OBSTACLES) {
    await t.step(what, async () => {
      const location = await prepare(site);
      const commands = [["backup", location], ["restore", "-to", location, id]];
      for (const command of commands.slice(0, backupOnly ? 1 : 2)) {
        const { code, stdout, stderr } = await site.run(...command);
        assert.equal(code, 1, stderr);
        assert.equal(stdout, "");
        const [first, ...rest] = stderr.trimEnd().split("\n");
        assert.match(first, /^plakar: failed to create an (importer|exporter) for /);
        assert.match(first, message);
        if (hint) assert.match(rest.join("\n"), hint);
        assert.ok(rest.every((line) => line.startsWith("hint: ")), stderr);
      }
      assert.deepEqual(storeFiles(site.store), before);
      await site.program.write(".ssh/known_hosts", site.sshd.knownHosts);
      await site.configure();
    });
  }
  await t.step("a target that is a file", async () => {
    await Deno.writeTextFile(`${site.served}/target`, "stays");
    const { code, stderr } = await site.run("restore", "-to", `${site.location}/target`, id);
    assert.equal(code, 1);
    assert.match(stderr, /Cannot restore to "\S+\/target": it is not a directory/);
    assert.equal(await Deno.readTextFile(`${site.served}/target`), "stays");
  });
  await t.step("a path that is a file is backed up as the one thing in its directory", async () => {
    await Deno.writeTextFile(`${site.served}/single`, "a single file");
    await site.ok("backup", `${site.location}/single`);
    assert.equal(await site.ok("cat", `${await site.newest()}:single`), "a single file");
  });
  await t.step("without any of that, it works", async () => {
    await site.ok("backup", site.location);
    await site.ok("check");
  });
});

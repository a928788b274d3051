import assert from "node:assert/strict";
import { sshdTest } from "../support/sshd.ts";
import { newSite, type Site, unprivileged } from "./site.ts";

/** Files on the server, some of which the person who logs in may not read. */
async function withUnreadableFiles(run: (site: Site) => Promise<void>): Promise<void> {
  await using site = await newSite();
  const { served } = site;
  await site.configure({ user: unprivileged(site.sshd) });
  await Deno.writeTextFile(`${served}/readable`, "for everybody\n");
  await Deno.writeTextFile(`${served}/secret`, "for nobody\n");
  await Deno.mkdir(`${served}/closed`);
  await Deno.writeTextFile(`${served}/closed/file`, "behind a door\n");
  await Deno.chmod(`${served}/secret`, 0);
  await Deno.chmod(`${served}/closed`, 0);
  try {
    await run(site);
  } finally {
    await Deno.chmod(`${served}/closed`, 0o755);
  }
}

sshdTest("what may not be read is told, recorded, and costs nothing else", async () => {
  await withUnreadableFiles(async (site) => {
    const { code, stdout, stderr } = await site.run("backup", site.location);
    assert.equal(code, 3);
    const id = await site.newest();
    for (const name of ["secret", "closed"]) {
      assert.match(stderr, new RegExp(`^${id}: KO ✘ ${site.served}/${name}: .*[Pp]ermission denied`, "m"));
    }
    assert.match(stdout, new RegExp(`^${id}: OK ✓ ${site.served}/readable$`, "m"));
    assert.match(stdout, new RegExp(`^${id}: backup completed with 2 errors in `, "m"));
    assert.match(stderr, /, 2 errors, /, "the summary on standard error counts them");

    const errors = (await site.ok("info", "-errors", id)).trim().split("\n").sort();
    assert.deepEqual(errors.map((line) => line.split(":")[0]), [
      `${site.served}/closed`,
      `${site.served}/secret`,
    ]);
    for (const line of errors) assert.match(line, /[Pp]ermission denied/);
    assert.match(await site.ok("info", id), /^ - Errors: 2$/m);
    assert.equal(await site.ok("cat", `${id}:readable`), "for everybody\n");
    await site.ok("check", id);

    // Once they may be read, they are in the next snapshot, and what was read is not read again.
    await Deno.chmod(`${site.served}/secret`, 0o644);
    await Deno.chmod(`${site.served}/closed`, 0o755);
    await site.ok("backup", site.location);
    const next = await site.newest();
    assert.equal(await site.ok("info", "-errors", next), "");
    assert.equal(await site.ok("cat", `${next}:secret`), "for nobody\n");
    assert.equal(await site.ok("cat", `${next}:closed/file`), "behind a door\n");
  });
});

sshdTest("with -quiet, what failed and the summary remain; with -json, both are lines", async () => {
  await withUnreadableFiles(async (site) => {
    const quiet = await site.run("-quiet", "backup", site.location);
    assert.equal(quiet.code, 3);
    assert.match(quiet.stdout, /^[0-9a-f]{8}: backup completed with 2 errors in .*\n$/);
    assert.match(quiet.stderr, /KO ✘ \S+\/secret: /);
    const json = await site.run("-json", "backup", site.location);
    assert.equal(json.code, 3);
    const lines: { type: string; data: { path?: string; errors?: number } }[] = json.stdout.trim().split("\n")
      .map((line) => JSON.parse(line));
    const failed = lines.filter(({ type }) => type === "failed").map(({ data }) => data.path).sort();
    assert.deepEqual(failed, [`${site.served}/closed`, `${site.served}/secret`]);
    assert.equal(lines.find(({ type }) => type === "result")?.data.errors, 2);
  });
});

sshdTest("a directory that may not be read itself makes no snapshot", async () => {
  await withUnreadableFiles(async (site) => {
    for (const args of [[], ["-dry-run"]]) {
      const { code, stdout, stderr } = await site.run("backup", ...args, `${site.location}/closed`);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /^plakar: Cannot list directory ".*\/closed": .*[Pp]ermission denied.*\nhint: .*may be read\n$/,
      );
    }
    assert.equal(await site.ok("ls"), "");
  });
});

sshdTest("a single file that may not be read makes no snapshot either", async () => {
  await withUnreadableFiles(async (site) => {
    const { code, stdout, stderr } = await site.run("backup", `${site.location}/secret`);
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(
      stderr,
      /^plakar: Cannot open ".*\/secret": .*[Pp]ermission denied.*\nhint: .*can be read: .*\n$/,
    );
    assert.equal(await site.ok("ls"), "");
  });
});

sshdTest("a directory that may be listed but not searched is not taken for an empty one", async () => {
  await withUnreadableFiles(async (site) => {
    await Deno.chmod(`${site.served}/closed`, 0o444);
    await Deno.mkdir(`${site.served}/empty`);
    const { code, stderr } = await site.run("backup", site.location);
    assert.equal(code, 3);
    assert.match(stderr, /KO ✘ \S+\/closed: Cannot look into directory ".*\/closed".*[Pp]ermission denied/);
    assert.ok(!stderr.includes("/empty"), stderr);
    const listed = await site.run("backup", `${site.location}/closed`);
    assert.equal(listed.code, 1, "of the source itself there is nothing to be had");
  });
});

sshdTest("what may not be written is told, and costs nothing else", async () => {
  await withUnreadableFiles(async (site) => {
    const source = `${site.program.home}/source`;
    for (const name of ["open/file", "locked/file"]) {
      await Deno.mkdir(`${source}/${name.split("/")[0]}`, { recursive: true });
      await Deno.writeTextFile(`${source}/${name}`, `content of ${name}\n`);
    }
    await site.ok("backup", source);
    const target = `${site.served}/target`;
    await Deno.mkdir(`${target}/locked`, { recursive: true });
    await Deno.chmod(target, 0o777);
    await Deno.chmod(`${target}/locked`, 0o555);
    const restore = ["restore", "-to", `${site.location}/target`, await site.newest()];
    const { code, stdout, stderr } = await site.run(...restore);
    assert.equal(code, 3);
    assert.match(stderr, /KO ✘ \/locked\/file: .*[Pp]ermission denied/);
    assert.match(stdout, /: restore completed with 1 error and 5 warnings in /);
    assert.equal(await Deno.readTextFile(`${target}/open/file`), "content of open/file\n");
    assert.deepEqual([...Deno.readDirSync(`${target}/locked`)], []);

    const closed = await site.run("restore", "-to", `${site.location}/closed/target`, await site.newest());
    assert.equal(closed.code, 1);
    assert.match(
      closed.stderr,
      /failed to create an exporter for \S+\/closed\/target: .*[Pp]ermission denied/,
    );
  });
});

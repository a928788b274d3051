import assert from "node:assert/strict";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { goSshdTest, startGoSshd } from "../../support/go_sshd.ts";
import { startSshAgent } from "../../support/ssh_agent.ts";
import { freePort, generateKey, sshdTest, startSshd } from "../../support/sshd.ts";
import { runMain, withHome } from "../fake_surroundings.ts";
import { configFor } from "./ssh_config_file.ts";
import { withStore } from "./store_fixture.ts";

sshdTest("ping tells everything there is to know of a server", async () => {
  await using sshd = await startSshd();
  await using directory = await temporaryDirectory();
  const option = ["-o", `ssh_config=${await configFor(sshd, directory.path)}`];
  const location = `sftp://web${directory.path}`;
  const { status, stdout, stderr } = await runMain(["ping", ...option, location]);
  assert.deepEqual([status, stderr], [0, ""]);
  const lines = new Map(
    stdout.trim().split("\n").map((line) => {
      const [, key, value] = /^([^:]+): (.*)$/.exec(line) ?? assert.fail(line);
      return [key, value];
    }),
  );
  assert.equal(lines.get("Host"), `127.0.0.1 port ${sshd.port}`);
  assert.equal(lines.get("User"), sshd.user);
  assert.match(lines.get("Server") ?? "", /^OpenSSH_/);
  const [type, fingerprint] = lines.get("Host key")?.split(" ") ?? [];
  const hostKey = sshd.hostKeys.find((key) => key.fingerprint === fingerprint);
  assert.equal(hostKey?.publicLine.split(" ")[0], type);
  const { ed25519 } = sshd.clientKeys;
  assert.equal(lines.get("Authentication"), `publickey (ssh-ed25519 ${ed25519.fingerprint})`);
  assert.match(lines.get("SFTP extensions") ?? "", /posix-rename@openssh.com 1, /);
  assert.match(lines.get("SFTP limits") ?? "", /^reads of 255 KiB, writes of 255 KiB, \d+ open files$/);
  assert.equal(lines.get("Path"), `${directory.path} (directory, drwx------)`);
  assert.match(lines.get("Free space") ?? "", /^[\d.]+ .?i?B of [\d.]+ .iB$/);
  assert.match(lines.get("Round-trip time") ?? "", /^\d+\.\d ms$/);
  const json = await runMain(["ping", "-json", ...option, location]);
  const types = json.stdout.trim().split("\n").map((line) => JSON.parse(line).type);
  assert.deepEqual(types, ["connection", "sftp", "path", "space", "round_trip"]);
});

sshdTest("ping says which part of the way fails, and what to do", async () => {
  await using sshd = await startSshd({ config: ["Ciphers aes128-ctr", "Subsystem sftp /bin/false"] });
  await using working = await startSshd();
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const option = ["-o", `ssh_config=${await configFor(working, path)}`];
  await Deno.mkdir(`${path}/noSftp`);
  const noSftp = ["-o", `ssh_config=${await configFor(sshd, `${path}/noSftp`)}`];
  // Nothing is asked of any name server: the name is too long for one.
  const name = `${"x".repeat(64)}.invalid`;
  const failures: [string[], string][] = [
    [[`sftp://${name}/etc`], "name"],
    [["-o", "AddressFamily=inet6", "sftp://web/etc"], "address"],
    [[`sftp://web:${freePort()}/etc`], "tcp"],
    [[...noSftp, "-o", "Ciphers=aes256-ctr", "sftp://web/etc"], "handshake"],
    [["-o", "UserKnownHostsFile=/dev/null", "sftp://web/etc"], "host-key"],
    [["-o", "username=nobody-of-this-name", "sftp://web/etc"], "authentication"],
    [[...noSftp, "sftp://web/etc"], "subsystem"],
    [[`sftp://web${path}/missing`], "path"],
    [["-o", "identity_file=/etc/no-such-key", "sftp://web/etc"], "configuration"],
    [["-o", "MACs=hmac-md5", "sftp://web/etc"], "configuration"],
  ];
  for (const [words, stage] of failures) {
    const { status, stdout, stderr } = await runMain(["ping", "-json", ...option, ...words]);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    const failure = lines.find(({ type }) => type === "unreachable")?.data;
    assert.equal(failure?.stage, stage, stderr);
    assert.ok(failure.hint, stage);
    assert.equal(status, 1);
    assert.match(stderr, /^plakar: Cannot reach sftp:.*: it fails at the .*: .*\nhint: /);
    assert.equal(lines.some(({ type }) => type === "path"), false);
  }
});

sshdTest("sources and destinations are pinged by name", () =>
  withHome(async (home) => {
    await using sshd = await startSshd();
    const config = await configFor(sshd, home);
    const run = (...words: string[]) => runMain(words, { home });
    const location = `sftp://web${home}`;
    assert.equal((await run("source", "add", "web", location, `ssh_config=${config}`)).status, 0);
    assert.equal(
      (await run("destination", "add", "web", `${location}/later`, `ssh_config=${config}`)).status,
      0,
    );
    const source = await run("source", "ping", "@web");
    assert.deepEqual([source.status, source.stderr], [0, ""]);
    assert.match(source.stdout, /^Host: .*\nconfiguration OK\n$/s);
    const destination = await run("destination", "ping", "web");
    assert.equal(destination.status, 0);
    assert.match(destination.stdout, /\nPath: .*\/later \(nothing is there yet\)\n/);
    assert.equal((await run("source", "ping", "-o", "port=1", "web")).status, 1);
    assert.equal((await run("ping", "@web")).stdout.includes("configuration OK"), false);
    assert.equal((await run("ping", "@web:no/such/path")).status, 1);
    assert.equal((await run("source", "ping", "nobody")).status, 1);
  }));

Deno.test("a store is pinged down to its CONFIG, and a local path is looked at", () =>
  withStore(async ({ home, store }) => {
    const run = (...words: string[]) => runMain(words, { home });
    assert.equal((await run("store", "add", "mine", store)).status, 0);
    const { status, stdout } = await run("store", "ping", "mine");
    assert.equal(status, 0);
    assert.match(
      stdout,
      /^Path: .*\/store\nRepository: not encrypted, BLAKE3\nconfiguration OK\n$/,
    );
    assert.equal((await run("store", "add", "none", `${home}/none`)).status, 0);
    assert.notEqual((await run("store", "ping", "none")).status, 0);
    assert.match((await run("ping", home)).stdout, new RegExp(`^Path: ${home}\n`));
    const missing = await run("ping", `${home}/missing`);
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /missing/);
  }));

sshdTest("ping through the program ssh tells the same, and which part of the way fails", async () => {
  await using sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
  await using directory = await temporaryDirectory();
  const option = ["-o", `ssh_config=${await configFor(sshd, directory.path)}`, "-o", "BatchMode=yes"];
  const location = `sftp://web${directory.path}`;
  const ping = (...words: string[]) => runMain(["ping", "-json", ...option, ...words]);
  const told = async (...words: string[]) => {
    const { status, stdout, stderr } = await ping(...words, location);
    assert.deepEqual([status, stderr], [0, ""]);
    return JSON.parse(stdout.split("\n")[0]).data;
  };
  const [builtin, openssh] = [await told(), await told("-o", "transport=openssh")];
  for (const name of ["host", "port", "user", "host_key_type", "host_key_fingerprint", "host_key_verified"]) {
    assert.equal(openssh[name], builtin[name], name);
  }
  assert.ok(openssh.server.startsWith(builtin.server));
  assert.equal(openssh.authentication, `publickey (${sshd.clientKeys.ed25519.fingerprint})`);
  const failures: [string[], string][] = [
    [["-o", `Port=${freePort()}`], "TCP connection"],
    [["-o", "Ciphers=aes128-cbc", "-o", "MACs=hmac-md5"], "SSH handshake"],
    [["-o", "UserKnownHostsFile=/dev/null"], "host key"],
    [["-o", "username=nobody-of-this-name"], "authentication"],
  ];
  for (const [words, name] of failures) {
    const { status, stderr } = await ping("-o", "transport=openssh", ...words, location);
    assert.equal(status, 1);
    assert.match(stderr, new RegExp(`^plakar: Cannot reach sftp:.*: it fails at the ${name}: .*\nhint: `));
  }
});

goSshdTest("no password and no key is printed, whatever is traced and whatever fails", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const key = await generateKey(`${path}/key`, "-t", "ed25519");
  await using server = await startGoSshd("-authorized", `${key.path}.pub`, "-then-password", "s3cret");
  await Deno.writeTextFile(`${path}/known_hosts`, server.knownHosts);
  await Deno.writeTextFile(`${path}/password`, "s3cret\n");
  const text = await Deno.readTextFile(key.path);
  const options = {
    ssh_config: "none",
    UserKnownHostsFile: `${path}/known_hosts`,
    IdentityAgent: "none",
    ssh_private_key: text,
    password_cmd: `cat ${path}/password`,
  };
  const words = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const ping = (...more: string[]) =>
    runMain(["-trace", "all", "ping", ...words, ...more, `sftp://me@127.0.0.1:${server.port}/`]);
  const secrets = ["s3cret", ...text.split("\n").slice(1, -2)];
  const failing = [["-o", "IdentitiesOnly=perhaps"], ["-o", "password_cmd=echo s3cret; false"]];
  for (const more of [[], ...failing, ["-o", `ssh_private_key=${text.slice(0, 100)}`]]) {
    const { status, stdout, stderr } = await ping(...more);
    assert.equal(status, more.length === 0 ? 0 : 1, stderr);
    for (const secret of secrets) assert.ok(!(stdout + stderr).includes(secret), stdout + stderr);
  }
});

sshdTest("the options of a source lead to it, each in its own right", () =>
  withHome(async (home) => {
    await using sshd = await startSshd();
    await using agent = await startSshAgent([sshd.clientKeys.ecdsa.path]);
    await Deno.writeTextFile(`${home}/known_hosts`, sshd.knownHosts);
    const common = {
      location: "sftp://127.0.0.1/nowhere",
      username: sshd.user,
      port: `${sshd.port}`,
      root: home,
      ssh_config: "none",
      UserKnownHostsFile: `${home}/known_hosts`,
    };
    const { ed25519, ecdsa, rsa } = sshd.clientKeys;
    const keys: [Record<string, string>, string][] = [
      [{ identity: ed25519.path }, ed25519.fingerprint],
      [{ identity_file: rsa.path }, rsa.fingerprint],
      [{ ssh_private_key: await Deno.readTextFile(ed25519.path) }, ed25519.fingerprint],
      [{ ssh_auth_sock: agent.socket }, ecdsa.fingerprint],
      [
        { insecure_ignore_host_key: "true", UserKnownHostsFile: "/dev/null", identity: rsa.path },
        rsa.fingerprint,
      ],
    ];
    for (const [index, [more, fingerprint]] of keys.entries()) {
      const { location, ...options } = { ...common, ...more };
      const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
      assert.equal((await runMain(["source", "add", `s${index}`, location, ...words], { home })).status, 0);
      const { status, stdout, stderr } = await runMain(["source", "ping", `s${index}`], { home });
      assert.equal(status, 0, stderr);
      assert.match(stdout, new RegExp(`^User: ${sshd.user}$`, "m"));
      assert.ok(stdout.includes(fingerprint), stdout);
      assert.match(stdout, new RegExp(`^Path: ${home} `, "m"));
      assert.equal(/not verified/.test(stdout + stderr), "insecure_ignore_host_key" in more);
    }
  }));

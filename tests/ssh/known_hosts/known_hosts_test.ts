import assert from "node:assert/strict";
import {
  formatKnownHosts,
  isAbout,
  knownHostsName,
  parseKnownHosts,
} from "../../../src/ssh/known_hosts/entry.ts";
import { KnownHosts } from "../../../src/ssh/known_hosts/known_hosts.ts";
import { type HostKeyPolicy, verifyHostKey } from "../../../src/ssh/known_hosts/verify.ts";
import { parsePublicKeyFile, type PublicKey } from "../../../src/ssh/keys/public_key.ts";
import { connect, resolveTarget } from "../../../src/ssh/mod.ts";
import { findProgram, peerTest } from "../../support/peers.ts";
import { makeSshHome, recordedIo, type SshHome } from "../../support/ssh_home.ts";
import { generateKey, type KeyFile, runProgram, type Sshd, sshdTest, startSshd } from "../../support/sshd.ts";
import { keyOf, ourTrust, trustOfSsh } from "./compared_trust.ts";

function parsed(key: KeyFile): PublicKey {
  const found = parsePublicKeyFile(key.publicLine);
  assert.ok(found);
  return found;
}

/** The lines that ssh-keygen -F finds. */
async function linesFound(file: string, host: string): Promise<number[]> {
  const args = ["-F", host, "-f", file];
  const { stdout } = await new Deno.Command(findProgram("ssh-keygen") ?? "ssh-keygen", { args }).output();
  return [...new TextDecoder().decode(stdout).matchAll(/found: line (\d+)/g)].map((match) =>
    Number(match[1])
  );
}

peerTest(["ssh-keygen"], "the lines about a host are those that ssh-keygen -F finds", async () => {
  await using home = await makeSshHome();
  const key = keyOf(await generateKey(`${home.path}/k`, "-t", "ed25519"));
  const hosts = [
    "plain.example",
    "a.example,b.example",
    "*.wild.example",
    "*.wild.example,!not.wild.example",
    "10.0.0.?",
    "[port.example]:2222",
    "[*]:2222",
    "UPPER.example",
    "192.168.*",
    "::1",
    "[::1]:2222",
    "!only.example",
    "@revoked bad.example",
    "@cert-authority *.ca.example",
    "@unknown marked.example",
    "# comment.example",
  ];
  const lines = hosts.map((host) => `${host} ${key} note\n`);
  lines.push(
    "\n",
    "broken.example ssh-ed25519 !!!\n",
    `broken.example ssh-rsa ${key.split(" ")[1]}\n`,
    "short\n",
  );
  const parsedKey = parsePublicKeyFile(key);
  assert.ok(parsedKey);
  for (const name of ["hashed.example", "[hashed.example]:2222"]) {
    lines.push(formatKnownHosts([name], parsedKey, true));
  }
  lines.push(`\tindented.example   ${key}\r\n`);
  const text = lines.join("");
  const file = await home.write("known_hosts", text);
  const entries = parseKnownHosts(text, file);
  const asked: [string, number][] = [
    ...[
      "plain.example",
      "PLAIN.example",
      "a.example",
      "b.example",
      "c.example",
      "x.wild.example",
      "not.wild.example",
    ],
    ...[
      "10.0.0.1",
      "10.0.0.11",
      "port.example",
      "upper.example",
      "192.168.3.4",
      "::1",
      "only.example",
      "bad.example",
    ],
    ...[
      "x.ca.example",
      "marked.example",
      "comment.example",

      "hashed.example",
      "indented.example",
    ],
  ].flatMap((host): [string, number][] => [[host, 22], [host, 2222]]);
  for (const [host, port] of asked) {
    const name = knownHostsName(host, port);
    const ours = entries.filter((entry) => isAbout(entry, name)).map((entry) => entry.line);
    assert.deepEqual(ours, await linesFound(file, name), name);
  }
});

/** How unknown hosts are treated. OpenSSH goes on with a changed or revoked key if told "no"; we never do. */
const STRICTNESS = ["yes", "accept-new", "no"];

peerTest(
  ["sshd", "ssh", "ssh-keygen"],
  "we trust, distrust and remember what ssh does, with the same server and file",
  async (t) => {
    await using sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
    await using home = await makeSshHome();
    const [good, wrong, rsa] = [
      keyOf(sshd.hostKeys[0]),
      keyOf(await generateKey(`${home.path}/wrong`, "-t", "ed25519")),
      keyOf(await generateKey(`${home.path}/rsa`, "-t", "rsa")),
    ];
    const host = `[127.0.0.1]:${sshd.port}`;
    const goodKey = parsed(sshd.hostKeys[0]);
    const files: Record<string, string> = {
      "the right key": `${host} ${good}\n`,
      "the right key, hashed": formatKnownHosts([host], goodKey, true),
      "nothing": "",
      "another key": `${host} ${wrong}\n`,
      "a key of another type": `${host} ${rsa}\n`,
      "the right key after another": `${host} ${wrong}\n${host} ${rsa}\n${host} ${good}\n`,
      "the right key without the port": `127.0.0.1 ${good}\n`,
      "another key without the port": `127.0.0.1 ${wrong}\n`,
      "another key with, the right one without the port": `${host} ${wrong}\n127.0.0.1 ${good}\n`,
      "a revoked key": `@revoked * ${good}\n${host} ${good}\n`,
      "a revoked key of another host": `@revoked other ${good}\n${host} ${good}\n`,
      "another revoked key": `@revoked ${host} ${wrong}\n${host} ${good}\n`,
      "a wildcard": `[127.0.0.*]:* ${good}\n`,
      "a star": `* ${good}\n`,
      "a star but not this host": `*,!${host} ${good}\n`,
      "a certificate authority": `@cert-authority ${host} ${good}\n`,
      "a broken line before": `garbage\n${host} ssh-ed25519 AAAA\n${host} ${good}\n`,
      "the right key with CRLF": `${host} ${good}\r\n`,
    };
    for (const strictness of STRICTNESS) {
      for (const [name, text] of Object.entries(files)) {
        if (strictness === "no" && /another key with|another key$|another type|a revoked key$/.test(name)) {
          continue;
        }
        await t.step(`${name}, with ${strictness}`, async () => {
          const options = { StrictHostKeyChecking: strictness };
          assert.deepEqual(
            await ourTrust(sshd, home, text, options),
            await trustOfSsh(sshd, home, text, options),
          );
        });
      }
    }
    await t.step("an alias that is new", async () => {
      const options = { StrictHostKeyChecking: "accept-new", HostKeyAlias: "Alias" };
      assert.deepEqual(await ourTrust(sshd, home, "", options), await trustOfSsh(sshd, home, "", options));
    });
  },
);

sshdTest('with "no", a changed and a revoked key are refused all the same', async () => {
  await using sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
  await using home = await makeSshHome();
  const wrong = keyOf(await generateKey(`${home.path}/wrong`, "-t", "ed25519"));
  const host = `[127.0.0.1]:${sshd.port}`;
  for (const text of [`${host} ${wrong}\n`, `@revoked * ${keyOf(sshd.hostKeys[0])}\n`]) {
    const options = { StrictHostKeyChecking: "no" };
    assert.deepEqual(await ourTrust(sshd, home, text, options), { isTrusted: false, file: text });
  }
});

peerTest(
  ["sshd", "ssh", "ssh-keygen"],
  "ssh knows a host that we remembered with its name hashed",
  async () => {
    await using sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
    await using home = await makeSshHome();
    const options = { StrictHostKeyChecking: "accept-new", HashKnownHosts: "yes" };
    const { file } = await ourTrust(sshd, home, "", options);
    assert.match(file, /^\|1\|\S+\|\S+ ssh-ed25519 \S+\n$/);
    assert.deepEqual(await trustOfSsh(sshd, home, file), { isTrusted: true, file });
  },
);

sshdTest("host key algorithms are asked for in the order of what is known of the host", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  for (const key of sshd.hostKeys) {
    await home.write(".ssh/known_hosts", `[127.0.0.1]:${sshd.port} ${keyOf(key)}\n`);
    // Adding to the default or taking from it leaves the order to what is known.
    for (const algorithms of ["", "+ssh-rsa", "-ecdsa-sha2-nistp521"]) {
      const options = {
        identity_file: sshd.clientKeys.ed25519.path,
        ...algorithms ? { HostKeyAlgorithms: algorithms } : {},
      };
      const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
      await using connection = await connect(await resolveTarget(location, home.environment), recordedIo());
      assert.equal(connection.description.hostKeyFingerprint, key.fingerprint);
    }
  }
});

/** Connects once with these options, and gives what it was told. */
async function connectOnce(sshd: Sshd, home: SshHome, more: Record<string, string>) {
  const io = recordedIo();
  const options = { identity_file: sshd.clientKeys.ed25519.path, ...more };
  const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
  await using _connection = await connect(await resolveTarget(location, home.environment), io);
  return io;
}

sshdTest("accept-new remembers a new host, in a form that ssh and ssh-keygen understand", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  const file = await home.write(".ssh/known_hosts", "# no line end");
  const name = `[127.0.0.1]:${sshd.port}`;
  const io = await connectOnce(sshd, home, { StrictHostKeyChecking: "accept-new" });
  assert.match(io.warnings[0], /for the first time/);
  assert.match(await home.read(".ssh/known_hosts"), /^# no line end\n\[127\.0\.0\.1\]:\d+ \S+ \S+\n$/);
  assert.deepEqual(await linesFound(file, name), [2]);
  await connectOnce(sshd, home, { StrictHostKeyChecking: "yes" });
  assert.deepEqual(await linesFound(file, name), [2]);
});

sshdTest("HashKnownHosts hides the name, and the file is created for its owner only", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  await connectOnce(sshd, home, { StrictHostKeyChecking: "accept-new", HashKnownHosts: "yes" });
  const text = await home.read(".ssh/known_hosts");
  assert.match(text, /^\|1\|\S+\|\S+ ssh-ed25519 \S+\n$/);
  const file = `${home.path}/.ssh/known_hosts`;
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o077, 0);
  assert.deepEqual(await linesFound(file, `[127.0.0.1]:${sshd.port}`), [1]);
});

sshdTest("HostKeyAlias is the name that is looked up and remembered, without the port", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", `alias ${keyOf(sshd.hostKeys[0])}\n`);
  await connectOnce(sshd, home, { HostKeyAlias: "alias", StrictHostKeyChecking: "yes" });
  await home.write(".ssh/known_hosts", "");
  await connectOnce(sshd, home, { HostKeyAlias: "Alias", StrictHostKeyChecking: "accept-new" });
  assert.match(await home.read(".ssh/known_hosts"), /^alias ssh-/);
});

sshdTest("several files are read, and new keys go to the first", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  const one = `${home.path}/one`;
  const two = await home.write("two", sshd.knownHosts);
  await connectOnce(sshd, home, { UserKnownHostsFile: `${one} ${two}`, StrictHostKeyChecking: "yes" });
  await home.write("two", "");
  await connectOnce(sshd, home, { UserKnownHostsFile: `${one} ${two}`, StrictHostKeyChecking: "no" });
  assert.equal((await Deno.readTextFile(one)).split("\n").length, 2);
  assert.equal(await Deno.readTextFile(two), "");
  await Deno.remove(one);
  await home.write("etc/ssh_known_hosts", sshd.knownHosts);
  await connectOnce(sshd, home, { StrictHostKeyChecking: "yes" });
});

/** Decides over a key of `host.example`, at an address of its own. */
async function decide(home: SshHome, key: KeyFile, more: Partial<HostKeyPolicy>, io = recordedIo()) {
  const knownHosts = await KnownHosts.load([`${home.path}/.ssh/known_hosts`], home.environment, io.warn);
  await verifyHostKey(
    parsed(key),
    {
      displayName: "host",
      name: "host.example",
      isAlias: false,
      port: 22,
      address: "192.0.2.7",
      strictness: "yes",
      isHashed: false,
      userFile: `${home.path}/.ssh/known_hosts`,
      ignore: false,
      knownHosts,
      ...more,
    },
    io,
    home.environment,
  );
  return { warnings: io.warnings, file: await home.read(".ssh/known_hosts") };
}

peerTest(
  ["ssh-keygen"],
  "CheckHostIP looks the address up too, remembers it, and objects if it is known otherwise",
  async () => {
    await using home = await makeSshHome();
    const [key, other] = await Promise.all(
      ["key", "other"].map((name) => generateKey(`${home.path}/${name}`, "-t", "ed25519")),
    );
    const [good, wrong] = [keyOf(key), keyOf(other)];
    const write = (text: string) => home.write(".ssh/known_hosts", text);
    await write(`host.example ${good}\n`);
    assert.deepEqual((await decide(home, key, {})).file, `host.example ${good}\n192.0.2.7 ${good}\n`);
    await write("");
    const { file } = await decide(home, key, { strictness: "accept-new" });
    assert.equal(file, `host.example,192.0.2.7 ${good}\n`);
    await write("");
    const hashed = await decide(home, key, { strictness: "accept-new", isHashed: true });
    assert.equal(hashed.file.trim().split("\n").length, 2);
    const moved = await write(`host.example ${good}\n192.0.2.7 ${wrong}\n`);
    for (const strictness of ["yes", "accept-new", "ask"] as const) {
      await assert.rejects(decide(home, key, { strictness }), {
        code: "host-key",
        message: new RegExp(`${moved}:2`),
      });
    }
    assert.match((await decide(home, key, { strictness: "no" })).warnings[0], /192\.0\.2\.7.*another key/);
    const agreed = recordedIo({ confirmations: [true] });
    await decide(home, key, { strictness: "ask" }, agreed);
    assert.match(agreed.questions[0], /192\.0\.2\.7.*Continue/);
    await write(`host.example ${good}\n@revoked 192.0.2.7 ${good}\n`);
    await assert.rejects(decide(home, key, { strictness: "no" }), /revoked/);
  },
);

peerTest(
  ["sshd", "ssh", "ssh-keygen"],
  "CheckHostIP and NoHostAuthenticationForLocalhost treat this host as ssh does",
  async () => {
    await using sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
    await using home = await makeSshHome();
    const wrong = keyOf(await generateKey(`${home.path}/wrong`, "-t", "ed25519"));
    const [good, name, address] = [
      keyOf(sshd.hostKeys[0]),
      `[localhost]:${sshd.port}`,
      `[127.0.0.1]:${sshd.port}`,
    ];
    const cases: [string, Record<string, string>][] = [
      [`${name} ${good}\n${address} ${wrong}\n`, { CheckHostIP: "yes" }],
      [`${name} ${good}\n`, { CheckHostIP: "yes" }],
      ["", { CheckHostIP: "yes", StrictHostKeyChecking: "accept-new" }],
      [`${name} ${wrong}\n`, { NoHostAuthenticationForLocalhost: "yes" }],
      ["", { NoHostAuthenticationForLocalhost: "yes" }],
      ["", { NoHostAuthenticationForLocalhost: "yes", HostKeyAlias: "alias" }],
      ["", { NoHostAuthenticationForLocalhost: "yes", RevokedHostKeys: `${sshd.hostKeys[0].path}.pub` }],
    ];
    for (const [text, more] of cases) {
      const options = { HostName: "localhost", AddressFamily: "inet", ...more };
      assert.deepEqual(
        await ourTrust(sshd, home, text, options),
        await trustOfSsh(sshd, home, text, options),
        JSON.stringify(more),
      );
    }
  },
);

sshdTest("RevokedHostKeys refuses the keys it lists, and everything if it cannot be read", async () => {
  await using sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const other = await generateKey(`${home.path}/other`, "-t", "ed25519");
  const file = await home.write("revoked", `# none\n${other.publicLine}\n`);
  await connectOnce(sshd, home, { RevokedHostKeys: file });
  await home.write("revoked", `# this one\n${sshd.hostKeys[0].publicLine}\n`);
  await assert.rejects(connectOnce(sshd, home, { RevokedHostKeys: file }), /revoked:2/);
  await assert.rejects(connectOnce(sshd, home, { RevokedHostKeys: `${file}.missing` }), /no such file/);
  await runProgram("ssh-keygen", ["-q", "-k", "-f", `${file}.krl`, `${other.path}.pub`]);
  await assert.rejects(connectOnce(sshd, home, { RevokedHostKeys: `${file}.krl` }), /binary form/);
});

peerTest(
  ["sshd", "ssh", "ssh-keygen"],
  "a known_hosts file that cannot be read is no hindrance, as for ssh",
  async () => {
    await using sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
    await using home = await makeSshHome();
    // Nobody can read a directory as a file, not even root.
    const options = { GlobalKnownHostsFile: home.path };
    for (const text of ["", sshd.knownHosts]) {
      assert.deepEqual(
        await ourTrust(sshd, home, text, options),
        await trustOfSsh(sshd, home, text, options),
      );
    }
    const { warnings } = await connectOnce(sshd, home, options);
    assert.match(warnings[0], new RegExp(`Cannot read the known hosts file "${home.path}": .*directory`));
  },
);

/** A backup from and a restore to servers that are set up in all kinds of ways. */

import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { runMain } from "../cli/fake_surroundings.ts";
import { withStore } from "../cli/commands/store_fixture.ts";
import { differences, listTree } from "../support/file_tree.ts";
import { goSshdTest, startGoSshd } from "../support/go_sshd.ts";
import { peerTest, testWithPeers } from "../support/peers.ts";
import {
  certifyHost,
  generateKey,
  runProgram,
  type Sshd,
  type SshdOptions,
  sshdTest,
  startSshd,
} from "../support/sshd.ts";

/** Where a test's directory is for the server, if it shows another root than this machine's. */
interface Round {
  /** The directory on this machine. */
  directory: string;
  /** The same for the server. */
  served?: string;
  /** The person's ssh_config. */
  config: string;
  /** More options. */
  options?: Record<string, string>;
  /** Whether the server can set times and owners of links. */
  keepsLinks?: boolean;
}

/** Backs a directory up from the server `web` and restores it to another directory there. */
async function roundTrip(round: Round): Promise<void> {
  const { directory, served = directory, config, options = {}, keepsLinks = true } = round;
  await withStore(async ({ home, write, run }) => {
    const source = `${directory}/source`;
    await Deno.mkdir(`${source}/below`, { recursive: true });
    await Deno.writeTextFile(`${source}/small`, "small");
    await Deno.writeFile(`${source}/below/large`, crypto.getRandomValues(new Uint8Array(65_536)));
    await Deno.truncate(`${source}/below/large`, 5_000_000);
    if (keepsLinks) await Deno.symlink("below/large", `${source}/link`);
    await Deno.chmod(`${source}/small`, 0o640);
    await Deno.mkdir(`${directory}/target`);
    await Deno.chmod(await write("ssh_config", config), 0o600);
    const words = Object.entries({ ssh_config: `${home}/ssh_config`, ...options })
      .flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    const backup = await run(["backup", ...words, `sftp://web${served}/source`]);
    assert.equal(backup.status, 0, backup.stderr);
    const [, id] = (await run(["ls"])).stdout.split(/\s+/);
    const restore = await run(["restore", ...words, "-to", `sftp://web${served}/target`, id]);
    assert.equal(restore.status, 0, restore.stderr);
    assert.deepEqual(
      differences(await listTree(`${directory}/target`, "s"), await listTree(source, "s")),
      [],
    );
  });
}

/** An ssh_config that leads `web` to a server. */
function configFor(sshd: Sshd, ...more: string[]): string {
  const lines = [
    `HostName ${sshd.host}`,
    `Port ${sshd.port}`,
    `User ${sshd.user}`,
    `IdentityFile ${sshd.clientKeys.ed25519.path}`,
    "IdentitiesOnly yes",
    `UserKnownHostsFile ${sshd.directory}/known_hosts`,
    "StrictHostKeyChecking yes",
  ];
  return `Host web\n  ${[...more, ...lines].join("\n  ")}\n`;
}

async function withServer(
  options: SshdOptions,
  more: string[] = [],
  run: (sshd: Sshd, config: string) => Promise<void> = (sshd, config) =>
    roundTrip({ directory: sshd.directory, config }),
): Promise<void> {
  await using sshd = await startSshd(options);
  await Deno.writeTextFile(`${sshd.directory}/known_hosts`, sshd.knownHosts);
  await run(sshd, configFor(sshd, ...more));
}

const RESTRICTED = [
  "KexAlgorithms ecdh-sha2-nistp384",
  "Ciphers aes256-ctr",
  "MACs hmac-sha2-512",
  "HostKeyAlgorithms rsa-sha2-512",
];

const PLAIN: Record<string, string[]> = {
  "that allows two tries to log in": ["MaxAuthTries 2"],
  "that allows one session a connection": ["MaxSessions 1"],
  "that exchanges keys after every MiB": ["RekeyLimit 1M"],
  "with one algorithm of each kind": RESTRICTED,
  "whose SFTP server is a program": ["Subsystem sftp /usr/lib/openssh/sftp-server"],
};

for (const [name, config] of Object.entries(PLAIN)) {
  sshdTest(`a tree goes from a server ${name} and back`, () => withServer({ config }));
}

sshdTest("a tree goes from a server where both sides have certificates only and back", async () => {
  const directory = await Deno.makeTempDir({ prefix: "authority-" });
  const [authority, host, user] = await Promise.all(
    ["ca", "host", "user"].map((name) => generateKey(`${directory}/${name}`, "-t", "ed25519")),
  );
  await certifyHost(authority, host, "-n", "127.0.0.1");
  const me = (await runProgram("id", ["-un"])).trim();
  await runProgram("ssh-keygen", ["-q", "-s", authority.path, "-I", "u", "-n", me, `${user.path}.pub`]);
  const known = `${directory}/known_hosts`;
  await Deno.writeTextFile(known, `@cert-authority 127.0.0.1,[127.0.0.1]:* ${authority.publicLine}\n`);
  const config = [`HostCertificate ${host.path}-cert.pub`, `TrustedUserCAKeys ${authority.path}.pub`];
  const more = [`IdentityFile ${user.path}`, `UserKnownHostsFile ${known}`];
  await withServer({ config, hostKeys: [host], authorizedKeys: [] }, more);
  await Deno.remove(directory, { recursive: true });
});

sshdTest("a tree goes through two hops and back", async () => {
  await using first = await startSshd();
  await using second = await startSshd();
  await withServer({}, ["ProxyJump one,two"], async (sshd, config) => {
    await Deno.writeTextFile(
      `${sshd.directory}/known_hosts`,
      sshd.knownHosts + first.knownHosts + second.knownHosts,
    );
    const [one, two] = [first, second].map((hop) => `  HostName ${hop.host}\n  Port ${hop.port}\n`);
    const common = `Host *\n  User ${sshd.user}\n  IdentityFile ${sshd.clientKeys.ed25519.path}\n` +
      `  UserKnownHostsFile ${sshd.directory}/known_hosts\n`;
    await roundTrip({
      directory: sshd.directory,
      config: `${config}Host one\n${one}Host two\n${two}${common}`,
    });
  });
});

peerTest(
  ["sshd", "ssh", "ssh-keygen"],
  "a tree goes through the program ssh and back",
  () =>
    withServer(
      { config: RESTRICTED.slice(0, 1) },
      ["IdentityAgent none"],
      (sshd, config) => roundTrip({ directory: sshd.directory, config, options: { transport: "openssh" } }),
    ),
);

/** Whoever locks users in has to be root, and every directory above the lock root's alone. */
const isRoot = Deno.uid() === 0;

testWithPeers(
  isRoot ? [] : ["the rights of root"],
  "a tree goes from a server that locks its users in and back",
  async () => {
    const lock = await Deno.makeTempDir({ dir: "/run", prefix: "plakar-lock-" });
    await Deno.chmod(lock, 0o755);
    const config = [
      `ChrootDirectory ${lock}`,
      "ForceCommand internal-sftp",
      "AllowTcpForwarding no",
      "PermitTTY no",
    ];
    try {
      await withServer({ config }, [], (_sshd, config) => roundTrip({ directory: lock, served: "", config }));
    } finally {
      await Deno.remove(lock, { recursive: true });
    }
  },
);

/** Root's own home, in a namespace of the server: the rest of the machine never sees it. */
const canHide = isRoot && await new Deno.Command("unshare", { args: ["-m", "true"] }).output().then(
  ({ success }) => success,
  () => false,
);

testWithPeers(
  canHide ? [] : ["unshare and the rights of root"],
  "a shell that talks on standard error does no harm, one that talks on standard output is named",
  async () => {
    const home = await Deno.makeTempDir({ prefix: "noisy-home-" });
    const options: SshdOptions = {
      wrapper: ["unshare", "-m", "sh", "-c", `mount --bind ${home} ${userInfo().homedir} && exec "$0" "$@"`],
      config: ["Subsystem sftp /usr/lib/openssh/sftp-server"],
    };
    await Deno.writeTextFile(`${home}/.bashrc`, "echo Welcome to the machine >&2\n");
    await withServer(options);
    await Deno.writeTextFile(`${home}/.bashrc`, "echo Welcome to the machine\n");
    await withServer(options, [], async (sshd, config) => {
      await Deno.writeTextFile(`${sshd.directory}/ssh_config`, config, { mode: 0o600 });
      const words = ["ping", "-o", `ssh_config=${sshd.directory}/ssh_config`, "sftp://web/"];
      const { status, stderr } = await runMain(words);
      assert.equal(status, 1);
      assert.match(stderr, /SFTP subsystem.*Welcome to the machine/);
    });
    await Deno.remove(home, { recursive: true });
  },
);

goSshdTest("a tree goes from a server that is OpenSSH in no part and back", async () => {
  const directory = await Deno.makeTempDir({ prefix: "go-sftp-" });
  const key = await generateKey(`${directory}/key`, "-t", "ed25519");
  await using server = await startGoSshd("-authorized", `${key.path}.pub`, "-sftp-server", "none");
  await Deno.writeTextFile(`${directory}/known_hosts`, server.knownHosts);
  const lines = [
    `Port ${server.port}`,
    `IdentityFile ${key.path}`,
    `UserKnownHostsFile ${directory}/known_hosts`,
  ];
  const config = `Host web\n  HostName 127.0.0.1\n  User me\n  IdentityAgent none\n  ${lines.join("\n  ")}\n`;
  await roundTrip({ directory, config, keepsLinks: false });
  await Deno.remove(directory, { recursive: true });
});

import assert from "node:assert/strict";
import { differences, listTree } from "../support/file_tree.ts";
import { peerTest } from "../support/peers.ts";
import { newProgram, type Program, type ProgramRunOptions, resultOf } from "../support/program.ts";
import { generateKey, type Sshd, sshdTest, startSshd } from "../support/sshd.ts";
import { startSshAgent } from "../support/ssh_agent.ts";

/** A server with `/etc`, `/tmp` and a login directory of its own, and the program of a person who can reach it. */
interface Site extends AsyncDisposable {
  sshd: Sshd;
  program: Program;
  /** Where the server's root is on this machine. */
  root: string;
  /** The server's login directory, as the server calls it. */
  login: string;
  /** Runs a command as the guide has it, with the server's paths and the store in place of the guide's. */
  guide(line: string, options?: ProgramRunOptions): Promise<string>;
  /** The short id of the newest snapshot. */
  newest(): Promise<string>;
}

const SSH_CONFIG = `Host myserver
  HostName 1.2.3.4
  User root
  Port 22
  IdentityFile ~/.ssh/id_rsa
`;

sshdTest("the guide works with a key", async () => {
  await using site = await newSite();
  await Deno.copyFile(site.sshd.clientKeys.rsa.path, `${site.program.home}/.ssh/id_rsa`);
  await followGuide(site);
  await followGuideWithRemote(site);
});

peerTest(
  ["sshd", "ssh-keygen", "ssh-agent", "ssh-add"],
  "the guide works with an encrypted key that an agent holds",
  async () => {
    await using directory = await newProgram();
    const key = await generateKey(`${directory.home}/key`, "-t", "rsa", "-b", "2048");
    await using site = await newSite([key.publicLine]);
    await using agent = await startSshAgent([key.path]);
    site.program.env.SSH_AUTH_SOCK = agent.socket;
    const encrypted = `${site.program.home}/.ssh/id_rsa`;
    await Deno.copyFile(key.path, encrypted);
    await Deno.copyFile(`${key.path}.pub`, `${encrypted}.pub`);
    const arguments_ = ["-q", "-p", "-N", "a passphrase of its own", "-f", encrypted];
    const { success } = await new Deno.Command("ssh-keygen", { args: arguments_ }).output();
    assert.ok(success);
    await followGuide(site, " -plaintext");
    await followGuideWithRemote(site);
    await agent.run("-D");
    const { code, stderr } = await site.program.run(["backup", "sftp://myserver/etc"]);
    assert.notEqual(code, 0, "only the agent could use that key");
    assert.ok(!stderr.includes("a passphrase of its own"));
  },
);

sshdTest("the guide works with insecure_ignore_host_key and identity_file", async () => {
  await using site = await newSite();
  const { guide, program, sshd } = site;
  await program.write(".ssh/known_hosts", "");
  const identity = await program.write(
    "elsewhere/key",
    await Deno.readTextFile(sshd.clientKeys.ed25519.path),
  );
  await guide("plakar at /var/backups create");
  await guide("plakar config remote create mysftp");
  await guide("plakar config remote set mysftp location sftp://myserver/etc");
  await guide(`plakar config remote set mysftp identity_file ${identity}`);
  await assert.rejects(
    guide("plakar at /var/backups backup @mysftp"),
    /its ED25519 key SHA256:\S+ is not known/,
  );
  await guide("plakar config remote set mysftp insecure_ignore_host_key true");
  await guide("plakar at /var/backups backup @mysftp");
  await guide(`plakar at /var/backups restore -to @mysftp ${await site.newest()}:path/to/file.docx`);
  assert.equal(await Deno.readTextFile(`${site.root}/etc/file.docx`), "a document\n");
  assert.equal(await Deno.readTextFile(`${program.home}/.ssh/known_hosts`), "");
  // What is set for the remote holds for the remote only.
  await assert.rejects(
    guide("plakar at /var/backups backup sftp://myserver/etc"),
    /its ED25519 key SHA256:\S+ is not known/,
  );
});

/** From the directory of an SSH server into a new repository, and back. */
async function followGuide({ guide, root, newest }: Site, createOptions = ""): Promise<void> {
  const etc = await listTree(`${root}/etc`, "s");
  await guide(`plakar at /var/backups create${createOptions}`);
  await guide("plakar at /var/backups backup sftp://myserver/etc");
  const listed = await guide("plakar at /var/backups ls");
  assert.match(listed, /^\S+T\S+Z {3}[0-9a-f]{8} +\S+ \S+ +\S+ \S*\/etc\n$/);

  const tmp = Deno.lstatSync(`${root}/tmp`);
  await guide(`plakar at /var/backups restore -to sftp://myserver/tmp ${await newest()}:path/to/file.docx`);
  assert.deepEqual([...Deno.readDirSync(`${root}/tmp`)].map(({ name }) => name), ["file.docx"]);
  assert.equal(await Deno.readTextFile(`${root}/tmp/file.docx`), "a document\n");
  await Deno.remove(`${root}/tmp/file.docx`);
  await guide(`plakar at /var/backups restore -to sftp://myserver/tmp ${await newest()}`);
  assert.deepEqual(differences(await listTree(`${root}/tmp`, "s"), etc), []);
  const { mode, uid, gid } = Deno.lstatSync(`${root}/tmp`);
  assert.deepEqual([mode, uid, gid], [tmp.mode, tmp.uid, tmp.gid], "the target directory was there before");
}

/** The same by the name of a remote that leads to the login directory. */
async function followGuideWithRemote({ guide, root, login, newest }: Site): Promise<void> {
  await guide("plakar config remote create mysftp");
  await guide("plakar config remote set mysftp location sftp://myserver");
  const directory = `${root}/root`;
  const home = await listTree(directory, "s");
  await guide("plakar at /var/backups backup @mysftp");
  const id = await newest();
  assert.ok((await guide("plakar at /var/backups ls")).split("\n")[0].endsWith(` ${login}`));
  assert.equal(await guide(`plakar at /var/backups cat ${id}:${login}/notes`), "notes\n");
  const unchanged = resultOf(await guide("plakar at /var/backups -json backup @mysftp"));
  assert.deepEqual([unchanged.files_read, unchanged.parent], [0, id]);

  await Deno.remove(`${directory}/notes`);
  const { mode } = Deno.lstatSync(directory);
  await guide(`plakar at /var/backups restore -to @mysftp ${id}:notes`);
  assert.equal(await Deno.readTextFile(`${directory}/notes`), "notes\n");
  await Deno.writeTextFile(`${directory}/notes`, "something else");
  await guide(`plakar at /var/backups restore -to @mysftp ${id}`);
  assert.deepEqual(differences(await listTree(directory, "s"), home), []);
  assert.equal(Deno.lstatSync(directory).mode, mode, "the login directory keeps its mode");
}

/** Starts the server, where possible in a root directory of its own. */
async function newSite(authorizedKeys?: string[]): Promise<Site> {
  await using resources = new AsyncDisposableStack();
  const isRoot = Deno.uid() === 0;
  // sshd wants nobody else to be able to write to anything on the way to it.
  const root = await Deno.makeTempDir({ dir: isRoot ? "/run" : undefined, prefix: "plakar-guide-" });
  resources.defer(() => Deno.remove(root, { recursive: true }));
  const prefix = isRoot ? "" : root;
  const login = `${prefix}/root`;
  await growServer(root);
  const config = [`Subsystem sftp internal-sftp -d ${login}`];
  if (isRoot) config.push(`ChrootDirectory ${root}`);
  const sshd = resources.use(await startSshd({ config, authorizedKeys }));
  const program = resources.use(await newProgram());
  const here = SSH_CONFIG.replace("1.2.3.4", sshd.host).replace("Port 22", `Port ${sshd.port}`)
    .replace("User root", `User ${sshd.user}`);
  await program.write(".ssh/config", here);
  await program.write(".ssh/known_hosts", sshd.knownHosts);
  const store = `${program.home}/backups`;
  const guide = (line: string, options?: ProgramRunOptions) => {
    const words = line.replaceAll("/var/backups", store).replaceAll(/myserver(?=\/)/g, `myserver${prefix}`);
    return program.ok(words.split(" ").slice(1), options);
  };
  const newest = async () => (await guide("plakar at /var/backups ls")).split(/\s+/)[1];
  const kept = resources.move();
  return { sshd, program, root, login, guide, newest, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function growServer(root: string): Promise<void> {
  for (const directory of ["etc/path/to", "etc/ssh", "tmp", "root/.config"]) {
    await Deno.mkdir(`${root}/${directory}`, { recursive: true });
  }
  await Deno.chmod(`${root}/tmp`, 0o1777);
  await Deno.chmod(`${root}/root`, 0o700);
  await Deno.writeTextFile(`${root}/etc/path/to/file.docx`, "a document\n");
  await Deno.writeTextFile(`${root}/etc/hosts`, "127.0.0.1 localhost\n");
  await Deno.writeTextFile(`${root}/etc/shadow`, "root:*:1::::::\n", { mode: 0o600 });
  await Deno.writeTextFile(`${root}/etc/ssh/sshd_config`, "# nothing\n".repeat(1000));
  await Deno.symlink("../usr/share/zoneinfo/UTC", `${root}/etc/localtime`);
  await Deno.writeTextFile(`${root}/root/notes`, "notes\n");
  await Deno.writeTextFile(`${root}/root/.config/settings`, "setting = 1\n");
}

import assert from "node:assert/strict";
import { findProgram, testWithPeers } from "../support/peers.ts";
import { PASSPHRASE } from "../support/plakar.ts";
import { newStandIn, type StandIn } from "../support/stand_in.ts";
import { startSshAgent } from "../support/ssh_agent.ts";
import { generateKey, type Sshd, startSshd } from "../support/sshd.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** Runs the one file in a directory as a person would; any exit status but 0 is an error. */
async function plakar(
  standIn: StandIn,
  directory: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(standIn.path, {
    args,
    clearEnv: true,
    env: { ...standIn.env, PLAKAR_PASSPHRASE: PASSPHRASE, ...env },
    cwd: directory,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, `plakar ${args.join(" ")}: ${decoder.decode(stdout)}${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

function namesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
}

/** The server under the name that the guide gives it, in the ~/.ssh of the one file's home. */
async function nameServer(home: string, sshd: Sshd, keyPath: string): Promise<void> {
  const directory = `${home}/.ssh`;
  await Deno.mkdir(directory, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(`${directory}/known_hosts`, sshd.knownHosts);
  const lines = ["Host myserver", "HostName 127.0.0.1", `Port ${sshd.port}`, `User ${sshd.user}`];
  await Deno.writeTextFile(`${directory}/config`, [...lines, `IdentityFile ${keyPath}`, ""].join("\n"));
  await Deno.chmod(`${directory}/config`, 0o600);
}

Deno.test("the program is one file: it runs from an empty directory with nothing else installed", async () => {
  await using standIn = await newStandIn();
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await Deno.mkdir(`${path}/source`);
  await Deno.writeTextFile(`${path}/source/file`, "content");
  await plakar(standIn, path, ["at", `${path}/repository`, "create"]);
  await plakar(standIn, path, ["at", `${path}/repository`, "backup", `${path}/source`]);
  const id = (await plakar(standIn, path, ["at", `${path}/repository`, "ls"])).split(/\s+/)[1];
  await plakar(standIn, path, ["at", `${path}/repository`, "restore", "-to", `${path}/target`, id]);
  assert.equal(await Deno.readTextFile(`${path}/target/file`), "content");
  assert.deepEqual(namesIn(path), ["repository", "source", "target"]);
});

Deno.test("a service without HOME has the home of the list of users", async () => {
  await using standIn = await newStandIn();
  await using directory = await temporaryDirectory();
  const { HOME: _home, ...env } = standIn.env;
  const { code, stdout, stderr } = await new Deno.Command(standIn.path, {
    args: ["version"],
    clearEnv: true,
    // What the stand-in itself unpacks goes elsewhere.
    env: { ...env, XDG_CACHE_HOME: directory.path },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  assert.match(decoder.decode(stdout), /^plakar/);
});

const missing = ["sshd", "ssh-keygen", "ssh-agent"].filter((program) => !findProgram(program));

testWithPeers(missing, "the guide holds for the one file, command by command", async (t) => {
  await using standIn = await newStandIn();
  await using sshd = await startSshd();
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const repository = `${path}/backups`;
  const source = `${path}/etc`;
  await Deno.mkdir(`${source}/path/to`, { recursive: true });
  await Deno.writeTextFile(`${source}/path/to/file.docx`, "a document");
  await Deno.writeTextFile(`${source}/hostname`, "myserver\n");
  await nameServer(standIn.env.HOME, sshd, sshd.clientKeys.ed25519.path);
  const run = (...args: string[]) => plakar(standIn, path, args);
  const newest = async () => (await run("at", repository, "ls")).split(/\s+/)[1];

  await t.step("a repository is created and a server backed up", async () => {
    await run("at", repository, "create");
    await run("at", repository, "backup", `sftp://myserver${source}`);
    assert.match(await run("at", repository, "ls"), new RegExp(` ${source}\n$`));
  });

  await t.step("a remote is configured and backed up by its name", async () => {
    await run("config", "remote", "create", "mysftp");
    await run("config", "remote", "set", "mysftp", "location", `sftp://myserver${source}`);
    await run("at", repository, "backup", "@mysftp");
    assert.equal((await run("at", repository, "ls")).trim().split("\n").length, 2);
  });

  await t.step("a file and the full backup go back to the server", async () => {
    await Deno.mkdir(`${path}/tmp`);
    const id = await newest();
    await run("at", repository, "restore", "-to", `sftp://myserver${path}/tmp`, `${id}:path/to/file.docx`);
    assert.deepEqual(namesIn(`${path}/tmp`), ["file.docx"]);
    await run("at", repository, "restore", "-to", `sftp://myserver${path}/tmp`, id);
    assert.deepEqual(namesIn(`${path}/tmp`), ["file.docx", "hostname", "path"]);
    assert.equal(await Deno.readTextFile(`${path}/tmp/path/to/file.docx`), "a document");
  });

  await t.step("they go back to the remote by its name", async () => {
    await run("config", "remote", "set", "mysftp", "location", `sftp://myserver${path}/remote`);
    await Deno.mkdir(`${path}/remote`);
    const id = await newest();
    await run("at", repository, "restore", "-to", "@mysftp", `${id}:path/to/file.docx`);
    await run("at", repository, "restore", "-to", "@mysftp", id);
    assert.deepEqual(namesIn(`${path}/remote`), ["file.docx", "hostname", "path"]);
  });

  await t.step("an encrypted key is used through the agent", async () => {
    const key = await generateKey(`${path}/key`, "-t", "ed25519", "-N", "a passphrase");
    await Deno.writeTextFile(sshd.authorizedKeysPath, `${key.publicLine}\n`);
    await using agent = await startSshAgent();
    // The agent is given the key without its passphrase, as it keeps it.
    await Deno.copyFile(key.path, `${path}/plain`);
    await Deno.chmod(`${path}/plain`, 0o600);
    const stripped = ["-q", "-p", "-P", "a passphrase", "-N", "", "-f", `${path}/plain`];
    assert.ok((await new Deno.Command("ssh-keygen", { args: stripped, stdout: "null" }).output()).success);
    await agent.add(`${path}/plain`);
    await nameServer(standIn.env.HOME, sshd, key.path);
    await plakar(standIn, path, ["at", repository, "backup", `sftp://myserver${source}`], {
      SSH_AUTH_SOCK: agent.socket,
    });
    assert.equal((await run("at", repository, "ls")).trim().split("\n").length, 3);
  });

  await t.step("a server whose host key is not known is taken if the remote says so", async () => {
    await Deno.remove(`${standIn.env.HOME}/.ssh/known_hosts`);
    await Deno.writeTextFile(sshd.authorizedKeysPath, `${sshd.clientKeys.ed25519.publicLine}\n`);
    await run("config", "remote", "create", "elsewhere");
    const location = `sftp://${sshd.user}@127.0.0.1:${sshd.port}${source}`;
    await run("config", "remote", "set", "elsewhere", "location", location);
    await run("config", "remote", "set", "elsewhere", "identity_file", sshd.clientKeys.ed25519.path);
    await assert.rejects(run("at", repository, "backup", "@elsewhere"), /Cannot trust .* is not known/);
    await run("config", "remote", "set", "elsewhere", "insecure_ignore_host_key", "true");
    await run("at", repository, "backup", "@elsewhere");
    assert.equal((await run("at", repository, "ls")).trim().split("\n").length, 4);
  });
});

import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { processEnvironment, resolveTarget, type SshTarget } from "../../../src/ssh/mod.ts";
import { findProgram, peerTest } from "../../support/peers.ts";
import { makeSshHome } from "../../support/ssh_home.ts";
import { startSshd } from "../../support/sshd.ts";

/** The machine as ssh sees it: it looks its home up in the list of users. */
function environmentOfSsh() {
  return { ...processEnvironment(), home: userInfo().homedir ?? "/" };
}

async function resolve(host: string, config: string): Promise<SshTarget> {
  return await resolveTarget({ host, options: { ssh_config: config } }, environmentOfSsh());
}

/** What ssh prints on standard error. */
async function runSsh(...args: string[]): Promise<string> {
  const env = { SSH_AUTH_SOCK: "", WHERE: "/somewhere" };
  const command = new Deno.Command(findProgram("ssh") ?? "ssh", { args, stdin: "null", stdout: "null", env });
  return new TextDecoder().decode((await command.output()).stderr);
}

peerTest(["ssh"], "tokens of Match exec are what they are for ssh", async () => {
  await using home = await makeSshHome();
  const seen = `${home.path}/seen`;
  const tokens = [..."CdhikLlnpru"].map((letter) => `${letter}=%${letter}`).join(" ");
  const config = await home.write(
    "config",
    `Host alias\n HostName Real-%h.example\n User bob\n Port 2200\n HostKeyAlias Other\n` +
      `Match exec "echo '${tokens} %%' >> ${seen}"\n Compression yes\n`,
  );
  for (const host of ["alias", "Plain.Example"]) {
    await runSsh("-G", "-F", config, host);
    const theirs = await Deno.readTextFile(seen);
    assert.match(theirs, /^C=[0-9a-f]{40} .* %\n$/);
    await Deno.remove(seen);
    assert.equal((await resolve(host, config)).settings.compression, true);
    assert.equal(await Deno.readTextFile(seen), theirs);
    await Deno.remove(seen);
  }
});

peerTest(
  ["sshd", "ssh", "ssh-keygen"],
  "paths with tokens and variables are those that ssh opens",
  async () => {
    await using sshd = await startSshd();
    await using home = await makeSshHome();
    const tokens = [..."CdhikLlnpru"].map((letter) => `%${letter}`).join("/");
    const config = await home.write(
      "config",
      `Host alias\n HostName 127.0.0.1\n Port ${sshd.port}\n User ${sshd.user}\n HostKeyAlias other\n` +
        `IdentityFile ${home.path}/a/${tokens}/%%\nIdentityFile ~/.plakar-test/%n\n` +
        `IdentityFile ~daemon/.plakar-test\n` +
        `UserKnownHostsFile ${home.path}/k/${tokens} ~/.plakar-test/%h\nGlobalKnownHostsFile /dev/null\n` +
        "IdentityFile ${HOME}/c\nBatchMode yes\nStrictHostKeyChecking no\nUpdateHostKeys no\nLogLevel DEBUG1\n",
    );
    const said = await runSsh("-F", config, "alias", "true");
    const all = (pattern: RegExp) => [...new Set([...said.matchAll(pattern)].map(([, path]) => path))];
    const target = await resolve("alias", config);
    assert.deepEqual(
      target.identityFiles,
      all(/^debug1: identity file (\S+) type -1\r?$/gm).filter((path) => !path.endsWith("-cert")),
    );
    assert.deepEqual(
      target.userKnownHostsFiles,
      all(/^debug1: load_hostkeys: fopen (\S+): No such file/gm),
    );
  },
);

peerTest(["ssh"], "ProxyCommand takes the tokens that it takes for ssh, and no others", async () => {
  await using home = await makeSshHome();
  for (const letter of "CdhijkLlnpruz%") {
    const config = await home.write(
      "config",
      `Host alias\n HostName real.example\n User bob\n Port 2200\n HostKeyAlias other\n` +
        ` BatchMode yes\n LogLevel DEBUG1\n ProxyCommand false 'is %${letter}'\n`,
    );
    const said = await runSsh("-F", config, "alias", "true");
    const [, theirs] = /^debug1: Executing proxy command: exec (false .*?)\r?$/m.exec(said) ?? [];
    if (theirs !== undefined) assert.equal((await resolve("alias", config)).proxyCommand, theirs);
    else {
      assert.match(said, /unknown key %/);
      await assert.rejects(resolve("alias", config), /Cannot expand ProxyCommand/);
    }
  }
});

peerTest(
  ["sshd", "ssh", "ssh-keygen"],
  "the system's known_hosts files have no tokens, as for ssh",
  async () => {
    await using sshd = await startSshd();
    await using home = await makeSshHome();
    const config = await home.write(
      "config",
      `Host alias\n HostName 127.0.0.1\n Port ${sshd.port}\n UserKnownHostsFile /dev/null\n` +
        ` GlobalKnownHostsFile ${home.path}/%h ~/.plakar-test/%%\n BatchMode yes\n LogLevel DEBUG1\n`,
    );
    const said = await runSsh("-F", config, "alias", "true");
    const opened = [...said.matchAll(/^debug1: load_hostkeys: fopen (\S+): No such file/gm)].map(([, path]) =>
      path
    );
    assert.deepEqual((await resolve("alias", config)).globalKnownHostsFiles, [...new Set(opened)]);
  },
);

peerTest(
  ["ssh"],
  "the local user is the one of the list of users, whatever the environment says",
  async () => {
    const { USER, LOGNAME } = Deno.env.toObject();
    const env = { USER: "somebody-else", LOGNAME: "somebody-else" };
    try {
      for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
      const args = ["-G", "-F", "none", "host"];
      const { stdout } = await new Deno.Command(findProgram("ssh") ?? "ssh", { args, env }).output();
      const theirs = /^user (.*)$/m.exec(new TextDecoder().decode(stdout))?.[1];
      assert.equal((await resolve("host", "none")).user, theirs);
    } finally {
      for (const [name, value] of Object.entries({ USER, LOGNAME })) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    }
  },
);

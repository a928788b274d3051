import assert from "node:assert/strict";
import { PlakarError } from "../../../src/lib/errors.ts";
import { evaluateConfig } from "../../../src/ssh/config/evaluate.ts";
import { resolveTarget, type SshEnvironment } from "../../../src/ssh/mod.ts";

/** A machine made of a table of files; nothing can be run. */
function fakeEnvironment(
  files: Record<string, string>,
  variables: Record<string, string> = {},
): SshEnvironment {
  return {
    home: "/home/me",
    systemDirectory: "/etc/ssh",
    userName: "me",
    userId: 1000,
    hostName: "laptop.example.org",
    homeOf: (name) => name === "other" ? "/home/other" : undefined,
    variable: (name) => variables[name],
    readFile: (path) => Promise.resolve(path in files ? new TextEncoder().encode(files[path]) : undefined),
    facts: (path) => Promise.resolve(path in files ? { mode: 0o600, uid: 1000 } : undefined),
    list: (directory) =>
      Promise.resolve(
        Object.keys(files).filter((path) => path.startsWith(`${directory}/`))
          .map((path) => path.slice(directory.length + 1).split("/")[0]).sort(),
      ),
    append: () => Promise.reject(new Error("read only")),
    connectUnix: () => Promise.reject(new Error("no agents")),
    shell: () => Promise.resolve(undefined),
  };
}

const USER = "/home/me/.ssh/config";

async function target(config: string, host: string, options: Record<string, string> = {}, more = {}) {
  return await resolveTarget({ host, options, ...more }, fakeEnvironment({ [USER]: config }));
}

Deno.test("the user's file comes before the system's, and Include is relative to each", async () => {
  const environment = fakeEnvironment({
    [USER]: "Include mine\nUser first",
    "/home/me/.ssh/mine": "Port 1",
    "/etc/ssh/ssh_config": "Include ssh_config.d/*.conf\nUser second\nPort 9",
    "/etc/ssh/ssh_config.d/a.conf": "HostName from-system",
  });
  const { host, user, port } = await resolveTarget({ host: "x", options: {} }, environment);
  assert.deepEqual([host, user, port], ["from-system", "first", 1]);
});

Deno.test("a byte order mark at the start of a file is not part of the first keyword", async () => {
  assert.equal((await target("\uFEFFHost a\nPort 5\n", "a")).port, 5);
});

Deno.test("options win over the location, the location over ssh_config", async () => {
  const config = "User config\nPort 1\nIdentityFile ~/.ssh/c\n";
  const plain = await target(config, "a", {}, { user: "url", port: 2 });
  assert.deepEqual([plain.user, plain.port], ["url", 2]);
  const option = await target(config, "a", { User: "option", Port: "3" }, { user: "url", port: 2 });
  assert.deepEqual([option.user, option.port], ["option", 3]);
  const remote = await target(config, "a", { username: "remote", port: "4", identity: "~/k" });
  assert.deepEqual([remote.user, remote.port], ["remote", 4]);
  assert.deepEqual(remote.explicitIdentities, ["/home/me/k"]);
  assert.deepEqual(remote.identityFiles, ["/home/me/.ssh/c"]);
  assert.equal((await target(config, "a", { port: "4" }, { port: 2 })).port, 2);
});

Deno.test("two different users are refused", async () => {
  await assert.rejects(target("", "a", { username: "x" }, { user: "y" }), /already names the user "y"/);
});

Deno.test("tokens, the home directory and variables are replaced in paths", async () => {
  const config = "User u\nPort 7\nHostName h.example\nIdentityFile ~/%d/%h/%n/%p/%r/%u/%L/%l/%i/%k/%%\n" +
    "UserKnownHostsFile ${WHERE}/%h ~/x\nCertificateFile %d/c\n";
  const environment = fakeEnvironment({ [USER]: config }, { WHERE: "/w" });
  const found = await resolveTarget({ host: "alias", options: {} }, environment);
  assert.deepEqual(found.identityFiles, [
    "/home/me//home/me/h.example/alias/7/u/me/laptop/laptop.example.org/1000/alias/%",
  ]);
  assert.deepEqual(found.userKnownHostsFiles, ["/w/h.example", "/home/me/x"]);
  assert.deepEqual(found.certificateFiles, ["/home/me/c"]);
});

Deno.test("an unknown token and a variable that is not set are errors that name them", async () => {
  await assert.rejects(target("IdentityFile /%z\n", "a"), /"%z"/);
  await assert.rejects(target("IdentityFile /${NONE}\n", "a"), /"NONE" is not set/);
});

Deno.test("Match exec without the permission to run anything says so", async () => {
  const error = await target('Match exec "true"\nPort 3\n', "a").catch((error) => error);
  assert.ok(error instanceof PlakarError);
  assert.equal(error.code, "unsupported");
  assert.match(error.message, /config:1/);
});

Deno.test("a configuration that others may write to is not trusted", async () => {
  const environment: SshEnvironment = {
    ...fakeEnvironment({ [USER]: "Port 3" }),
    facts: () => Promise.resolve({ mode: 0o666, uid: 1000 }),
  };
  await assert.rejects(resolveTarget({ host: "a", options: {} }, environment), /others may write/);
});

Deno.test("files that include each other end with an error", async () => {
  await assert.rejects(target("Include config\n", "a"), /include each other/);
});

Deno.test("the agent's socket comes from the option, ssh_config or the environment", async () => {
  const socket = async (config: string, options: Record<string, string>) => {
    const environment = fakeEnvironment({ [USER]: config }, { SSH_AUTH_SOCK: "/env", OTHER: "/other" });
    return (await resolveTarget({ host: "a", options }, environment)).agentPath;
  };
  assert.equal(await socket("", {}), "/env");
  assert.equal(await socket("IdentityAgent SSH_AUTH_SOCK\n", {}), "/env");
  assert.equal(await socket("IdentityAgent $OTHER\n", {}), "/other");
  assert.equal(await socket("IdentityAgent ~/agent-%r\n", {}), "/home/me/agent-me");
  assert.equal(await socket("IdentityAgent none\n", {}), undefined);
  assert.equal(await socket("IdentityAgent none\n", { ssh_auth_sock: "/given" }), "/given");
});

Deno.test("a tilde stands for one's own home or that of another user, and for no one else's", async () => {
  const config = "IdentityFile ~/k\nIdentityFile ~other/k\nIdentityFile k~other\nIdentityFile ~\n";
  const { identityFiles } = await target(config, "a");
  assert.deepEqual(identityFiles, ["/home/me/k", "/home/other/k", "k~other", "/home/me"]);
  await assert.rejects(target("IdentityFile ~nobody/k\n", "a"), /"~nobody\/k": there is no user "nobody"/);
});

Deno.test("ProxyJump resolves every host with its own configuration", async () => {
  const config =
    "Host one\nUser u1\nPort 1\nHost two\nHostName two.example\nHost end\nProxyJump x@one:11,two\n";
  const end = await target(config, "end", { insecure_ignore_host_key: "true", identity: "/k" });
  assert.deepEqual([end.via?.host, end.via?.user], ["two.example", "me"]);
  assert.deepEqual([end.via?.via?.host, end.via?.via?.user, end.via?.via?.port], ["one", "x", 11]);
  assert.equal(end.via?.via?.via, undefined);
  assert.deepEqual([end.via?.ignoresHostKey, end.via?.explicitIdentities], [false, []]);
});

Deno.test("RefuseConnection refuses the host it applies to, with its reason", async () => {
  const config = 'Host old\nRefuseConnection "it is gone"\n';
  await assert.rejects(target(config, "old"), /Cannot connect to "old": .* it is gone$/);
  assert.equal((await target(config, "new")).host, "new");
});

Deno.test("hosts that lead to each other in a circle are an error", async () => {
  await assert.rejects(target("Host a\nProxyJump b\nHost b\nProxyJump a\n", "a"), /circle/);
});

Deno.test("ProxyJump takes addresses in brackets and refuses nonsense", async () => {
  assert.equal((await target("Host a\nProxyJump u@[::1]:23\n", "a")).via?.host, "::1");
  await assert.rejects(target("Host a\nProxyJump u@:x\n", "a"), /config:2: "proxyjump" is "u@:x", not/);
});

Deno.test("a named configuration replaces the others and must exist", async () => {
  const environment = fakeEnvironment({ [USER]: "Port 3", "/other": "Port 4" });
  const read = async (file: string) =>
    (await resolveTarget({ host: "a", options: { ssh_config: file } }, environment)).port;
  assert.equal(await read("/other"), 4);
  assert.equal(await read("none"), 22);
  await assert.rejects(read("/missing"), /no such file/);
});

Deno.test("a pattern full of stars takes no time", async () => {
  const config = `Host ${"*a".repeat(40)}b\nPort 3\n`;
  const values = await evaluateConfig(
    "a".repeat(200),
    [],
    { user: USER, isNamed: false },
    fakeEnvironment({ [USER]: config }),
  );
  assert.equal(values.get("port"), undefined);
});

Deno.test("an option that is neither true nor false, or no port, is a usage error", async () => {
  await assert.rejects(target("", "a", { insecure_ignore_host_key: "maybe" }), /neither "true" nor "false"/);
  await assert.rejects(target("", "a", { port: "0" }), /not a port/);
  await assert.rejects(target("", "a", { transport: "carrier-pigeon" }), /neither "builtin" nor "openssh"/);
});

Deno.test("an option that is no directive of ssh_config is refused, with the one that may be meant", async () => {
  const error = await target("", "a", { StrictHostKeyCheckin: "yes" }).catch((error) => error);
  assert.equal(error.code, "usage");
  assert.match(error.message, /"StrictHostKeyCheckin": ssh_config has no such directive/);
  assert.match(error.hint, /stricthostkeychecking/);
  // Directives without an effect, and options of others.
  assert.equal((await target("", "a", { GSSAPIAuthentication: "yes", sendenv: "X", tags: "x" })).host, "a");
});

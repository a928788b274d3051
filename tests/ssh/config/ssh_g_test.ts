import assert from "node:assert/strict";
import { assembleAlgorithms } from "../../../src/ssh/config/algorithm_list.ts";
import { evaluateConfig } from "../../../src/ssh/config/evaluate.ts";
import { type ConfigLine, parseConfigLine } from "../../../src/ssh/config/lines.ts";
import { settingsOf } from "../../../src/ssh/config/settings.ts";
import { expandTilde, expandTokens } from "../../../src/ssh/config/tokens.ts";
import { processEnvironment } from "../../../src/ssh/mod.ts";
import { findProgram, peerTest } from "../../support/peers.ts";
import { userName } from "../../support/sshd.ts";
import { CORPUS, type CorpusCase } from "./corpus.ts";
import { EDGES } from "./corpus_of_edges.ts";

/** What ssh -G says, by keyword; `undefined` if it refuses. */
async function oracle(
  file: string,
  host: string,
  options: string[],
): Promise<Map<string, string[]> | undefined> {
  const args = ["-G", "-F", file, ...options.flatMap((option) => ["-o", option]), "--", host];
  const command = new Deno.Command(findProgram("ssh") ?? "ssh", {
    args,
    stdin: "null",
    env: { MY_AGENT: "/agent" },
  });
  const { success, stdout } = await command.output();
  if (!success) return undefined;
  const said = new Map<string, string[]>();
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    const space = line.indexOf(" ");
    if (space < 0) continue;
    const keyword = line.slice(0, space);
    said.set(keyword, [...said.get(keyword) ?? [], line.slice(space + 1)]);
  }
  return said;
}

/** What our evaluation says, in the words of ssh -G. */
async function ours(
  file: string,
  host: string,
  options: string[],
  defaults: Map<string, string[]>,
  user: string,
) {
  const given = options.map((option) => parseConfigLine(option, "-o", 1)).filter((line): line is ConfigLine =>
    !!line
  );
  const machine = processEnvironment();
  // ssh goes by the list of users alone, whatever HOME says.
  const environment = { ...machine, userName: user, home: machine.homeOf(user) ?? machine.home };
  const values = await evaluateConfig(host, given, { user: file, isNamed: true }, environment);
  const settings = settingsOf(values);
  const flag = (value: boolean) => value ? "yes" : "no";
  const list = (configured: string | undefined, keyword: string) =>
    assembleAlgorithms(configured, (defaults.get(keyword)?.[0] ?? "").split(",")).join(",");
  const name = settings.hostName === undefined
    ? host
    : expandTokens(settings.hostName, { h: host }, "HostName");
  return {
    hostname: [name.toLowerCase()],
    user: [settings.user ?? user],
    port: [String(settings.port)],
    identityfile: values.get("identityfile") ?? defaults.get("identityfile"),
    certificatefile: values.get("certificatefile"),
    identitiesonly: [flag(settings.identitiesOnly)],
    identityagent: values.get("identityagent"),
    userknownhostsfile: [
      settings.userKnownHostsFiles.map((path) => expandTilde(path, environment)).join(" ") || "none",
    ],
    globalknownhostsfile: settings.globalKnownHostsFiles
      ? [settings.globalKnownHostsFiles.join(" ") || "none"]
      : defaults.get("globalknownhostsfile"),
    hashknownhosts: [flag(settings.hashKnownHosts)],
    hostkeyalias: values.get("hostkeyalias"),
    stricthostkeychecking: [
      { yes: "true", no: "false" }[settings.strictHostKeyChecking as string] ??
        settings.strictHostKeyChecking,
    ],
    checkhostip: [flag(settings.checkHostIp)],
    hostkeyalgorithms: [list(settings.hostKeyAlgorithms, "hostkeyalgorithms")],
    kexalgorithms: [list(settings.kexAlgorithms, "kexalgorithms")],
    ciphers: [list(settings.ciphers, "ciphers")],
    macs: [list(settings.macs, "macs")],
    pubkeyacceptedalgorithms: [list(settings.pubkeyAcceptedAlgorithms, "pubkeyacceptedalgorithms")],
    preferredauthentications: values.get("preferredauthentications"),
    pubkeyauthentication: [
      /bound/.exec(values.get("pubkeyauthentication")?.[0] ?? "")?.input ??
        `${settings.pubkeyAuthentication}`,
    ],
    passwordauthentication: [flag(settings.passwordAuthentication)],
    kbdinteractiveauthentication: [flag(settings.kbdInteractiveAuthentication)],
    numberofpasswordprompts: [String(settings.numberOfPasswordPrompts)],
    batchmode: [flag(settings.batchMode)],
    revokedhostkeys: settings.revokedHostKeys === undefined ? undefined : [settings.revokedHostKeys],
    casignaturealgorithms: [list(settings.caSignatureAlgorithms, "casignaturealgorithms")],
    proxyjump: settings.proxyJump === undefined ? undefined : [settings.proxyJump.replace("ssh://", "")],
    proxycommand: settings.proxyCommand === undefined ? undefined : [settings.proxyCommand],
    connecttimeout: [settings.connectTimeout === undefined ? "none" : String(settings.connectTimeout)],
    connectionattempts: [String(settings.connectionAttempts)],
    serveraliveinterval: [String(settings.serverAliveInterval ?? 0)],
    serveralivecountmax: [String(settings.serverAliveCountMax)],
    tcpkeepalive: [flag(settings.tcpKeepAlive)],
    compression: [flag(settings.compression)],
    stdinnull: [flag(settings.stdinNull)],
    forkafterauthentication: [flag(settings.forkAfterAuthentication)],
    bindaddress: settings.bindAddress === undefined ? undefined : [settings.bindAddress],
    addressfamily: [settings.addressFamily],
  };
}

async function compare(one: CorpusCase, directory: string, defaults: Map<string, string[]>, user: string) {
  const fill = (text: string) => text.replaceAll("DIR", directory).replaceAll("ME", user);
  for (const [name, text] of Object.entries({ ...one.files, config: one.config })) {
    const path = `${directory}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, fill(text), { mode: 0o600 });
  }
  const file = `${directory}/config`;
  const options = one.options ?? [];
  for (const host of one.hosts) {
    const expected = await oracle(file, host, options);
    const actual = await ours(file, host, options, defaults, user).catch((error) => error);
    if (!expected) assert.ok(actual instanceof Error, `ssh refuses, and we do not, for "${host}"`);
    else if (actual instanceof Error) throw actual;
    else {
      const said = Object.fromEntries(Object.keys(actual).map((keyword) => [keyword, expected.get(keyword)]));
      assert.deepEqual(actual, said, `for the host "${host}"`);
    }
  }
  await assert.rejects(Deno.stat(`${directory}/ran`), "a command was run that is not reached");
}

peerTest(["ssh"], "ssh_config means what ssh -G says", async (t) => {
  assert.ok(CORPUS.length >= 60);
  const user = await userName();
  const defaults = await oracle("none", "x", []);
  assert.ok(defaults);
  for (const one of [...CORPUS, ...EDGES]) {
    await t.step(one.name, async () => {
      const directory = await Deno.makeTempDir({ prefix: "config-" });
      try {
        await compare(one, directory, defaults, user);
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    });
  }
});

peerTest(["ssh"], "we read what ssh refuses only where that was decided", async () => {
  const directory = await Deno.makeTempDir({ prefix: "config-" });
  const file = `${directory}/config`;
  const user = await userName();
  const port = async (config: string) => {
    await Deno.writeTextFile(file, config, { mode: 0o600 });
    assert.equal(await oracle(file, "a", []), undefined);
    return (await ours(file, "a", [], new Map(), user)).port;
  };
  assert.deepEqual(await port("\uFEFFHost a\nPort 5\n"), ["5"]);
  assert.deepEqual(await port("NoSuchDirective x\nPort 5\n"), ["5"]);
  assert.deepEqual(await port("Ciphers of-a-later-version\nPort 5\n"), ["5"]);
  await Deno.remove(directory, { recursive: true });
});

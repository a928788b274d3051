import assert from "node:assert/strict";
import { directiveName, DIRECTIVES } from "../../../src/ssh/config/directives.ts";
import { ALL_DIRECTIVES, isDirective, OTHER_DIRECTIVES } from "../../../src/ssh/config/other_directives.ts";
import { findProgram, peerTest } from "../../support/peers.ts";

/** What ssh prints on both streams. */
async function ssh(...args: string[]): Promise<string> {
  const command = new Deno.Command(findProgram("ssh") ?? "ssh", { args, stdin: "null" });
  const { stdout, stderr } = await command.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test("docs/ssh.md says of every directive of ssh_config what it does here", async () => {
  const text = await Deno.readTextFile(new URL("../../../docs/ssh.md", import.meta.url));
  const rows = text.slice(text.indexOf("| directive")).split("\n").filter((line) => line.startsWith("| `"));
  const effects = new Map<string, string>();
  for (const row of rows) {
    const [, names, effect] = row.split("|");
    for (const [, name] of names.matchAll(/`([A-Za-z0-9]+)`/g)) {
      assert.ok(!effects.has(name.toLowerCase()), `${name} is there twice`);
      effects.set(name.toLowerCase(), effect.trim());
    }
  }
  const expected = ["host", "match", "include", ...ALL_DIRECTIVES.map((name) => name.toLowerCase())];
  assert.deepEqual([...effects.keys()].sort(), expected.sort());
  for (const [name, effect] of effects) {
    const isIgnored = /^no\b(?!:? effect)|^never/.test(effect);
    const isRead = name in DIRECTIVES || !isDirective(name);
    assert.equal(isIgnored, !isRead, `${name}: ${effect}`);
  }
});

/** Directives of other versions of ssh, or of other builds. */
const ELSEWHERE = new Set(
  ("BindInterface ChannelTimeout GSSAPIClientIdentity GSSAPIKexAlgorithms GSSAPIKeyExchange GSSAPIServerIdentity " +
    "GSSAPIRenewalForcesRekey GSSAPITrustDns ObscureKeystrokeTiming RefuseConnection Tag VersionAddendum WarnWeakCrypto")
    .toLowerCase().split(" "),
);

peerTest(["ssh"], "the directives are those that ssh has", async () => {
  for (const [, name] of (await ssh("-G", "-F", "none", "host")).matchAll(/^([A-Za-z0-9]+) /gm)) {
    assert.ok(name === "host" || isDirective(name), name);
  }
  for (const name of [...Object.keys(DIRECTIVES), ...OTHER_DIRECTIVES]) {
    const isKnown = !/Bad configuration option/.test(
      await ssh("-G", "-F", "none", "-o", `${name}=x`, "host"),
    );
    assert.ok(isKnown || ELSEWHERE.has(directiveName(name)), name);
  }
  assert.match(await ssh("-G", "-F", "none", "-o", "NoSuchDirective=x", "host"), /Bad configuration option/);
});

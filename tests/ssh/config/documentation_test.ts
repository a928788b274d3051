import assert from "node:assert/strict";
import { directiveName, DIRECTIVES } from "../../../src/ssh/config/directives.ts";
import { findProgram, peerTest } from "../../support/peers.ts";

/** The directives of ssh_config(5) that ssh -G does not print unless they are set. */
const UNPRINTED = [
  ..."Host Match Include User BindAddress BindInterface CertificateFile ControlPath GSSAPIDelegateCredentials"
    .split(" "),
  ..."HostKeyAlias IdentityAgent IgnoreUnknown KbdInteractiveDevices KnownHostsCommand LocalCommand".split(
    " ",
  ),
  ..."LocalForward PKCS11Provider PreferredAuthentications ProxyCommand ProxyJump RekeyLimit RemoteCommand"
    .split(" "),
  ..."RemoteForward RevokedHostKeys SendEnv SetEnv SecurityKeyProvider Tunnel XAuthLocation".split(" "),
  ..."DynamicForward LogVerbose CanonicalDomains CanonicalizePermittedCNAMEs EscapeChar".split(" "),
];

/** Those of later versions. */
const LATER = "ChannelTimeout ObscureKeystrokeTiming RefuseConnection Tag VersionAddendum WarnWeakCrypto"
  .split(" ");

peerTest(["ssh"], "docs/ssh.md says of every directive of ssh_config what it does here", async () => {
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
  const args = ["-G", "-F", "none", "host"];
  const { stdout } = await new Deno.Command(findProgram("ssh") ?? "ssh", { args }).output();
  const printed = new TextDecoder().decode(stdout).split("\n").map((line) => line.split(" ")[0])
    .filter((name) => name !== "" && name !== "host");
  for (const name of [...printed, ...UNPRINTED, ...LATER]) {
    const known = directiveName(name);
    // Names of the same thing before OpenSSH renamed it.
    const isThere = effects.has(known) || name.startsWith("gssapi") && effects.has("gssapiauthentication");
    assert.ok(isThere, `${name} is not there`);
  }
  for (const name of Object.keys(DIRECTIVES)) {
    assert.ok(
      !/^no\b(?!:? effect)|^never/.test(effects.get(name) ?? "no"),
      `${name} is read, and not there as such`,
    );
  }
});

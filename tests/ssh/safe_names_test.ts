import assert from "node:assert/strict";
import { resolveTarget } from "../../src/ssh/mod.ts";
import { findProgram, peerTest } from "../support/peers.ts";
import { makeSshHome } from "../support/ssh_home.ts";

const NAMES = [
  ..."'\"`$\\;&<>|(){}*!#%~=:.,_+^?/@-\u0001\u007f\t ".split("").flatMap((character) => [
    `a${character}b`,
    `${character}a`,
    `a${character}`,
  ]),
  "$(id)",
  "a -b",
  "DOMAIN\\name",
  "first last",
  "été",
];

async function isRefused(what: { host?: string; user?: string }): Promise<boolean> {
  await using home = await makeSshHome();
  const location = { host: "host", options: { ssh_config: "none" }, ...what };
  try {
    await resolveTarget(location, home.environment);
    return false;
  } catch (error) {
    assert.match(String(error), /as the name of a (host|user): it has characters/);
    return true;
  }
}

async function isRefusedBySsh(...args: string[]): Promise<boolean> {
  const command = new Deno.Command(findProgram("ssh") ?? "ssh", { args: ["-G", "-F", "none", ...args] });
  return /invalid characters/.test(new TextDecoder().decode((await command.output()).stderr));
}

peerTest(["ssh"], "hosts and users whose names ssh takes for dangerous are refused", async () => {
  let count = 0;
  for (const name of NAMES) {
    if (await isRefusedBySsh("--", name)) {
      assert.ok(await isRefused({ host: name }), `the host ${JSON.stringify(name)}`);
      count++;
    }
    if (await isRefusedBySsh("-l", name, "host")) {
      assert.ok(await isRefused({ user: name }), `the user ${JSON.stringify(name)}`);
      count++;
    }
  }
  // A version of ssh from before it did that would prove nothing.
  assert.ok(count > 50, `only ${count} were refused`);
});

Deno.test("names that are unusual and safe are left alone", async () => {
  for (const host of ["fe80::1%eth0", "a_b", "xn--t-wga.example", "10.0.0.1", "web-1.example"]) {
    assert.equal(await isRefused({ host }), false, host);
  }
  for (const user of ["DOMAIN\\name", "first last", "name@example.org", "host$", "a-b.c_d+e"]) {
    assert.equal(await isRefused({ user }), false, user);
  }
});

Deno.test("a name in a location never becomes a command of ProxyCommand or Match exec", async () => {
  await using home = await makeSshHome();
  const config = await home.write(
    "config",
    'Match exec "echo %h %n %r; true"\n  ProxyCommand sh -c "echo %h %n %r"\n',
  );
  const touch = `touch\${IFS}${home.path}/ran`;
  const evil: { host?: string; user?: string; options?: Record<string, string> }[] = [
    { host: `$(${touch})` },
    { host: `\`${touch}\`` },
    { user: `\`${touch}\`` },
    { user: `;touch ${home.path}/ran;` },
    { options: { username: `;touch ${home.path}/ran;` } },
    { options: { User: `";touch ${home.path}/ran;"` } },
    { options: { user: `\`${touch}\`` } },
    { options: { ProxyJump: `\`${touch}\`@gate` } },
    { options: { ProxyJump: `$(${touch.replaceAll("/", "\\")})` } },
  ];
  for (const { options, ...names } of evil) {
    const location = { host: "host", ...names, options: { ssh_config: config, ...options } };
    await assert.rejects(resolveTarget(location, home.environment), { name: "PlakarError" });
    await assert.rejects(Deno.stat(`${home.path}/ran`));
  }
});

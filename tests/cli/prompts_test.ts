/** Questions with the compiled program's permissions, which let it open no terminal but standard input. */

import { equal, match, ok } from "node:assert/strict";
import { programCommand } from "../../scripts/program.ts";
import { PASSPHRASE } from "../support/plakar.ts";
import { peerTest } from "../support/peers.ts";
import { newProgram } from "../support/program.ts";
import { generateKey, startSshd } from "../support/sshd.ts";
import { openTmux } from "../support/tmux.ts";

/** What a shell types to run the program. */
function shellWords(words: string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

Deno.test("without a terminal a question is an error at once, which says the way out", async () => {
  await using program = await newProgram();
  const store = `${program.home}/store`;
  await program.ok(["at", store, "create"]);
  const { path, args, env } = await programCommand();
  for (const words of [["ls"], ["backup", "/etc"], ["check"]]) {
    const child = new Deno.Command(path, {
      args: [...args, "at", store, ...words],
      env: { ...env, HOME: program.home, PLAKAR_PASSPHRASE: "" },
      // Open, and never written to: whoever waits for it waits forever.
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const [stdout, stderr, { code }] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.status,
    ]);
    await child.stdin.close().catch(() => {});
    equal(code, 77);
    equal(stdout, "");
    match(
      stderr,
      /^plakar: Cannot ask for the passphrase: standard input is not a terminal\nhint: .*-keyfile.*PLAKAR_PASSPHRASE/,
    );
  }
});

peerTest(["tmux"], "a passphrase can be typed, and one that is wrong is asked for again", async () => {
  await using program = await newProgram();
  const store = `${program.home}/store`;
  await program.ok(["at", store, "create"]);
  const { path, args, env } = await programCommand();
  await using terminal = await openTmux({ ...env, HOME: program.home });
  await terminal.type(`clear; ${shellWords([path, ...args, "at", store, "ls"])}; echo "status $?"`);
  await terminal.screenWith("repository passphrase:");
  await terminal.type("wrong");
  await terminal.screenWith("That is not the passphrase\nrepository passphrase:");
  await terminal.type(PASSPHRASE);
  const screen = await terminal.screenWith("status 0");
  ok(!screen.includes(PASSPHRASE), screen);
});

peerTest(
  ["tmux", "sshd", "ssh-keygen"],
  "a host key is asked about, and the passphrase of a key asked for",
  async () => {
    await using sshd = await startSshd();
    await using program = await newProgram();
    const key = await generateKey(`${program.home}/.ssh/id_ed25519`, "-t", "ed25519", "-N", "key secret");
    await Deno.writeTextFile(sshd.authorizedKeysPath, `${key.publicLine}\n`);
    const store = `${program.home}/store`;
    await Deno.mkdir(`${sshd.directory}/data`);
    await program.ok(["at", store, "create", "-plaintext"]);
    const { path, args, env } = await programCommand();
    const source = `sftp://${sshd.user}@${sshd.host}:${sshd.port}${sshd.directory}/data`;
    const words = [path, ...args, "at", store, "backup", source];
    // Nobody is there to be asked.
    const { code, stderr } = await new Deno.Command(path, {
      args: words.slice(1),
      env: { ...env, HOME: program.home, SSH_AUTH_SOCK: "" },
      stdin: "null",
    }).output();
    equal(code, 1);
    match(
      new TextDecoder().decode(stderr),
      /its ED25519 key .* is not known, and there is no terminal to ask on\nhint: /,
    );

    await using terminal = await openTmux({ ...env, HOME: program.home });
    await terminal.type(`clear; ${shellWords(words)}; echo "status $?"`);
    await terminal.screenWith("Continue connecting? (yes/no)");
    await terminal.type("yes");
    await terminal.screenWith("Passphrase for the key");
    await terminal.type("key secret");
    const screen = await terminal.screenWith("status 0");
    ok(!screen.includes("key secret"), screen);
    match(await Deno.readTextFile(`${program.home}/.ssh/known_hosts`), / ssh-ed25519 /);
  },
);

import { deepStrictEqual, equal, match } from "node:assert/strict";
import { programCommand } from "../../scripts/program.ts";
import { filesBelow, withStore } from "./commands/store_fixture.ts";

/** A command that adds a line of the variables that hooks see to a file. */
function noting(file: string, name: string): string {
  const variables = ["SOURCE", "REPOSITORY", "STATUS", "ERRORS", "SNAPSHOT", "ERROR"];
  return `echo "${name} ${variables.map((word) => `\${PLAKAR_${word}-none}`).join(" ")}" >> ${file}`;
}

/** The options that note every hook in a file. */
function notingOptions(file: string): string[] {
  return ["pre", "post", "fail"].flatMap((name) => [`-${name}-hook`, noting(file, name)]);
}

Deno.test("hooks run before and after a backup, and see what it came to", () =>
  withStore(async ({ home, store, write, run }) => {
    await write("src/a", "");
    const { status, stdout } = await run(["backup", ...notingOptions(`${home}/log`), `${home}/src`]);
    equal(status, 0);
    const [pre, post, ...more] = (await Deno.readTextFile(`${home}/log`)).trimEnd().split("\n");
    const [id] = /^[0-9a-f]{8}(?=: backup completed)/m.exec(stdout) ?? [];
    equal(pre, `pre ${home}/src ${store} none none none none`);
    match(post, new RegExp(`^post ${home}/src ${store} 0 0 ${id}[0-9a-f]{56} none$`));
    deepStrictEqual(more, []);
  }));

Deno.test("if the first hook fails nothing is done, and the hook for failures runs", () =>
  withStore(async ({ home, store, write, run }) => {
    await write("src/a", "");
    const before = await filesBelow(store);
    const { status, stdout, stderr } = await run([
      ...["backup", "-pre-hook", "exit 7", "-post-hook", `touch ${home}/wrong`],
      ...["-fail-hook", noting(`${home}/log`, "fail"), `${home}/src`],
    ]);
    equal(status, 1);
    equal(stdout, "");
    match(stderr, /^plakar: Nothing was backed up: pre-hook "exit 7" ended with exit status 7\nhint: /);
    match(
      await Deno.readTextFile(`${home}/log`),
      /^fail \S+ \S+ 1 none none Nothing was backed up: pre-hook "exit 7" ended with exit status 7\n$/,
    );
    deepStrictEqual(await filesBelow(store), before);
    equal(await Deno.stat(`${home}/wrong`).catch(() => "none"), "none");
  }));

Deno.test("a source that cannot be reached runs the hook for failures", () =>
  withStore(async ({ home, run }) => {
    const { status } = await run(["backup", ...notingOptions(`${home}/log`), `${home}/none`]);
    equal(status, 1);
    match(await Deno.readTextFile(`${home}/log`), /^pre .*\nfail \S+ \S+ 1 none none failed to create .*\n$/);
  }));

Deno.test("hooks afterwards that fail are warnings", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/a", "");
    const good = await run(["backup", "-post-hook", "kill -TERM $$", `${home}/src`]);
    equal(good.status, 0);
    match(good.stderr, /^warn: post-hook "kill -TERM \$\$" was ended by SIGTERM$/m);
    const bad = await run(["backup", "-fail-hook", "false", `${home}/none`]);
    equal(bad.status, 1);
    match(bad.stderr, /^warn: fail-hook "false" ended with exit status 1\nplakar: failed to create /);
  }));

Deno.test("a snapshot with errors is one: the hook afterwards tells them apart", {
  ignore: Deno.build.os !== "linux",
}, () =>
  withStore(async ({ home, run }) => {
    const script = `mkdir "$0/src" && touch "$0/src/good" "$0/src/$(printf 'bad\\377')"`;
    await new Deno.Command("sh", { args: ["-c", script, home] }).output();
    const { status } = await run(["backup", ...notingOptions(`${home}/log`), `${home}/src`]);
    equal(status, 3);
    match(await Deno.readTextFile(`${home}/log`), /\npost \S+ \S+ 3 1 [0-9a-f]{64} none\n$/);
  }));

Deno.test("a source has hooks of its own, which the command line replaces one by one", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/a", "");
    const hook = (name: string) => `echo ${name} >> ${home}/log`;
    await run([
      ...["source", "add", "mine", `${home}/src`],
      ...[`pre_hook=${hook("pre")}`, `post_hook=${hook("post")}`],
    ]);
    const noted = async (...options: string[]) => {
      await Deno.writeTextFile(`${home}/log`, "");
      equal((await run(["backup", ...options, "@mine"])).status, 0);
      return (await Deno.readTextFile(`${home}/log`)).trim().split("\n");
    };
    deepStrictEqual(await noted(), ["pre", "post"]);
    deepStrictEqual(await noted("-post-hook", hook("other")), ["pre", "other"]);
    deepStrictEqual(await noted("-pre-hook", ""), ["post"]);
    deepStrictEqual(await noted("-dry-run"), [""]);
  }));

Deno.test("what hooks print does not get among the output", () =>
  withStore(async ({ home, store, write }) => {
    await write("src/a", "");
    const cli = new URL("../../cli.ts", import.meta.url).pathname;
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--allow-all", cli, "at", store, "backup", "-json"],
        ...["-pre-hook", "echo before", "-post-hook", "echo after", `${home}/src`],
      ],
    }).output();
    for (const line of new TextDecoder().decode(stdout).trimEnd().split("\n")) JSON.parse(line);
    match(new TextDecoder().decode(stderr), /^before\n(.*\n)*after\n$/);
  }));

Deno.test("where no shell may be run, hooks are refused before anything is done", () =>
  withStore(async ({ home, store, write }) => {
    await write("src/a", "");
    const before = await filesBelow(store);
    const { path, args, env } = await programCommand();
    for (const option of ["-pre-hook", "-post-hook", "-fail-hook"]) {
      const { code, stdout, stderr } = await new Deno.Command(path, {
        args: [...args, "at", store, "backup", option, "true", `${home}/src`],
        env,
      }).output();
      equal(code, 1);
      equal(new TextDecoder().decode(stdout), "");
      equal(
        new TextDecoder().decode(stderr),
        `plakar: Cannot run ${option.slice(1)} "true": this program has no permission to run /bin/sh\n` +
          "hint: run the commands and plakar one after another in a script of your own\n",
      );
    }
    deepStrictEqual(await filesBelow(store), before);
  }));

import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { newPlakar, plakarTest } from "../../support/plakar.ts";
import { runMain, TypedInput, withHome } from "../fake_surroundings.ts";

/** Runs commands in a home of its own, and returns what each printed; all have to succeed. */
async function session(home: string, ...lines: string[][]): Promise<string[]> {
  const printed: string[] = [];
  for (const words of lines) {
    const { status, stdout, stderr } = await runMain(words, { home });
    equal(status, 0, `${words.join(" ")}: ${stderr}`);
    printed.push(stdout);
  }
  return printed;
}

Deno.test("the guide's remote is a source and a destination", () =>
  withHome(async (home) => {
    const printed = await session(
      home,
      ["config", "remote", "create", "mysftp"],
      ["config", "remote", "set", "mysftp", "location", "sftp://myserver"],
      ["config", "remote", "set", "mysftp", "insecure_ignore_host_key", "true"],
      ["config", "remote", "validate", "mysftp"],
      ["source", "show"],
      ["destination", "show"],
    );
    const shown = 'mysftp:\n    insecure_ignore_host_key: "true"\n    location: sftp://myserver\n';
    deepStrictEqual(printed, ["", "", "", "", shown, shown]);
  }));

Deno.test("config prints everything, with secrets masked unless they are asked for", () =>
  withHome(async (home) => {
    const [, , masked, open] = await session(
      home,
      ["store", "add", "nas", "/nas", "passphrase=geheim"],
      ["config", "repo", "default", "nas"],
      ["config"],
      ["config", "-secrets"],
    );
    const yaml = (secret: string) =>
      `default: nas\ndestinations: {}\nsources: {}\nstores:\n    nas:\n        location: /nas\n        passphrase: ${secret}\n`;
    equal(masked, yaml("'********'"));
    equal(open, yaml("geheim"));
  }));

Deno.test("mistakes are told in plakar's words, on standard error, with their exit status", () =>
  withHome(async (home) => {
    await session(home, ["source", "add", "a", "/x"], ["config", "remote", "create", "r"]);
    const mistakes: [string, number, string][] = [
      ["source add a /y", 1, 'plakar: source "a" already exists\n'],
      ["source set b k=v", 1, 'plakar: source "b" does not exist\n'],
      ["source rm b", 1, 'plakar: source "b" does not exist\n'],
      ["source unset a location", 64, "plakar: cannot unset location\n"],
      ["source show b", 1, 'source "b" does not exist\nplakar: one or more sources do not exist\n'],
      ["config remote create a", 1, 'plakar: remote "a" already exists\n'],
      ["config remote create r", 1, 'plakar: remote "r" already exists\n'],
    ];
    for (const [line, status, stderr] of mistakes) {
      deepStrictEqual(await runMain(line.split(" "), { home }), { status, stdout: "", stderr });
    }
    const usage = await runMain(["source", "add", "c", "/x", "nokey"], { home });
    equal(usage.status, 64);
    equal(
      usage.stderr,
      'plakar: Cannot take "nokey": it is not KEY=VALUE\nhint: usage: plakar source add NAME LOCATION [KEY=VALUE]...\n',
    );
  }));

Deno.test("a configuration that cannot be read is named with its line", () =>
  withHome(async (home) => {
    await Deno.mkdir(`${home}/.config/plakar`, { recursive: true });
    await Deno.writeTextFile(`${home}/.config/plakar/sources.yml`, "a: [\nb: c\n");
    const { status, stderr } = await runMain(["source", "show"], { home });
    equal(status, 1);
    ok(
      stderr.startsWith(`plakar: Cannot read configuration "${home}/.config/plakar/sources.yml" line 2: `),
      stderr,
    );
  }));

Deno.test("names may be written with @, and the location as location=", () =>
  withHome(async (home) => {
    const printed = await session(
      home,
      ["source", "add", "@a", "location=sftp://h", "port=22"],
      ["source", "set", "@a", "port=23", "username=me"],
      ["source", "unset", "a", "username", "none"],
      ["source", "show", "@a"],
      ["source", "rm", "@a"],
      ["source", "show"],
    );
    deepStrictEqual(printed.slice(3), ['a:\n    location: sftp://h\n    port: "23"\n', "", ""]);
  }));

Deno.test("check warns of options that mean nothing, and refuses locations that are none", () =>
  withHome(async (home) => {
    await session(home, ["source", "add", "a", "/x", "identiy_file=k"], ["source", "add", "b", "s3://x"]);
    deepStrictEqual(await runMain(["source", "check", "a"], { home }), {
      status: 0,
      stdout: "",
      stderr: 'warn: option identiy_file of source "a" is not known, did you mean identity_file?\n',
    });
    // Directives of ssh_config are options, too.
    await session(home, ["source", "set", "a", "ProxyJump=gate", "user=me", "SendEnv=X", "ProxyJmp=gate"]);
    equal(
      (await runMain(["source", "check", "a"], { home })).stderr.split("\n")[1],
      'warn: option ProxyJmp of source "a" is not known, did you mean proxyjump?',
    );
    equal((await runMain(["source", "check", "b"], { home })).status, 64);
    equal((await runMain(["source", "check", "b", "-o", "location=/y"], { home })).status, 0);
  }));

Deno.test("entries are imported from YAML, JSON, INI, rclone and standard input", () =>
  withHome(async (home) => {
    await Deno.writeTextFile(`${home}/a.yml`, "a:\n  location: /a\n  n: 1\n");
    await Deno.writeTextFile(`${home}/b.ini`, "; c\n[b]\nlocation = /b # c\nk = `x # y`\n");
    await Deno.writeTextFile(`${home}/r.conf`, "[r]\ntype = s3\n");
    await session(
      home,
      ["source", "import", "-config", "a.yml"],
      ["source", "import", "-config", "b.ini"],
      ["source", "import", "-rclone", "-config", "r.conf"],
      ["source", "import", "-config", "a.yml", "a:renamed"],
    );
    const stdin = new TypedInput(['{"j":{"location":"/j"}}'], false);
    equal((await runMain(["source", "import"], { home, stdin })).status, 0);
    const [shown] = await session(home, ["source", "show", "-json"]);
    deepStrictEqual(Object.assign({}, ...shown.trimEnd().split("\n").map((line) => JSON.parse(line))), {
      a: { location: "/a", n: "1" },
      b: { location: "/b", k: "x # y" },
      r: { location: "rclone://", rclone_type: "s3" },
      renamed: { location: "/a", n: "1" },
      j: { location: "/j" },
    });
  }));

Deno.test("an import leaves what is there, unless it is told to overwrite", () =>
  withHome(async (home) => {
    await Deno.writeTextFile(`${home}/a.yml`, "a:\n  location: /new\n");
    await session(home, ["source", "add", "a", "/old", "port=1"]);
    const kept = await runMain(["source", "import", "-config", "a.yml"], { home });
    deepStrictEqual(kept, { status: 0, stdout: "", stderr: 'warn: source "a" already exists, skipping\n' });
    const [, shown] = await session(home, ["source", "import", "-overwrite", "-config", "a.yml"], [
      "source",
      "show",
    ]);
    equal(shown, "a:\n    location: /new\n");
  }));

Deno.test("an import of what is no configuration changes nothing", () =>
  withHome(async (home) => {
    await Deno.writeTextFile(`${home}/x`, "x:\n  foo: bar\n");
    const refused = await runMain(["source", "import", "-config", "x"], { home });
    equal(refused.status, 1);
    ok(refused.stderr.includes("-rclone"), refused.stderr);
    await Deno.writeTextFile(`${home}/y`, "nonsense\n");
    equal((await runMain(["source", "import", "-config", "y"], { home })).status, 1);
    equal((await runMain(["source", "import", "-config", "none"], { home })).status, 1);
    await Deno.writeTextFile(`${home}/z`, "root:x:0:0\n");
    for (const format of [[], ["-rclone"], ["-ssh-config"]]) {
      const file = format[0] === "-ssh-config" ? "/dev/null" : "z";
      const { status, stderr } = await runMain(["source", "import", ...format, "-config", file], { home });
      equal(status, 1);
      match(stderr, /^plakar: Cannot import from ".*": there are no entries in it\nhint: /);
    }
    equal((await runMain(["source", "import", "-config", "x", "section"], { home })).status, 1);
    deepStrictEqual(await session(home, ["source", "show"]), [""]);
  }));

Deno.test("every concrete host of ssh_config can be imported", () =>
  withHome(async (home) => {
    await Deno.mkdir(`${home}/.ssh/conf.d`, { recursive: true });
    await Deno.writeTextFile(
      `${home}/.ssh/config`,
      'Include conf.d/*\nHost web "db"\n  HostName 1.2.3.4\nHost *.internal !x.internal other?\nMatch all\n',
    );
    await Deno.writeTextFile(`${home}/.ssh/conf.d/more`, "host included\n");
    const [, shown] = await session(home, ["source", "import", "-ssh-config"], ["source", "show"]);
    equal(
      shown,
      "included:\n    location: sftp://included\nweb:\n    location: sftp://web\ndb:\n    location: sftp://db\n",
    );
  }));

plakarTest("entries are shown as plakar shows them", async () => {
  await using plakar = await newPlakar();
  const values = [
    "/tmp/ä b",
    "k=a: b #c",
    "e=",
    "n=123",
    "t=true",
    "password=x",
    "q=it's",
    "d=2026-01-01",
    "s=- a",
  ];
  await plakar.ok(["source", "add", "mine", ...values]);
  for (const options of [[], ["-yaml"], ["-json"], ["-secrets"], ["-json", "-secrets"]]) {
    const words = ["source", "show", ...options];
    const expected = await plakar.ok(words);
    deepStrictEqual(await session(plakar.home, words), [expected]);
  }
});

plakarTest("mistakes in entries are told as plakar tells them", async () => {
  await using plakar = await newPlakar();
  await plakar.ok(["store", "add", "a", "/x"]);
  for (
    const line of [
      "store add a /x",
      "store set b k=v",
      "store unset b k",
      "store rm b",
      "store unset a location",
      "store show b",
      "store",
    ]
  ) {
    const expected = await plakar.run(line.split(" "));
    const actual = await runMain(line.split(" "), { home: plakar.home });
    // Plakar prints most errors to standard output, under the name it was called by.
    const theirs = (expected.stderr + expected.stdout).replace(/^\S*\/plakar: /m, "plakar: ");
    const ours = actual.stderr.replace(/^hint: .*\n/m, "");
    equal(ours, theirs, line);
  }
});

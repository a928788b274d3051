import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { beginUnlock, choosePassphrase, type PassphraseSource } from "../../src/cli/passphrase.ts";
import { adviceFor, entropyOf } from "../../src/cli/passphrase_strength.ts";
import { PlakarError } from "../../src/lib/errors.ts";

/** Opens with a passphrase, and waits until it is open. */
async function unlock<T>(from: PassphraseSource, open: (passphrase: Uint8Array) => Promise<T>): Promise<T> {
  return await (await beginUnlock(from, open)).opened;
}

const STRONG = "Granite-otter-72-lanterns";

interface FakeSource extends PassphraseSource {
  asked: string[];
  told: string[];
}

function source(typed: string[], given: Partial<PassphraseSource> = {}): FakeSource {
  const fake: FakeSource = {
    asked: [],
    told: [],
    keyfile: undefined,
    currentDirectory: "/",
    settings: {},
    variable: () => undefined,
    shell: () => Promise.resolve({ code: 0, output: "from command\n" }),
    prompter: {
      secret(question) {
        fake.asked.push(question);
        return Promise.resolve(typed.shift());
      },
      confirm: () => Promise.resolve(undefined),
    },
    tell: (message) => fake.told.push(message),
    ...given,
  };
  return fake;
}

async function tried(from: PassphraseSource): Promise<string> {
  return await unlock(from, (passphrase) => Promise.resolve(new TextDecoder().decode(passphrase)));
}

Deno.test("a key file goes before the configuration, that before a command, that before the environment", async () => {
  const keyfile = await Deno.makeTempFile();
  await Deno.writeTextFile(keyfile, "from file\n\n");
  const variable = () => "from environment";
  const settings = { passphrase: "from configuration", passphrase_cmd: "x" };
  const { passphrase_cmd } = settings;
  equal(await tried(source([], { keyfile, settings, variable })), "from file\n");
  equal(await tried(source([], { settings, variable })), "from configuration");
  equal(await tried(source([], { settings: { passphrase_cmd }, variable })), "from command");
  equal(await tried(source([], { variable })), "from environment");
  equal(await tried(source(["typed"], { variable: () => "" })), "typed");
  await Deno.remove(keyfile);
});

Deno.test("a key file may hold any bytes", async () => {
  const keyfile = await Deno.makeTempFile();
  await Deno.writeFile(keyfile, Uint8Array.of(0xff, 0x00));
  deepStrictEqual(
    await unlock(source([], { keyfile }), (passphrase) => Promise.resolve([...passphrase])),
    [0xff, 0x00],
  );
  await Deno.remove(keyfile);
  await rejects(tried(source([], { keyfile })), {
    code: "passphrase",
    message: `could not read key file: "${keyfile}": No such file or directory`,
  });
});

Deno.test("a command has to succeed and to print one line", async () => {
  const settings = { passphrase_cmd: "x" };
  const results = [
    { code: 1, output: "a\n" },
    { code: 0, output: "" },
    { code: 0, output: "a\nb\n" },
    undefined,
  ];
  for (const result of results) {
    await rejects(tried(source([], { settings, shell: () => Promise.resolve(result) })), {
      code: "passphrase",
    });
  }
});

Deno.test("a person may mistype twice", async () => {
  const open = (passphrase: Uint8Array) => {
    const typed = new TextDecoder().decode(passphrase);
    if (typed !== "right") throw new PlakarError("passphrase", "failed to unlock repository");
    return Promise.resolve(typed);
  };
  equal(await unlock(source(["no", "no", "right"]), open), "right");
  const from = source(["no", "no", "no", "right"]);
  await rejects(unlock(from, open), { code: "passphrase", message: "failed to unlock repository" });
  equal(from.asked.length, 3);
  deepStrictEqual(from.told, ["That is not the passphrase", "That is not the passphrase"]);
});

Deno.test("of a wrong passphrase that nobody typed it is said where it came from", async () => {
  const keyfile = await Deno.makeTempFile();
  const cases: [Partial<PassphraseSource>, origin: string][] = [
    [{ keyfile }, `-keyfile "${keyfile}"`],
    [{ settings: { passphrase: "no" } }, "the setting passphrase of the store"],
    [{ settings: { passphrase_cmd: "x" } }, "passphrase_cmd of the store"],
    [{ variable: () => "no" }, "PLAKAR_PASSPHRASE"],
  ];
  const open = () => Promise.reject(new PlakarError("passphrase", "failed to unlock repository"));
  for (const [given, origin] of cases) {
    const from = source(["right"], given);
    await rejects(unlock(from, open), { code: "passphrase", hint: `It came from ${origin}` });
    deepStrictEqual(from.asked, []);
  }
  await Deno.remove(keyfile);
});

Deno.test("another failure is not asked about again", async () => {
  const from = source(["a", "b"]);
  await rejects(unlock(from, () => Promise.reject(new PlakarError("corrupt", "broken"))), {
    code: "corrupt",
  });
  equal(from.asked.length, 1);
});

Deno.test("without a terminal the ways out are named", async () => {
  await rejects(tried(source([])), (error) => {
    ok(error instanceof PlakarError);
    equal(error.code, "passphrase");
    ok(error.hint?.includes("-keyfile") && error.hint.includes("PLAKAR_PASSPHRASE"));
    return true;
  });
});

Deno.test("a new passphrase is typed twice", async () => {
  const from = source([STRONG, STRONG]);
  equal(new TextDecoder().decode(await choosePassphrase(from, false)), STRONG);
  deepStrictEqual(from.asked, ["repository passphrase: ", "repository passphrase (confirm): "]);
});

Deno.test("a weak passphrase is refused once, with advice, and taken if it is typed again", async () => {
  const from = source(["abc", "abc", "abc"]);
  equal(new TextDecoder().decode(await choosePassphrase(from, false)), "abc");
  deepStrictEqual(from.told, [
    "insecure password, try including more special characters, using uppercase letters, using numbers or using a longer password",
  ]);
});

Deno.test("-weak-passphrase takes it at once", async () => {
  const from = source(["abc", "abc"]);
  await choosePassphrase(from, true);
  deepStrictEqual(from.told, []);
});

Deno.test("passphrases that differ are asked for again, three times in all", async () => {
  const from = source([STRONG, "x", STRONG, "y", STRONG, "z", STRONG, STRONG]);
  await rejects(choosePassphrase(from, false), { code: "passphrase", message: "too many failed attempts" });
  deepStrictEqual(from.told, ["passphrases mismatch", "passphrases mismatch", "passphrases mismatch"]);
  equal(
    new TextDecoder().decode(await choosePassphrase(source([STRONG, "x", STRONG, STRONG]), false)),
    STRONG,
  );
});

Deno.test("an empty passphrase encrypts nothing", async () => {
  const message = "can't encrypt the repository with an empty passphrase";
  await rejects(choosePassphrase(source([""]), true), { message });
  const keyfile = await Deno.makeTempFile();
  await Deno.writeTextFile(keyfile, "\n");
  await rejects(choosePassphrase(source([], { keyfile }), true), { message });
  await Deno.remove(keyfile);
});

// Each was typed into plakar 1.1.4.
Deno.test("passphrases are weak and strong where they are for plakar", () => {
  const strong = [
    "1927364850271938465029471",
    "MzQkvBtXwPjhGyR",
    "mzqkvbtxwpjhgyrfdvv",
    "mzqkvbétxwpjhgyrf",
    "Az1!-#xQ3kT9w",
    STRONG,
  ];
  const weak = [
    "mzqkvbtxwpjhgyrfd",
    "mzqkvbtxwpjhgyrfdn",
    "192736485027193846502947",
    "MzQkvBtXwPjhGy",
    "mzqkvbtxwpjhgyrnnnn",
    "mzqkvbtxwpjhgdefgh",
    "mzqkvb-txwpjhgyrf",
    "mzqkvb#txwpjhgy",
    "mzqkvb`txwpjhgyrf",
    "mzqkvbétxwpjhgyr",
    "",
  ];
  for (const passphrase of strong) equal(adviceFor(passphrase), undefined, passphrase);
  for (const passphrase of weak) ok(adviceFor(passphrase)?.startsWith("insecure password, try "), passphrase);
});

Deno.test("advice names what is missing", () => {
  equal(
    adviceFor("192736485027193846502947"),
    "insecure password, try including more special characters, using lowercase letters, using uppercase letters or using a longer password",
  );
  equal(adviceFor("aA1!-#"), "insecure password, try using a longer password");
});

Deno.test("runs count as two characters", () => {
  equal(entropyOf("zzzzzzzzzz"), entropyOf("zz"));
  equal(entropyOf("abcdefgh"), entropyOf("ab"));
  equal(entropyOf("87654321"), entropyOf("87"));
  equal(entropyOf("qwertyuiop"), entropyOf("qw"));
});

Deno.test("what a passphrase opens may take its time, unless somebody typed it", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { opened } = await beginUnlock(
    source([], { variable: () => "given" }),
    () => promise,
  );
  resolve("open");
  equal(await opened, "open");
  const typed = beginUnlock(source(["typed"]), () => new Promise<string>(() => {}));
  const first = await Promise.race([typed, new Promise((resolve) => setTimeout(resolve, 20, "waiting"))]);
  equal(first, "waiting");
});

import assert from "node:assert/strict";
import { FsStorage } from "../../src/connectors/storage/fs.ts";
import { newProgram, type ProgramResult } from "../support/program.ts";
import { randomOf } from "../support/random.ts";
import { assertTidy, storeFiles } from "../support/store_files.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary_directory.ts";
import {
  createTestRepository,
  TEST_PASSPHRASE,
  type TestRepositoryOptions,
} from "../support/test_repository.ts";

const PASSPHRASE = new TextDecoder().decode(TEST_PASSPHRASE);

/** A repository with one snapshot of a small and a big file, to be damaged. */
interface Store {
  path: string;
  directory: string;
  /** The snapshot's short id. */
  id: string;
  /** The packfile with the files' contents. */
  contents: string;
  /** The packfile with everything else. */
  metadata: string;
  /** The state file. */
  state: string;
  /** Runs the program on it with this passphrase, and sees to it that nothing in it changes. */
  run(args: string[], passphrase?: string): Promise<ProgramResult>;
}

async function withStore(
  options: TestRepositoryOptions,
  run: (store: Store) => Promise<void>,
): Promise<void> {
  await using directory: TemporaryDirectory = await temporaryDirectory();
  await using program = await newProgram();
  const path = `${directory.path}/store`;
  await using storage = new FsStorage(path);
  await createTestRepository(storage, { compression: "LZ4", ...options });
  const source = `${directory.path}/source`;
  await Deno.mkdir(source);
  const random = randomOf(1);
  await Deno.writeTextFile(`${source}/small`, "a small file\n");
  await Deno.writeFile(`${source}/big`, Uint8Array.from({ length: 1_000_000 }, () => random(256)));
  const env = (passphrase: string) => ({ env: { PLAKAR_PASSPHRASE: passphrase } });
  await program.ok(["at", path, "backup", source], env(PASSPHRASE));
  const id = (await program.ok(["at", path, "ls"], env(PASSPHRASE))).split(/\s+/)[1];
  const bySize = [...storeFiles(path)].sort(([, a], [, b]) => b - a).map(([name]) => `${path}/${name}`);
  const [contents, metadata] = bySize.filter((name) => name.includes("/packfiles/"));
  const state = bySize.find((name) => name.includes("/states/")) ?? assert.fail();
  await run({
    path,
    directory: directory.path,
    id,
    contents,
    metadata,
    state,
    async run(args, passphrase = PASSPHRASE) {
      const before = storeFiles(path);
      const result = await program.run(["at", path, ...args], env(passphrase));
      assert.deepEqual(storeFiles(path), before);
      return result;
    },
  });
}

async function flip(path: string, at: (size: number) => number): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[at(bytes.length)] ^= 1;
  await Deno.writeFile(path, bytes);
}

for (const encrypted of [false, true]) {
  const kind = encrypted ? "encrypted" : "plaintext";

  Deno.test(`a flipped byte costs one file, which is named, and nothing else (${kind})`, async () => {
    await withStore({ encrypted }, async (store) => {
      await flip(store.contents, (size) => Math.floor(size / 2));
      const checked = await store.run(["check"]);
      assert.equal(checked.code, 65);
      assert.match(
        checked.stderr,
        /KO ✘ \S+\/source\/big: Cannot read chunk [0-9a-f]{64} in packfile [0-9a-f]{64} at /,
      );
      assert.match(checked.stdout, /: check completed with 1 error in /);
      assert.match(checked.stderr, /^plakar: check failed for 1 snapshot\(s\)$/m);

      const target = `${store.directory}/target`;
      await Deno.mkdir(target);
      await Deno.writeTextFile(`${target}/big`, "what was there before");
      const restored = await store.run(["restore", "-to", target, store.id]);
      assert.equal(restored.code, 3);
      assert.match(restored.stderr, /KO ✘ \/big: Cannot read chunk/);
      assert.match(restored.stderr, /1 error/, "the summary counts it");
      assert.deepEqual([...Deno.readDirSync(target)].map(({ name }) => name).sort(), ["big", "small"]);
      assert.equal(await Deno.readTextFile(`${target}/small`), "a small file\n");
      assert.equal(await Deno.readTextFile(`${target}/big`), "what was there before");

      assert.deepEqual(await store.run(["cat", `${store.id}:small`]).then(outcome), [
        0,
        "a small file\n",
        "",
      ]);
      const printed = await store.run(["cat", `${store.id}:big`, `${store.id}:small`]);
      assert.equal(printed.code, 65);
      assert.ok(printed.stdout.endsWith("a small file\n"), "the rest is printed");
    });
  });

  Deno.test(`of a truncated packfile, everything that is lost is named (${kind})`, async () => {
    await withStore({ encrypted }, async (store) => {
      await Deno.truncate(store.contents, 100);
      const { code, stderr } = await store.run(["check"]);
      assert.equal(code, 65);
      for (const name of ["big", "small"]) {
        assert.match(stderr, new RegExp(`KO ✘ \\S+/source/${name}: .*but it has only 100$`, "m"));
      }
      assert.equal((await store.run(["ls", "-recursive", store.id])).code, 0);
      assert.equal((await store.run(["cat", `${store.id}:small`])).code, 65);
      const target = `${store.directory}/target`;
      assert.equal((await store.run(["restore", "-to", target, store.id])).code, 3);
      assert.deepEqual([...Deno.readDirSync(target)], []);
    });
  });

  Deno.test(`a snapshot whose header is lost fails the check, and is not passed over (${kind})`, async () => {
    await withStore({ encrypted }, async (store) => {
      await Deno.truncate(store.metadata, 100);
      for (const args of [["check"], ["check", store.id], ["ls", store.id], ["restore", store.id]]) {
        const { code, stderr } = await store.run(args);
        assert.equal(code, 65, args.join(" "));
        assert.ok(stderr.includes(`Cannot read snapshot ${store.id}`), stderr);
      }
    });
  });

  Deno.test(`beside a snapshot whose header is lost, the others are listed and restored: 3 (${kind})`, async () => {
    await withStore({ encrypted }, async (store) => {
      await using program = await newProgram({ PLAKAR_PASSPHRASE: PASSPHRASE });
      const other = `${store.directory}/other`;
      await Deno.mkdir(other);
      await Deno.writeTextFile(`${other}/small`, "another small file\n");
      await program.ok(["at", store.path, "backup", other]);
      await Deno.truncate(store.metadata, 100);
      const target = `${store.directory}/target`;
      const cases: [args: string[], printed: RegExp][] = [
        [["ls"], /^\S+Z +[0-9a-f]{8} .*\n$/],
        [["info"], /^Snapshots: 1$/m],
        [["locate", "small"], /^[0-9a-f]{8}:\S+\/other\/small\n$/],
        [["-quiet", "restore", "-to", target], /restore completed without errors/],
      ];
      for (const [args, printed] of cases) {
        const { code, stdout, stderr } = await store.run(args);
        assert.deepEqual([code, args[0]], [3, args[0]], stderr);
        assert.match(stdout, printed);
        assert.match(stderr, new RegExp(`^warn: Cannot read snapshot ${store.id}: `, "m"));
      }
      assert.equal(await Deno.readTextFile(`${target}/small`), "another small file\n");
    });
  });

  Deno.test(`a damaged state hides nothing: every command says so and ends (${kind})`, async () => {
    const damages = [
      (path: string) => Deno.truncate(path, 60),
      (path: string) => flip(path, (size) => size - 40),
      (path: string) => Deno.writeFile(path, new Uint8Array(500)),
    ];
    for (const damage of damages) {
      await withStore({ encrypted }, async (store) => {
        await damage(store.state);
        for (const args of [["ls"], ["check"], ["backup", store.directory], ["restore", store.id]]) {
          const { code, stdout, stderr } = await store.run(args);
          assert.deepEqual([code, stdout], [65, ""]);
          assert.ok(stderr.startsWith(`plakar: Cannot read state "${store.state.slice(-64)}": `), stderr);
        }
      });
    }
  });
}

Deno.test("garbage in place of CONFIG is no repository, a damaged CONFIG is a damaged one", async () => {
  await withStore({}, async (store) => {
    const config = `${store.path}/CONFIG`;
    const intact = await Deno.readFile(config);
    const cases: [Uint8Array, code: number, message: RegExp][] = [
      [new TextEncoder().encode("garbage ".repeat(50)), 66, /failed to open .*CONFIG of .*\nhint: .*copy/],
      [new Uint8Array(0), 66, /failed to open the repository at .*CONFIG of .*only 0 bytes\nhint: .*copy/],
      [intact.subarray(0, 100), 66, /failed to open the repository at .*CONFIG of .*\nhint: .*copy/],
      [intact.map((byte, i) => i === 200 ? byte ^ 1 : byte), 65, /CONFIG of .*MAC .* match\nhint: .*copy/],
      [
        intact.map((byte, i) => i === 13 ? 9 : byte),
        78,
        /its format version is 1\.9\.0, this program knows 1\.0\.0/,
      ],
    ];
    for (const [bytes, expected, message] of cases) {
      await Deno.writeFile(config, bytes);
      for (const args of [["ls"], ["backup", `${store.directory}/source`]]) {
        const { code, stdout, stderr } = await store.run(args);
        assert.deepEqual([code, stdout], [expected, ""], stderr);
        assert.match(stderr, message);
      }
    }
    await Deno.writeFile(config, intact);
    assert.equal((await store.run(["check"])).code, 0);
  });
});

Deno.test("a wrong passphrase and none are told apart, and neither touches anything", async () => {
  await withStore({ encrypted: true }, async (store) => {
    const wrong = await store.run(["ls"], "not the one that it was");
    assert.deepEqual(outcome(wrong), [
      77,
      "",
      "plakar: Cannot unlock the repository: the passphrase is wrong\nhint: It came from PLAKAR_PASSPHRASE\n",
    ]);
    const none = await store.run(["backup", `${store.directory}/source`], "");
    assert.deepEqual([none.code, none.stdout], [77, ""]);
    assert.match(none.stderr, /Cannot ask for the passphrase: .*terminal\nhint: .*-keyfile/);
  });
});

Deno.test("a store that is missing, or something else, is not opened, and not created over", async () => {
  await using directory = await temporaryDirectory();
  await using program = await newProgram();
  await Deno.mkdir(`${directory.path}/full`);
  await Deno.writeTextFile(`${directory.path}/full/file`, "content");
  for (const name of ["missing", "full", "full/file", "full/file/below"]) {
    const { code, stdout, stderr } = await program.run(["at", `${directory.path}/${name}`, "ls"]);
    assert.deepEqual([code, stdout], [66, ""]);
    const path = `${directory.path}/${name}`;
    const message = `failed to open the repository at ${path}: There is no repository at "${path}"`;
    const hint = name === "missing"
      ? `To create one there: "plakar at ${path} create"`
      : 'To use another repository: "plakar at LOCATION COMMAND"';
    assert.equal(stderr, `plakar: ${message}\nhint: ${hint}\n`);
  }
  for (const name of ["full", "full/file", "full/file/below"]) {
    const { code, stderr } = await program.run(["at", `${directory.path}/${name}`, "create", "-plaintext"]);
    assert.equal(code, 1);
    assert.ok(stderr.startsWith(`plakar: Cannot create store "${directory.path}/${name}": `), stderr);
  }
  // Where nobody may create anything, root included.
  const refused = await program.run(["at", "/proc/plakar", "create", "-plaintext"]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^plakar: Cannot create directory "\/proc\/plakar": /);
  await program.ok(["at", `${directory.path}/missing`, "create", "-plaintext"]);
  const again = await program.run(["at", `${directory.path}/missing`, "create", "-plaintext"]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /there is one already/);
  assertTidy(`${directory.path}/missing`);
  assert.equal(await Deno.readTextFile(`${directory.path}/full/file`), "content");
});

function outcome({ code, stdout, stderr }: ProgramResult): [code: number, stdout: string, stderr: string] {
  return [code, stdout, stderr];
}

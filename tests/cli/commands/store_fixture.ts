/** Commands on a plaintext store of their own, run in the process of the test. */

import { type FakeOptions, runMain, withHome } from "../fake_surroundings.ts";

/** What a run may be told. */
export interface StoreRunOptions extends FakeOptions {
  /** Another store than the fixture's. */
  at?: string;
}

/** A home with a store in it. */
export interface StoreFixture {
  /** The home directory. */
  home: string;
  /** The store's path. */
  store: string;
  /** Writes a file below the home, with its directory, and returns its path. */
  write(name: string, text: string): Promise<string>;
  /** Runs a command on the store. */
  run(
    words: string[],
    options?: StoreRunOptions,
  ): Promise<{ status: number; stdout: string; stderr: string }>;
}

/**
 * Runs a test with a store, which is `store` in the home.
 *
 * @param test the test
 */
export async function withStore(test: (fixture: StoreFixture) => Promise<void>): Promise<void> {
  await withHome(async (made) => {
    const home = await Deno.realPath(made);
    const store = `${home}/store`;
    const fixture: StoreFixture = {
      home,
      store,
      async write(name, text) {
        const path = `${home}/${name}`;
        await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
        await Deno.writeTextFile(path, text);
        return path;
      },
      run: (words, { at = store, ...options } = {}) => runMain(["at", at, ...words], { home, ...options }),
    };
    const { status, stderr } = await fixture.run(["create", "-plaintext"]);
    if (status !== 0) throw new Error(stderr);
    await test(fixture);
  });
}

/** Every file below a directory with size and modification time, to see whether anything was written. */
export async function filesBelow(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    const { size, mtime } = await Deno.lstat(path);
    found.push(`${path} ${size} ${mtime?.getTime()}`);
    if (isDirectory) found.push(...await filesBelow(path));
  }
  return found.sort();
}

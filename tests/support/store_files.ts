/** What lies in a store that is a directory. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";

/**
 * The files of a store; none if it is missing.
 *
 * @param store its directory
 * @returns their sizes by their paths, which are relative to the store
 */
export function storeFiles(store: string): Map<string, number> {
  const files = new Map<string, number>();
  const visit = (directory: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${store}/${directory}`)) {
      const path = directory === "" ? name : `${directory}/${name}`;
      if (isDirectory) visit(path);
      else files.set(path, Deno.lstatSync(`${store}/${path}`).size);
    }
  };
  if (existsSync(store)) visit("");
  return files;
}

/**
 * Asserts that a store has neither a lock nor a file that is no part of it, such as a temporary one.
 *
 * @param store its directory
 */
export function assertTidy(store: string): void {
  const expected = /^CONFIG$|^(packfiles|states)\/([0-9a-f]{2})\/\2[0-9a-f]{62}$/;
  assert.deepEqual([...storeFiles(store).keys()].filter((path) => !expected.test(path)), []);
}

/**
 * How many bytes the files of a store have.
 *
 * @param store its directory
 * @returns their sum
 */
export function storeSize(store: string): number {
  return [...storeFiles(store).values()].reduce((sum, size) => sum + size, 0);
}

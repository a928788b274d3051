import { deepStrictEqual, rejects } from "node:assert/strict";
import { scan } from "../../src/snapshot/scan.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { FakeSource } from "../support/fake_source.ts";

async function scanned(source: FakeSource, only?: string) {
  const found: string[] = [];
  const failed: string[] = [];
  const { parts, ...counts } = await scan({
    importer: source.importer({ only }),
    events: {
      found: (path) => void found.push(path),
      failed: (path, message) => void failed.push(`${path}: ${message}`),
    },
  });
  return { found: found.sort(), failed, parts: [...parts].sort(), counts };
}

Deno.test("a scan finds what a backup would store, and adds up regular files", async () => {
  const source = new FakeSource("/a/src").file("d/x", "12345").file("d/e/y", "123").file("z", "1")
    .link("l", "target of a link");
  const { found, failed, parts, counts } = await scanned(source);
  deepStrictEqual(found, [
    "/",
    "/a",
    "/a/src",
    "/a/src/d",
    "/a/src/d/e",
    "/a/src/d/e/y",
    "/a/src/d/x",
    "/a/src/l",
    "/a/src/z",
  ]);
  deepStrictEqual(failed, []);
  deepStrictEqual(counts, { directories: 3, files: 4, bytes: 9, errors: 0 });
  deepStrictEqual(parts, [["/a/src/d", 8], ["/a/src/l", 0], ["/a/src/z", 1]]);
});

Deno.test("what cannot be listed is an error, and the scan goes on", async () => {
  const source = new FakeSource("/src").directory("closed").file("x", "1");
  source.failListing("closed", "permission denied");
  const { found, failed, counts } = await scanned(source);
  deepStrictEqual(found.includes("/src/x"), true);
  deepStrictEqual(failed, ["/src/closed: permission denied"]);
  deepStrictEqual(counts.errors, 1);
});

Deno.test("of a single file, only that file is found", async () => {
  const { parts, counts } = await scanned(new FakeSource("/").file("x", "12").file("y", "1"), "x");
  deepStrictEqual(counts, { directories: 1, files: 1, bytes: 2, errors: 0 });
  deepStrictEqual(parts, [["/x", 2]]);
});

Deno.test("a scan can be stopped", async () => {
  const stop = new AbortController();
  const importer = new FakeSource("/src").file("d/e", "").importer();
  await rejects(
    scan({
      importer,
      signal: stop.signal,
      events: { found: (path: ByteString) => stop.abort(new Error(`at ${path}`)), failed: () => {} },
    }),
    { message: "at /src/d" },
  );
});

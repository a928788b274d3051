import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { fromText } from "../../src/lib/byte_string.ts";
import { clean, isClean } from "../../src/lib/byte_path.ts";
import { compareBytes, comparePaths } from "../../src/kloset/path_order.ts";
import { withSeed } from "./vectors.ts";

Deno.test("paths are ordered by depth, then by bytes", () => {
  const ordered = ["/", "/a", "/b", "/z", "/a/x", "/a!/x", "/a/b/c"].map(fromText);
  ordered.sort(comparePaths);
  assert.deepEqual(ordered, ["/", "/a", "/b", "/z", "/a!/x", "/a/x", "/a/b/c"]);
});

Deno.test("bytes decide, not UTF-16 code units", () => {
  const [private_, emoji] = [fromText("/\ue000"), fromText("/\u{1f600}")];
  assert.ok("/\ue000" > "/\u{1f600}");
  assert.ok(comparePaths(private_, emoji) < 0);
  assert.ok(compareBytes(private_, emoji) < 0);
});

Deno.test("both orders are total and agree with equality", () => {
  withSeed((random) => {
    const path = () =>
      String.fromCharCode(...Array.from({ length: random.below(6) }, () => 46 + random.below(3)));
    for (let i = 0; i < 2000; i++) {
      const [a, b] = [path() as ByteString, path() as ByteString];
      for (const compare of [comparePaths, compareBytes]) {
        assert.ok(Object.is(Math.sign(compare(a, b)), -Math.sign(compare(b, a))) || a === b);
        assert.equal(compare(a, b) === 0, a === b);
      }
    }
  });
});

Deno.test("a path is clean exactly if cleaning does not change it", () => {
  withSeed((random) => {
    for (let i = 0; i < 5000; i++) {
      const path = String.fromCharCode(
        ...Array.from({ length: random.below(9) }, () => 46 + random.below(3)),
      ) as ByteString;
      assert.equal(isClean(path), path !== "" && clean(path) === path, path);
    }
  });
  assert.equal(isClean("/a\0b" as ByteString), false);
  assert.equal(isClean("/\n/.." as ByteString), false);
  assert.equal(isClean("/a".repeat(1_000_000) as ByteString), true);
});

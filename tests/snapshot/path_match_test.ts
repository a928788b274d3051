import assert from "node:assert/strict";
import { type ByteString, fromText } from "../../src/lib/byte_string.ts";
import { compilePathMatch } from "../../src/snapshot/path_match.ts";

function matches(pattern: string, name: string): boolean {
  const compiled = compilePathMatch(fromText(pattern));
  assert.ok(compiled, pattern);
  return compiled(fromText(name));
}

Deno.test("shell patterns match whole names, as Go's path.Match has them", () => {
  const matching = [
    ["abc", "abc"],
    ["*", ""],
    ["*", "abc"],
    ["*c", "abc"],
    ["a*b*c", "aXbYbc"],
    ["?", "a"],
    ["?", "ü"],
    ["?", "日"],
    ["?", "😀"],
    ["[a-c]", "b"],
    ["[^a-c]", "d"],
    ["[!a]", "!"],
    ["[\\]-^]", "]"],
    ["[\\-x]", "-"],
    ["[α-ω]", "β"],
    ["\\*", "*"],
    ["\\a", "a"],
    ["a.c", "a.c"],
    ["(a|b)$", "(a|b)$"],
    ["new\nline*", "new\nline"],
    ["***", "a"],
    ["a]", "a]"],
  ];
  for (const [pattern, name] of matching) assert.equal(matches(pattern, name), true, `${pattern} ${name}`);
  const others = [
    ["abc", "abcd"],
    ["abc", "ABC"],
    ["?", ""],
    ["?", "ab"],
    ["*c", "abcd"],
    ["[a-c]", "d"],
    ["[^a-c]", "b"],
    ["[!a]", "b"],
    ["[c-a]", "b"],
    ["\\*", "a"],
    ["a.c", "abc"],
    ["*.txt", "txt"],
  ];
  for (const [pattern, name] of others) assert.equal(matches(pattern, name), false, `${pattern} ${name}`);
});

Deno.test("a pattern that is not well formed is told from one that matches nothing", () => {
  for (const pattern of ["[", "[a", "[]a]", "[-]", "[x-]", "[a-]x]", "a\\", "[^", "[^]", "[a\\"]) {
    assert.equal(compilePathMatch(fromText(pattern)), undefined, pattern);
  }
});

Deno.test("names that are not UTF-8 are matched too", () => {
  const compiled = compilePathMatch(fromText("caf?"));
  assert.ok(compiled?.("caf\xe9" as ByteString));
  assert.ok(compiled?.("caf\xc3\xa9" as ByteString));
});

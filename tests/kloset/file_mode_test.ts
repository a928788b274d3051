import assert from "node:assert/strict";
import * as mode from "../../src/kloset/file_mode.ts";

const CASES: [posix: number, go: number, shown: string][] = [
  [0o100644, 0o644, "-rw-r--r--"],
  [0o040755, 0x800001ed, "drwxr-xr-x"],
  [0o120777, 0x080001ff, "Lrwxrwxrwx"],
  [0o041777, 0x801001ff, "dtrwxrwxrwx"],
  [0o104755, 0x008001ed, "urwxr-xr-x"],
  [0o102755, 0x004001ed, "grwxr-xr-x"],
  [0o060660, 0x040001b0, "Drw-rw----"],
  [0o020620, 0x04200190, "Dcrw--w----"],
  [0o010600, 0x02000180, "prw-------"],
  [0o140777, 0x010001ff, "Srwxrwxrwx"],
  [0o100000, 0, "----------"],
];

Deno.test("POSIX modes become Go's and come back", () => {
  for (const [posix, go] of CASES) {
    assert.equal(mode.posixToGo(posix), go);
    assert.equal(mode.goToPosix(go), posix);
  }
});

Deno.test("a mode without a type is that of a regular file", () => {
  assert.equal(mode.posixToGo(0o644), 0o644);
});

Deno.test("modes are shown as Go shows them", () => {
  for (const [, go, shown] of CASES) assert.equal(mode.modeString(go), shown);
  assert.equal(mode.modeString(0xfff80000), "dalTLDpSugct?---------");
});

Deno.test("a file is regular when no bit says otherwise", () => {
  for (const [posix, go] of CASES) assert.equal(mode.isRegular(go), (posix & 0o170000) === 0o100000);
  assert.equal(mode.isRegular(mode.MODE_IRREGULAR), false);
});

Deno.test("each type is told by its bit", () => {
  assert.ok(mode.isDirectory(0x800001ed) && !mode.isDirectory(0x080001ff));
  assert.ok(mode.isSymlink(0x080001ff) && !mode.isSymlink(0o644));
  assert.ok(mode.isDevice(0x04200190) && mode.isDevice(0x040001b0) && !mode.isDevice(0o644));
  assert.ok(mode.isPipe(0x02000180) && !mode.isPipe(0x010001ff));
  assert.ok(mode.isSocket(0x010001ff) && !mode.isSocket(0x02000180));
});

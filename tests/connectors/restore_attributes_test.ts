import assert from "node:assert/strict";
import { restoreAttributes } from "../../src/connectors/exporter/restore_attributes.ts";
import type { AttributeSetter } from "../../src/connectors/exporter/target.ts";
import { MODE_SETGID, MODE_SETUID, MODE_STICKY } from "../../src/kloset/file_mode.ts";
import { type ErrorCode, PlakarError } from "../../src/lib/errors.ts";
import { ROOT } from "../../src/lib/byte_string.ts";
import { infoOf } from "./exporter_contract.ts";

/** A file that refuses some attributes. */
function refusing(code: ErrorCode, ...refused: (keyof AttributeSetter)[]) {
  const set: Record<string, unknown> = {};
  const answer = (name: keyof AttributeSetter, value: unknown) => {
    if (refused.includes(name)) return Promise.reject(new PlakarError(code, `no ${name}`));
    set[name] = value;
    return Promise.resolve();
  };
  const setter: AttributeSetter = {
    owner: (uid, gid) => answer("owner", [uid, gid]),
    mode: (permissions) => answer("mode", permissions),
    times: (mtime) => answer("times", mtime),
  };
  return { set, setter };
}

Deno.test("without the owner, setuid and setgid are dropped and sticky stays", async () => {
  const { set, setter } = refusing("permission", "owner");
  const lost: string[] = [];
  const info = infoOf(ROOT, MODE_SETUID | MODE_SETGID | MODE_STICKY | 0o755);
  await restoreAttributes(setter, info, (kind, message) => lost.push(`${kind}: ${message}`));
  assert.equal(set.mode, 0o1755);
  assert.equal(set.times, info.mtime);
  assert.deepEqual(lost, [
    "owner: no owner",
    "mode: setuid and setgid were dropped, because the owner could not be set",
  ]);
});

Deno.test("each attribute that is refused is lost alone", async () => {
  for (const kind of ["owner", "mode", "times"] as const) {
    const { set, setter } = refusing("io", kind);
    const lost: string[] = [];
    await restoreAttributes(setter, infoOf(ROOT, MODE_SETUID | 0o700), (what) => lost.push(what));
    assert.deepEqual(lost, kind === "owner" ? ["owner", "mode"] : [kind]);
    assert.deepEqual(Object.keys(set).sort(), ["mode", "owner", "times"].filter((name) => name !== kind));
  }
});

Deno.test("a broken connection is no loss of attributes", async () => {
  const { setter } = refusing("network", "owner", "mode", "times");
  await assert.rejects(
    restoreAttributes(setter, infoOf(ROOT), () => assert.fail("nothing is lost")),
    { code: "network" },
  );
});

Deno.test("all attributes are set at once where that works, and one by one where it does not", async () => {
  for (const works of [true, false]) {
    const { set, setter } = refusing("io");
    const asked: unknown[] = [];
    const all = (...attributes: unknown[]) => Promise.resolve(asked.push(attributes) > 0 && works);
    const info = infoOf(ROOT, 0o640);
    await restoreAttributes({ ...setter, all }, info, () => assert.fail("nothing is lost"));
    assert.deepEqual(asked, [[info.uid, info.gid, 0o640, info.mtime]]);
    assert.deepEqual(Object.keys(set).sort(), works ? [] : ["mode", "owner", "times"]);
  }
});

Deno.test("setuid is never set together with an owner", async () => {
  const { set, setter } = refusing("io");
  const all = () => assert.fail("the owner would take it away again");
  await restoreAttributes({ ...setter, all }, infoOf(ROOT, MODE_SETUID | 0o755), () => assert.fail());
  assert.equal(set.mode, 0o4755);
});

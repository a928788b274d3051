import assert from "node:assert/strict";
import { randomOf } from "../support/random.ts";
import { sshdTest } from "../support/sshd.ts";
import { newSite } from "./site.ts";

const RATE = 1_500_000;
/** What a pause makes up for, in seconds. */
const FREE = 0.12;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

sshdTest(
  "backups and restores take no more of a line than they may, over all their connections",
  async () => {
    await using site = await newSite();
    const random = randomOf(1);
    await Deno.mkdir(`${site.served}/source`);
    const files = 150;
    const size = 10_000;
    for (let n = 0; n < files; n++) {
      await Deno.writeFile(
        `${site.served}/source/${n}`,
        Uint8Array.from({ length: size }, () => random(256)),
      );
    }
    const least = files * size / RATE - FREE;
    const limit = String(RATE);
    const down = await seconds(() => site.ok("-limit-download", limit, "backup", `${site.location}/source`));
    assert.ok(down >= least, `${down} s, not ${least}`);
    const target = ["-to", `${site.location}/target`];
    const up = await seconds(() => site.ok("restore", "-limit-upload", limit, ...target));
    assert.ok(up >= least, `${up} s, not ${least}`);
    for (let n = 0; n < files; n += 10) {
      const restored = await Deno.readFile(`${site.served}/target/${n}`);
      assert.deepEqual(restored, await Deno.readFile(`${site.served}/source/${n}`));
    }
  },
);

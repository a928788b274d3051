import assert from "node:assert/strict";
import { currentVersion, resourceName, ResourceType } from "../../src/kloset/resource.ts";
import { formatVersion, VERSION_1_0_0, VERSION_1_1_0 } from "../../src/kloset/version.ts";

Deno.test("every resource type has its own number of one byte and a name", () => {
  const numbers: number[] = Object.values(ResourceType);
  assert.equal(new Set(numbers).size, numbers.length);
  assert.ok(numbers.every((number) => number > 0 && number <= 255 && number !== 8));
  assert.equal(new Set(numbers.map(resourceName)).size, numbers.length);
  assert.equal(resourceName(ResourceType.vfsEntry), "vfs-entry");
  assert.equal(resourceName(8), "type 8");
});

Deno.test("versions are written as people write them", () => {
  assert.equal(formatVersion(VERSION_1_0_0), "1.0.0");
  assert.equal(formatVersion(VERSION_1_1_0), "1.1.0");
  assert.equal(formatVersion(0x02030405), "515.4.5");
});

Deno.test("only states have moved past 1.0.0", () => {
  assert.equal(currentVersion(ResourceType.state), VERSION_1_1_0);
  for (const type of Object.values(ResourceType)) {
    if (type !== ResourceType.state) assert.equal(currentVersion(type), VERSION_1_0_0);
  }
});

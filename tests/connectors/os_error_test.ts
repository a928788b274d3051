import assert from "node:assert/strict";
import { osError } from "../../src/connectors/local/os_error.ts";

Deno.test("what the system answers is told without the runtime's own words", async () => {
  const failed = await Deno.readFile("/no/such/file").catch((error) => error);
  const missing = osError("read", "/no/such/file", failed);
  assert.equal(missing.message, 'Cannot read "/no/such/file": No such file or directory');
  assert.equal(missing.code, "not-found");
});

Deno.test("a permission that the program lacks is told without an option it does not have", () => {
  const cause = new Deno.errors.NotCapable(
    'Requires all access to "/proc", run again with the --allow-all flag',
  );
  const { message, hint, code } = osError("read", "/proc", cause);
  assert.equal(message, 'Cannot read "/proc": this program is not permitted to use it');
  assert.match(hint ?? "", /below \/dev, \/proc and \/sys that takes --allow-all$/);
  assert.equal(code, "permission");
});

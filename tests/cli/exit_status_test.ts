import { deepStrictEqual } from "node:assert/strict";
import * as statuses from "../../src/cli/exit_status.ts";

Deno.test("docs/exit-codes.md lists every exit status", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/exit-codes.md", import.meta.url));
  const listed = [...text.matchAll(/^\| (\d+) /gm)].map(([, digits]) => Number(digits));
  const known = Object.values(statuses).filter((status) => typeof status === "number");
  deepStrictEqual(listed, known.sort((a, b) => a - b));
});

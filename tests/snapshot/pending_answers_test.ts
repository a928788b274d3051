import assert from "node:assert/strict";
import { PlakarError } from "../../src/lib/errors.ts";
import { PendingAnswers } from "../../src/snapshot/pending_answers.ts";
import { outcomeOf } from "../../src/snapshot/outcome.ts";

Deno.test("each answer goes to who waits for it, in whatever order, errors with code and hint", async () => {
  const answers = new PendingAnswers<number, string>();
  const waits = [1, 2].map((key) => answers.wait(key));
  const error = new PlakarError("no-space", "No space is left", { hint: "Make room" });
  answers.settle(2, structuredClone(await outcomeOf(Promise.reject(error))));
  answers.settle(1, structuredClone(await outcomeOf(Promise.resolve("one"))));
  answers.settle(1, { value: "again" });
  assert.equal(await waits[0], "one");
  await assert.rejects(waits[1], { code: "no-space", message: "No space is left", hint: "Make room" });
});

Deno.test("when it is given up nobody waits any more, and answers that come late are dropped", async () => {
  const answers = new PendingAnswers<string>();
  const waits = ["a", "b"].map((key) => answers.wait(key));
  const error = new PlakarError("interrupted", "Closed");
  answers.giveUp(error);
  answers.settle("a", { value: undefined });
  for (const wait of waits) await assert.rejects(wait, error);
});

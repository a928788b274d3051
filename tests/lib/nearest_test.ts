import { equal } from "node:assert/strict";
import { nearest } from "../../src/lib/nearest.ts";

const WORDS = ["backup", "restore", "ls", "locate", "destination"];

Deno.test("a word with a letter missing, doubled, wrong or swapped is recognised", () => {
  for (const typed of ["backp", "baackup", "bacjup", "bakcup", "BACKUP"]) {
    equal(nearest(typed, WORDS), "backup");
  }
  equal(nearest("sl", WORDS), "ls");
});

Deno.test("the beginning of a word is recognised", () => equal(nearest("dest", WORDS), "destination"));

Deno.test("a word far from all others suggests nothing", () => {
  for (const typed of ["prune", "xyz", "de", ""]) equal(nearest(typed, WORDS), undefined);
});

import { equal, match } from "node:assert/strict";
import { insteadOf } from "../../../src/cli/grammar/elsewhere.ts";
import { COMMANDS } from "../../../src/cli/grammar/table/table.ts";
import { nameOf } from "../../../src/cli/grammar/command.ts";
import { runMain } from "../fake_surroundings.ts";

/** The commands of plakar 1.0 and 1.1, that are not here. */
const PLAKARS = [
  ...[
    "agent",
    "cached",
    "clone",
    "config reload",
    "diag",
    "dup",
    "info vfs",
    "login",
    "logout",
    "maintenance",
    "mount",
  ],
  ...["pkg", "policy", "prune", "ptar", "repair", "scheduler", "server", "service", "services"],
  ...["store default", "sync", "token", "ui"],
];

Deno.test("a command that plakar has and this program has not is told of, with what to do", async () => {
  for (const words of PLAKARS) {
    const { status, stdout, stderr } = await runMain([...words.split(" "), "x"]);
    equal(status, 64);
    equal(stdout, "");
    match(stderr, new RegExp(`^plakar: command not found: ${words}\\nhint: ${insteadOf(words)}\\n$`));
  }
});

Deno.test("no command that is here is said to be elsewhere", () => {
  for (const command of COMMANDS) equal(insteadOf(nameOf(command)), undefined);
});

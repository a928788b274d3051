/** The options that every command takes, before its name or after it. */

import { parseRate } from "../rate_argument.ts";
import { commaList, flag, parsed, text, wholeNumber } from "./option.ts";

/** Options of the program itself. */
export const GLOBAL_OPTIONS = {
  "configdir": text("DIR", "configuration directory (default $XDG_CONFIG_HOME/plakar or ~/.config/plakar)", {
    aliases: ["config"],
    completes: "directory",
  }),
  "cachedir": text("DIR", "cache directory (default $XDG_CACHE_HOME/plakar-deno or ~/.cache/plakar-deno)", {
    completes: "directory",
  }),
  "datadir": text("DIR", "accepted for compatibility: nothing is kept there", { hidden: true }),
  "keyfile": text("FILE", "read the passphrase from a file", { completes: "file" }),
  "concurrency": wholeNumber("how many files to work on at once, over all connections", 1),
  "connections": wholeNumber(
    "how many SSH connections read or write files, beside the one that lists them (default -cpu)",
    1,
  ),
  "cpu": wholeNumber("how many processor cores to use (default all, at least 2)", 1),
  "limit-upload": parsed(
    "RATE",
    "send no more to SSH servers, in bytes a second: 500KB, 2MiB/s, 10M",
    parseRate,
  ),
  "limit-download": parsed("RATE", "take no more from SSH servers, in bytes a second", parseRate),
  "quiet": flag("print errors and the result only"),
  "silent": flag("print nothing but the error that ends the command"),
  "stdio": flag("print plain lines also on a terminal, no progress display"),
  "json": flag("print JSON lines instead of text (docs/json.md)"),
  "trace": commaList(
    "SUBSYSTEM,...",
    "print what happens inside: all, config, ssh, repository, snapshot",
  ),
  "time": flag("print how long the command took"),
  "no-agent": flag("accepted for compatibility: there is no agent", { hidden: true }),
  "disable-security-check": flag("accepted for compatibility: nothing is ever looked up", { hidden: true }),
  "enable-security-check": flag("accepted for compatibility: nothing is ever looked up", { hidden: true }),
} as const;

/** The global options' types. */
export type GlobalOptions = typeof GLOBAL_OPTIONS;

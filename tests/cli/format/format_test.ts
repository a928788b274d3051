import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { formatDecimal } from "../../../src/cli/format/decimal.ts";
import { formatDuration, formatWholeSeconds } from "../../../src/cli/format/duration.ts";
import { printableName } from "../../../src/cli/format/printable_name.ts";
import { formatSize } from "../../../src/cli/format/size.ts";
import { parseSnapshotReference } from "../../../src/cli/format/snapshot_reference.ts";
import { formatGoTime, formatRfc3339 } from "../../../src/cli/format/time.ts";
import { fromBytes, fromText } from "../../../src/lib/byte_string.ts";

Deno.test("sizes are in binary units, with one decimal below 10", () => {
  const sizes: [number | bigint, string][] = [
    [0, "0 B"],
    [9, "9 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [10_189, "10 KiB"],
    [10_188, "9.9 KiB"],
    [3_460_300, "3.3 MiB"],
    [20 * 2 ** 20, "20 MiB"],
    [2 ** 20 - 1, "1024 KiB"],
    // Halves go to the even number, as in plakar.
    [573_928, "560 KiB"],
    [12_813, "12 KiB"],
    [561.5 * 1024, "562 KiB"],
    [67_108_864, "64 MiB"],
    [2n ** 64n - 1n, "16 EiB"],
  ];
  for (const [size, text] of sizes) equal(formatSize(size), text);
});

Deno.test("halves are rounded to the even number, as in Go", () => {
  const decimals: [number, number, string][] = [
    [0, 6, "0.000000"],
    [0.5, 0, "0"],
    [1.5, 0, "2"],
    [2.5, 0, "2"],
    [2.5000000000000004, 0, "3"],
    [0.0078125, 6, "0.007812"],
    [0.0234375, 6, "0.023438"],
    [7.9609375, 6, "7.960938"],
    [7.9453125, 6, "7.945312"],
    [4.75, 1, "4.8"],
    [4.25, 1, "4.2"],
    [7.999999, 6, "7.999999"],
  ];
  for (const [value, digits, text] of decimals) equal(formatDecimal(value, digits), text);
});

Deno.test("durations are those of Go", () => {
  const durations: [bigint, string][] = [
    [0n, "0s"],
    [1n, "1ns"],
    [1_500n, "1.5µs"],
    [59_461_750n, "59.46175ms"],
    [1_000_000_000n, "1s"],
    [109_913_605_141n, "1m49.913605141s"],
    [4_202_000_000_000n, "1h10m2s"],
    [3_600_000_000_000n, "1h0m0s"],
    [-1_500_000_000n, "-1.5s"],
  ];
  for (const [nanoseconds, text] of durations) equal(formatDuration(nanoseconds), text);
});

Deno.test("durations are rounded to seconds, halves up", () => {
  equal(formatWholeSeconds(499_999_999n), "0s");
  equal(formatWholeSeconds(500_000_000n), "1s");
  equal(formatWholeSeconds(4_202_400_000_000n), "1h10m2s");
});

Deno.test("times are UTC, and keep their nanoseconds where asked", () => {
  const time = BigInt(Date.parse("2026-05-01T10:00:00Z")) * 1_000_000n + 120_000_000n;
  equal(formatRfc3339(time), "2026-05-01T10:00:00Z");
  equal(formatRfc3339(time, 9), "2026-05-01T10:00:00.12Z");
  equal(formatRfc3339(time - 120_000_000n, 9), "2026-05-01T10:00:00Z");
  equal(formatGoTime(time), "2026-05-01 10:00:00.12 +0000 UTC");
  equal(formatRfc3339(-1n, 9), "1969-12-31T23:59:59.999999999Z");
});

Deno.test("what cannot be printed is a question mark in names", () => {
  equal(printableName(fromText("plain name-1.txt")), "plain name-1.txt");
  equal(printableName(fromText("é 日本 😀 ́")), "é 日本 😀 ́");
  equal(printableName(fromText("a\x1b[31mb\n\tc\x7f\u0085\u00a0\u200b\u2028")), "a?[31mb??c?????");
  equal(printableName(fromBytes(Uint8Array.of(0x61, 0xff, 0x62))), "a\ufffdb");
});

Deno.test("a reference is an id and a path", () => {
  const path = fromText;
  deepStrictEqual(parseSnapshotReference("FC1b"), { prefix: "fc1b" });
  deepStrictEqual(parseSnapshotReference("fc1b:"), { prefix: "fc1b" });
  deepStrictEqual(parseSnapshotReference("fc1b:a/é:b"), { prefix: "fc1b", path: path("a/é:b") });
  deepStrictEqual(parseSnapshotReference("fc1b:/etc"), { prefix: "fc1b", path: path("/etc") });
  deepStrictEqual(parseSnapshotReference("/etc:x"), { prefix: "", path: path("/etc:x") });
  deepStrictEqual(parseSnapshotReference(":a"), { prefix: "", path: path("a") });
});

Deno.test("what is no id is refused in plakar's words", () => {
  for (const text of ["zz", "zz:/etc", "a".repeat(65), ""]) {
    throws(() => parseSnapshotReference(text), { code: "not-found", message: /^no snapshot has prefix: / });
  }
});

import { deepStrictEqual, equal } from "node:assert/strict";
import { parseCommandLine } from "../../src/cli/grammar/parse.ts";
import { LS } from "../../src/cli/grammar/table/snapshots.ts";
import { locateFilterOf } from "../../src/cli/locate_filter_of.ts";
import { openStorage } from "../../src/connectors/storage/open_storage.ts";
import { fromText } from "../../src/lib/byte_string.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { openRepository } from "../../src/repository/repository.ts";
import {
  isEmptyFilter,
  type LocatableHeader,
  type LocateFilter,
  selectSnapshots,
} from "../../src/snapshot/locate_filter.ts";
import { listSnapshots } from "../../src/snapshot/snapshot_list.ts";
import type { OptionValues } from "../../src/cli/grammar/option.ts";
import { newPlakar, plakarTest } from "../support/plakar.ts";

interface Fake {
  id: string;
  header: LocatableHeader;
}

const NOW = time("2026-11-22T21:00:00Z");

function time(iso: string): bigint {
  return BigInt(Date.parse(iso)) * 1_000_000n;
}

function fake(
  id: string,
  made: string,
  more: Partial<LocatableHeader> = {},
  root = "/etc",
  origin = "h",
): Fake {
  const importer = { type: "sftp", origin: fromText(origin), directory: fromText(root) };
  const labels = { name: "default", category: "", environment: "", perimeter: "", job: "", dataset: "" };
  const sources = [{ importer }] as unknown as LocatableHeader["sources"];
  return { id, header: { timestamp: time(made), ...labels, dataClasses: [], tags: [], sources, ...more } };
}

const SNAPSHOTS = [
  fake("c", "2026-11-21T10:00:00Z", { tags: ["y", "z"], category: "c" }, "/srv"),
  fake("a", "2026-11-20T10:00:00Z", { tags: ["x", "y"], name: "n" }),
  fake("b", "2026-11-20T11:00:00Z", { tags: ["x"], dataClasses: ["pii"] }),
  fake("e", "2026-11-22T11:00:00Z", { name: "n", job: "j" }),
  fake("d", "2026-11-22T10:00:00Z", {}, "/srv", "other"),
];

function select(filter: LocateFilter): string {
  return selectSnapshots(SNAPSHOTS, filter, NOW).map(({ id }) => id).join("");
}

Deno.test("without a filter all are selected, the newest first", () => equal(select({}), "edcba"));

Deno.test("times are inclusive on both sides", () => {
  equal(select({ before: time("2026-11-21T10:00:00Z") }), "cba");
  equal(select({ since: time("2026-11-21T10:00:00Z") }), "edc");
  equal(select({ since: time("2026-11-20T11:00:00Z"), before: time("2026-11-21T10:00:00Z") }), "cb");
});

Deno.test("all tags have to be there, and those with ! must not", () => {
  equal(select({ tags: ["x"] }), "ba");
  equal(select({ tags: ["x", "y"] }), "a");
  equal(select({ tags: ["!x"] }), "edc");
  equal(select({ tags: ["y", "!x"] }), "c");
});

Deno.test("one of the roots, origins, types and data classes has to fit", () => {
  equal(select({ roots: [fromText("/srv")] }), "dc");
  equal(select({ roots: [fromText("/srv"), fromText("/etc")] }), "edcba");
  equal(select({ roots: [fromText("/s")] }), "");
  equal(select({ origins: [fromText("other"), fromText("none")] }), "d");
  equal(select({ types: ["fs", "sftp"] }), "edcba");
  equal(select({ types: ["fs"] }), "");
  equal(select({ dataClasses: ["pii"] }), "b");
});

Deno.test("labels have to be equal", () => {
  equal(select({ name: "n" }), "ea");
  equal(select({ category: "c" }), "c");
  equal(select({ job: "j", name: "n" }), "e");
  equal(select({ environment: "" }), "edcba");
});

Deno.test("latest is the newest of what matches", () => {
  equal(select({ latest: true }), "e");
  equal(select({ latest: true, tags: ["x"] }), "b");
  equal(select({ latest: true, tags: ["none"] }), "");
});

Deno.test("periods keep the last buckets, and the newest of each", () => {
  equal(select({ periods: [{ period: "day", keep: 2 }] }), "edc");
  equal(select({ periods: [{ period: "day", cap: 1 }] }), "ecb");
  equal(select({ periods: [{ period: "day", keep: 2, cap: 1 }] }), "ec");
  equal(select({ periods: [{ period: "hour", keep: 1 }] }), "");
  equal(select({ periods: [{ period: "friday", keep: 1 }] }), "ba");
  equal(select({ periods: [{ period: "day", keep: 1 }, { period: "friday", cap: 1 }] }), "edb");
  equal(select({ latest: true, periods: [{ period: "friday", keep: 1 }] }), "");
});

Deno.test("periods count within groups", () => {
  equal(select({ groupBy: "root", periods: [{ period: "day", cap: 1 }] }), "edcb");
  equal(select({ groupBy: "tag", periods: [{ period: "day", cap: 1 }] }), "ecba");
});

Deno.test("a filter is empty if nothing is asked for", () => {
  equal(isEmptyFilter({}), true);
  equal(isEmptyFilter({ tags: [], latest: false, name: undefined }), true);
  equal(isEmptyFilter({ types: ["sftp"] }), false);
  equal(isEmptyFilter({ latest: true }), false);
});

plakarTest("options select what they select for plakar", async () => {
  await using plakar = await newPlakar();
  const repository = `${plakar.home}/repository`;
  for (const name of ["s1", "s2"]) {
    await Deno.mkdir(`${plakar.home}/${name}`);
    await Deno.writeTextFile(`${plakar.home}/${name}/file`, name);
  }
  await plakar.ok(["at", repository, "create", "-plaintext"]);
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const made: [string, ...string[]][] = [
    [`${day(9)} 01:00`, "-tag", "x,y", "-name", "n1", "s1"],
    [`${day(9)} 02:00`, "-tag", "x", "s1"],
    [`${day(3)} 01:00`, "-tag", "y,z", "-category", "c", "s2"],
    [`${day(1)} 01:00`, "s2"],
    [`${day(1)} 02:00`, "-name", "n1", "s1"],
    [`${day(400)} 02:00`, "-environment", "e", "-perimeter", "p", "-job", "j", "s1"],
  ];
  for (const [timestamp, ...words] of made) {
    await plakar.ok(["at", repository, "backup", "-force-timestamp", timestamp, ...words]);
  }
  const open = await (await openRepository(openStorage({ protocol: "fs", path: repository }))).unlock();
  const snapshots = await listSnapshots(open, (message) => {
    throw new Error(message);
  });
  const selections = [
    ...[
      "",
      "-tag x",
      "-tag x,y",
      "-tag x -tag y",
      "-tag !x",
      "-tag y,!x",
      "-latest",
      "-latest -tag x",
      "-name n1",
    ],
    ...[
      "-name default",
      "-category c",
      "-environment e -perimeter p -job j",
      `-root ${plakar.home}/s1`,
      "-type fs",
    ],
    ...[
      "-type fs,s3",
      "-type S3",
      `-before ${day(3)}`,
      `-since ${day(3)}`,
      "-since 5d",
      "-before 1w",
      "-since 1y",
    ],
    ...[
      "-days 2",
      "-days 10",
      "-weeks 1",
      "-weeks 2",
      "-months 1",
      "-years 1",
      "-years 2",
      "-per-day 1",
      "-per-week 1",
    ],
    ...[
      "-per-month 1",
      "-per-year 1",
      "-per-year 2",
      "-days 30 -per-day 1",
      "-hours 48",
      "-minutes 5",
      "-per-hour 1",
    ],
    ...[
      "-group-by root -per-day 1",
      "-group-by tag -per-day 1",
      "-group-by name -per-year 1",
      "-latest -per-friday 1",
    ],
    ...[
      "-mondays 1",
      "-tuesdays 1",
      "-wednesdays 2",
      "-thursdays 2",
      "-fridays 1",
      "-saturdays 1",
      "-sundays 1",
    ],
    ...["-per-monday 1", "-per-sunday 1", "-days 2 -per-week 1", "-group-by root -latest"],
  ];
  for (const selection of selections) {
    const words = selection.split(" ").filter((word) => word !== "");
    const listing = await plakar.ok(["at", repository, "ls", "-uuid", ...words]);
    const theirs = listing.split("\n").filter((line) => line !== "").map((line) => line.split(/\s+/)[1]);
    const line = parseCommandLine(["ls", ...words], [LS]);
    if (line.kind !== "run") throw new Error(line.kind);
    const filter = locateFilterOf(
      line.parsed.options as OptionValues<typeof LS.options>,
      BigInt(Date.now()) * 1_000_000n,
    );
    const ours = selectSnapshots(snapshots, filter, BigInt(Date.now()) * 1_000_000n);
    deepStrictEqual(ours.map(({ header }) => toHex(header.identifier)), theirs, selection);
  }
});

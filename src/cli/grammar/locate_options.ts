/** The options that select snapshots, shared by the commands that work on several. */

import { GROUP_KEYS } from "../../snapshot/locate_filter.ts";
import { parseTimeArgument } from "../time_argument.ts";
import { choice, commaList, flag, parsed, repeated, text, wholeNumber } from "./option.ts";

/** Filters by what a snapshot's header says. */
export const FILTER_OPTIONS = {
  "before": parsed("TIME", "only snapshots made at TIME or before", parseTimeArgument),
  "since": parsed("TIME", "only snapshots made at TIME or since", parseTimeArgument),
  "latest": flag("only the newest of the matching snapshots"),
  "name": text("NAME", "only snapshots of this name"),
  "category": text("NAME", "only snapshots of this category"),
  "environment": text("NAME", "only snapshots of this environment"),
  "perimeter": text("NAME", "only snapshots of this perimeter"),
  "job": text("NAME", "only snapshots of this job"),
  "dataset": text("NAME", "only snapshots of this dataset"),
  "tag": commaList("TAG,...", "only snapshots with all these tags; !TAG: without it"),
  "root": repeated("PATH", "only snapshots of this directory; several: of any of them"),
  "origin": commaList("HOST,...", "only snapshots from one of these hosts"),
  "type": commaList("TYPE,...", "only snapshots of one of these types: fs, sftp, ..."),
  "data-class": commaList("CLASS,...", "only snapshots of one of these data classes"),
  "group-by": {
    ...choice(GROUP_KEYS, `apply the periods within groups by ${GROUP_KEYS.join(", ")}`, undefined),
    valueName: "KEY",
  },
} as const;

const keep = (unit: string) => wholeNumber(`only snapshots of the last N ${unit}`, 1);
const cap = (bucket: string) => wholeNumber(`at most N snapshots per ${bucket}, the newest`, 1);

/** Filters by calendar periods, in UTC. */
export const PERIOD_OPTIONS = {
  "minutes": keep("minutes"),
  "hours": keep("hours"),
  "days": keep("days"),
  "weeks": keep("weeks"),
  "months": keep("months"),
  "years": keep("years"),
  "mondays": keep("Mondays"),
  "tuesdays": keep("Tuesdays"),
  "wednesdays": keep("Wednesdays"),
  "thursdays": keep("Thursdays"),
  "fridays": keep("Fridays"),
  "saturdays": keep("Saturdays"),
  "sundays": keep("Sundays"),
  "per-minute": cap("minute"),
  "per-hour": cap("hour"),
  "per-day": cap("day"),
  "per-week": cap("week"),
  "per-month": cap("month"),
  "per-year": cap("year"),
  "per-monday": cap("Monday"),
  "per-tuesday": cap("Tuesday"),
  "per-wednesday": cap("Wednesday"),
  "per-thursday": cap("Thursday"),
  "per-friday": cap("Friday"),
  "per-saturday": cap("Saturday"),
  "per-sunday": cap("Sunday"),
} as const;

/** All the options that select snapshots. */
export const LOCATE_OPTIONS: typeof FILTER_OPTIONS & typeof PERIOD_OPTIONS = {
  ...FILTER_OPTIONS,
  ...PERIOD_OPTIONS,
};

/** From the options that select snapshots to the filter they mean. */

import { clean } from "../lib/byte_path.ts";
import { fromText } from "../lib/byte_string.ts";
import type { LocateFilter, PeriodRule } from "../snapshot/locate_filter.ts";
import { type Period, PERIODS } from "../snapshot/period.ts";
import type { FILTER_OPTIONS, PERIOD_OPTIONS } from "./grammar/locate_options.ts";
import type { OptionValues } from "./grammar/option.ts";
import { resolveTime } from "./time_argument.ts";

/** Values of the options that look at headers. */
export type FilterValues = OptionValues<typeof FILTER_OPTIONS>;

/** Values of the options about calendar periods. */
export type PeriodValues = OptionValues<typeof PERIOD_OPTIONS>;

/**
 * The filter that options mean.
 *
 * @param values what was given; a command without options about periods gives none
 * @param now nanoseconds since 1970
 * @returns the filter
 */
export function locateFilterOf(values: FilterValues & Partial<PeriodValues>, now: bigint): LocateFilter {
  const { before, since, latest, name, category, environment, perimeter, job, dataset } = values;
  return {
    ...(before && { before: resolveTime(before, now) }),
    ...(since && { since: resolveTime(since, now) }),
    ...{ name, category, environment, perimeter, job, dataset, latest },
    tags: values.tag,
    roots: values.root.map((root) => clean(fromText(root))),
    origins: values.origin.map(fromText),
    types: values.type,
    dataClasses: values["data-class"],
    groupBy: values["group-by"],
    periods: PERIODS.flatMap((period) => ruleOf(period, values) ?? []),
  };
}

function ruleOf(period: Period, values: Partial<PeriodValues>): PeriodRule | undefined {
  const keep = values[`${period}s`];
  const cap = values[`per-${period}`];
  return keep === undefined && cap === undefined ? undefined : { period, keep, cap };
}

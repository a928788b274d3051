/** Sizes as plakar prints them. */

import { formatDecimal } from "./decimal.ts";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/**
 * A size in binary units: one decimal below 10, none above.
 *
 * @param size a number of bytes
 * @returns for example `0 B`, `3.3 MiB`, `20 MiB`
 */
export function formatSize(size: number | bigint): string {
  let value = Number(size);
  if (value < 10) return `${value} B`;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const tenths = Math.floor(value * 10 + 0.5) / 10;
  return `${formatDecimal(tenths, tenths < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

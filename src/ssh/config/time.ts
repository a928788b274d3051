/** The time format of ssh_config: `90`, `5m`, `1h30m`. */

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/**
 * Reads a time.
 *
 * @param text numbers with units, without a unit seconds
 * @returns seconds, or `undefined` if it cannot be read
 */
export function parseTime(text: string): number | undefined {
  if (!/^(\d+[smhdw]?)+$/i.test(text)) return undefined;
  let seconds = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)([smhdw]?)/gi)) {
    seconds += Number(digits) * UNITS[unit.toLowerCase() || "s"];
  }
  return seconds <= 0x7fffffff ? seconds : undefined;
}

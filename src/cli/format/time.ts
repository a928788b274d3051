/** Times as plakar prints them, in UTC. */

const SECOND = 1_000_000_000n;

/**
 * A time as RFC 3339.
 *
 * @param nanoseconds since 1970
 * @param digits how many digits of the fraction at most, zeros at its end left out
 * @returns for example `2026-05-01T10:00:00Z`
 */
export function formatRfc3339(nanoseconds: bigint, digits: 0 | 9 = 0): string {
  const { date, time, fraction } = split(nanoseconds);
  return `${date}T${time}${digits === 0 ? "" : fraction}Z`;
}

/**
 * A time as Go prints it by default.
 *
 * @param nanoseconds since 1970
 * @returns for example `2026-11-22 20:49:51.802668173 +0000 UTC`
 */
export function formatGoTime(nanoseconds: bigint): string {
  const { date, time, fraction } = split(nanoseconds);
  return `${date} ${time}${fraction} +0000 UTC`;
}

function split(nanoseconds: bigint): { date: string; time: string; fraction: string } {
  const remainder = ((nanoseconds % SECOND) + SECOND) % SECOND;
  const milliseconds = Number((nanoseconds - remainder) / 1_000_000n);
  const moment = new Date(milliseconds);
  // Beyond the year 275760 there are no dates; the number says more than an error would.
  if (Number.isNaN(moment.getTime())) return { date: String(nanoseconds), time: "", fraction: "" };
  const iso = moment.toISOString();
  const at = iso.indexOf("T");
  const fraction = remainder === 0n ? "" : `.${String(remainder).padStart(9, "0").replace(/0+$/, "")}`;
  return { date: iso.slice(0, at), time: iso.slice(at + 1, at + 9), fraction };
}

/** Durations as Go prints them. */

const SECOND = 1_000_000_000n;

/**
 * A duration in the form of Go's `Duration.String`.
 *
 * @param nanoseconds the duration
 * @returns for example `0s`, `59.46175ms`, `1m49.913605141s`, `1h10m2s`
 */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return "0s";
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 3)}µs`;
  if (nanoseconds < SECOND) return `${decimal(nanoseconds, 6)}ms`;
  const minutes = nanoseconds / SECOND / 60n;
  const seconds = `${decimal(nanoseconds - minutes * 60n * SECOND, 9)}s`;
  if (minutes === 0n) return seconds;
  const hours = minutes / 60n;
  return hours === 0n ? `${minutes}m${seconds}` : `${hours}h${minutes % 60n}m${seconds}`;
}

/**
 * A duration rounded to whole seconds, halves up.
 *
 * @param nanoseconds the duration
 * @returns for example `0s`, `1h10m2s`
 */
export function formatWholeSeconds(nanoseconds: bigint): string {
  return formatDuration((nanoseconds + SECOND / 2n) / SECOND * SECOND);
}

/** A number with so many digits after the point, zeros at the end left out. */
function decimal(value: bigint, digits: number): string {
  const text = String(value).padStart(digits + 1, "0");
  const fraction = text.slice(-digits).replace(/0+$/, "");
  return text.slice(0, -digits) + (fraction === "" ? "" : `.${fraction}`);
}

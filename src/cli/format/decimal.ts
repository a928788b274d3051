/** Numbers with a fraction, as Go prints them. */

/** As many digits as `toFixed` gives: more than the numbers that end in a half have. */
const ALL_DIGITS = 100;

/**
 * A number in the form of Go's `%.Nf`: what lies halfway between two goes to the even one, where JavaScript goes up.
 *
 * @param value the number, not negative
 * @param digits how many digits follow the point
 * @returns for example `560` for 560.5, `562` for 561.5
 */
export function formatDecimal(value: number, digits: number): string {
  const up = value.toFixed(digits);
  if (!isHalfway(value, digits) || /[02468]$/.test(up)) return up;
  return (2 * value - Number(up)).toFixed(digits);
}

function isHalfway(value: number, digits: number): boolean {
  const fraction = value.toFixed(ALL_DIGITS).split(".")[1];
  return /^50*$/.test(fraction.slice(digits));
}

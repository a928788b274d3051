/** Numbers of things. */

/**
 * A number with what it counts.
 *
 * @param number how many
 * @param one what one of them is called
 * @param several what several are called, with an s if not given
 * @returns for example `1 file`, `0 files`, `2 directories`
 */
export function formatCount(number: number, one: string, several: string = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}

/** Shannon's entropy in plain TypeScript. */

/**
 * The Shannon entropy of the bytes' frequencies.
 *
 * @param data any number of bytes
 * @returns bits a byte, from 0 to 8; 0 if there are none
 */
export function entropyPlainly(data: Uint8Array): number {
  const counts = new Float64Array(256);
  for (let i = 0; i < data.length; i++) counts[data[i]]++;
  let sum = 0;
  for (const count of counts) if (count > 0) sum -= count / data.length * Math.log2(count / data.length);
  return sum;
}

/** How the scripts print: whole lines, at once, in order. */

/**
 * Prints a line on the standard output.
 *
 * @param line the line, without its end
 */
export function say(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  let written = 0;
  while (written < bytes.length) written += Deno.stdout.writeSync(bytes.subarray(written));
}

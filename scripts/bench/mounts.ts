/** What is mounted below a directory: to remove the directory then would remove what is on the other side. */

/**
 * The mount points at a directory or below it.
 *
 * @param directory an absolute path
 * @returns their paths
 */
export async function mountsUnder(directory: string): Promise<string[]> {
  const points = (await Deno.readTextFile("/proc/self/mounts")).split("\n")
    // Blanks and the like are written as three octal digits.
    .map((line) => (line.split(" ")[1] ?? "").replace(/\\(\d{3})/g, (_, octal) => octalCharacter(octal)));
  const within = directory.endsWith("/") ? directory : `${directory}/`;
  return points.filter((point) => point === directory || point.startsWith(within));
}

/**
 * Removes a directory and all that is in it, unless something is mounted there.
 *
 * @param directory an absolute path
 */
export async function removeUnmounted(directory: string): Promise<void> {
  const mounted = await mountsUnder(directory);
  if (mounted.length > 0) {
    throw new Error(`Cannot remove "${directory}": ${mounted.join(", ")} is still mounted; unmount it first`);
  }
  await Deno.remove(directory, { recursive: true });
}

function octalCharacter(octal: string): string {
  return String.fromCharCode(parseInt(octal, 8));
}

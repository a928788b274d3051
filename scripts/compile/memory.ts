/** How the compiled program trades speed for memory: it runs beside what the machine is there for. */

/**
 * Flags of `deno run` and `deno compile` that keep the garbage collector's heaps small, in every thread, and let the
 * program say when large arrays wait to be collected. docs/performance.md has what they cost and save.
 *
 * @returns the flags
 */
export function memoryFlags(): string[] {
  return ["--v8-flags=--max-semi-space-size=8,--heap-growing-percent=30,--expose-gc"];
}

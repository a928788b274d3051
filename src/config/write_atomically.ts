/** Replacing a configuration file, whole or not at all. */

import { dirname, join } from "@std/path";

/**
 * Writes a file so that it has either the old text or the new, whatever happens, and nobody else may read it.
 * A symbolic link stays one: what it leads to is replaced.
 *
 * @param path the file
 * @param text its new text
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const target = await Deno.realPath(path).catch(() => path);
  const temporary = join(dirname(target), `.${crypto.randomUUID()}.tmp`);
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
    await Deno.rename(temporary, target);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/** Replacing configuration files, whole or not at all. */

import { dirname, join } from "@std/path";

/**
 * Writes files so that each has either the old text or the new, whatever happens, and nobody else may read it.
 * Nothing is replaced before all the new texts are on the disk. A symbolic link stays one: what it leads to is
 * replaced.
 *
 * @param texts the new texts by their paths
 */
export async function writeAtomically(texts: ReadonlyMap<string, string>): Promise<void> {
  const staged: { temporary: string; target: string }[] = [];
  try {
    for (const [path, text] of texts) {
      const target = await Deno.realPath(path).catch(() => path);
      const temporary = join(dirname(target), `.${crypto.randomUUID()}.tmp`);
      staged.push({ temporary, target });
      await write(temporary, text);
    }
    for (const { temporary, target } of staged) await Deno.rename(temporary, target);
  } catch (error) {
    for (const { temporary } of staged) await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

async function write(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.sync();
}

/**
 * A stand-in for the compiled program, for tests where denort cannot be downloaded: one file that starts the
 * bundled program with the compiled program's permissions. It is a shell script followed by an archive of deno
 * and the bundle, which it unpacks once. It is not the compiled program and is never given out as it.
 */

import { BUNDLED_FILES } from "./bundle.ts";
import { memoryFlags } from "./memory.ts";
import { permissionFlags } from "./permissions.ts";

/**
 * Makes the stand-in.
 *
 * @param bundle the directory of the bundled program
 * @param output the file to make
 */
export async function buildStandIn(bundle: string, output: string): Promise<void> {
  const archive = `${output}.tar.gz`;
  const deno = Deno.execPath();
  const slash = deno.lastIndexOf("/");
  await run("tar", [
    "--use-compress-program=gzip -1",
    "--dereference",
    `--transform=s,^${deno.slice(slash + 1)}$,deno,`,
    "-cf",
    archive,
    ...["-C", deno.slice(0, slash), deno.slice(slash + 1)],
    ...["-C", bundle, ...BUNDLED_FILES],
  ]);
  const packed = await Deno.readFile(archive);
  await Deno.remove(archive);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", packed)).toHex().slice(0, 16);
  await Deno.writeTextFile(output, stub(digest), { mode: 0o755 });
  await Deno.writeFile(output, packed, { append: true });
}

/** The script in front of the archive. Its last line is followed by the archive's first byte. */
function stub(digest: string): string {
  const lines = [
    `#!/bin/sh`,
    `set -e`,
    `directory="\${XDG_CACHE_HOME:-$HOME/.cache}/plakar-stand-in/${digest}"`,
    `if [ ! -x "$directory/deno" ]; then`,
    `  mkdir -p "$(dirname "$directory")"`,
    `  unpacked=$(mktemp -d "$directory.XXXXXX")`,
    `  tail -n +LINES "$0" | gzip -dc | tar -xf - -C "$unpacked"`,
    // Another start may have been first.
    `  mv -T "$unpacked" "$directory" 2>/dev/null || rm -rf "$unpacked"`,
    `fi`,
    `export DENO_DIR="$directory/cache" DENO_NO_UPDATE_CHECK=1`,
    `exec "$directory/deno" run --quiet --no-config --no-lock --no-npm --no-remote ${
      [...permissionFlags(), ...memoryFlags()].join(" ")
    } "$directory/${BUNDLED_FILES[0]}" "$@"`,
  ];
  return lines.map((line) => line.replace("LINES", `${lines.length + 1}`)).join("\n") + "\n";
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

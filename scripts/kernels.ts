/**
 * Builds the WebAssembly kernel from `src/kernel/assembly` to `src/kernel/kernel_code.ts`.
 *
 * With `--check` nothing is written: it fails if the committed code is not what the source builds.
 */

import asc from "assemblyscript/asc";
import { say } from "./say.ts";

const SOURCE = new URL("../src/kernel/assembly/", import.meta.url);
const TARGET = new URL("../src/kernel/kernel_code.ts", import.meta.url);

/** 64 KiB each; where the layout ends. */
const PAGES = 383;

const OPTIONS = [
  ["-O3", "--noAssert", "--converge"],
  ["--runtime", "stub", "--use", "abort="],
  ["--enable", "simd", "--enable", "relaxed-simd"],
  ["--initialMemory", `${PAGES}`, "--maximumMemory", `${PAGES}`],
  // Values of 128 bits pass between functions of the kernel only.
  ["--disableWarning", "112"],
].flat();

/** The module, as the compiler makes it. */
async function build(): Promise<Uint8Array> {
  let code: Uint8Array | undefined;
  const { error, stderr } = await asc.main(["index.ts", ...OPTIONS, "--outFile", "kernel.wasm"], {
    readFile(name: string): string | null {
      // The compiler looks for .ts; ours are named otherwise, because they are not TypeScript.
      try {
        return Deno.readTextFileSync(new URL(name.replace(/\.ts$/, ".as"), SOURCE));
      } catch {
        return null;
      }
    },
    writeFile(_name: string, contents: string | Uint8Array): void {
      if (typeof contents !== "string") code = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || code === undefined) throw new Error(stderr.toString());
  return code;
}

/** The text of the file that holds the module. */
function render(code: Uint8Array): string {
  const lines = code.toBase64().match(/.{1,100}/g) ?? [];
  return `// deno-fmt-ignore-file
/** The kernel, built from \`src/kernel/assembly\` by \`deno task kernels\`. Do not edit. */

/** A WebAssembly module in base64. */
export const KERNEL_CODE: string = \`
${lines.join("\n")}
\`;
`;
}

const text = render(await build());
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(TARGET, text);
  say(`Built ${text.length} bytes`);
} else if (text === await Deno.readTextFile(TARGET)) {
  say("The kernel is what its source builds");
} else {
  say("The kernel is not what its source builds: run `deno task kernels`");
  Deno.exit(1);
}

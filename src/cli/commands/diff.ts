/** `plakar diff`. */

import { type ByteString, fromBytes, fromText, toBytes } from "../../lib/byte_string.ts";
import { diff, type Difference, type PathPair } from "../../snapshot/diff/diff.ts";
import { unifiedDiff } from "../../snapshot/diff/unified_diff.ts";
import { type DiffOperands, openDiffOperands } from "../diff_operands.ts";
import { exitStatusOf, OK } from "../exit_status.ts";
import { printableName } from "../format/printable_name.ts";
import type { DIFF_OPTIONS } from "../grammar/table/contents.ts";
import type { Invocation } from "../invocation.ts";
import { jsonPath } from "../json_line.ts";
import { openRepositoryOf } from "../open_repository.ts";

/** A run of `diff`. */
export type DiffInvocation = Invocation<typeof DIFF_OPTIONS>;

/**
 * Prints what differs.
 *
 * @param invocation the command's run
 * @returns the exit status: 0 whether something differs or not, that of the first failure otherwise
 */
export async function run(invocation: DiffInvocation): Promise<number> {
  const { options, output, signal } = invocation;
  await using open = await openRepositoryOf(invocation);
  const { repository } = open;
  const operands = await openDiffOperands(repository, invocation);
  await using _one = operands[0];
  await using other = operands[1];
  const trustsTimes = other.label.origin !== undefined && !options.contents;
  const { mac } = repository.codec;
  let status = OK;
  const sides = [operands[0].side, other.side] as const;
  for await (
    const difference of diff(sides, { mac, recursive: options.recursive, trustsTimes, signal })
  ) {
    if (difference.kind === "failed" && status === OK) status = exitStatusOf(difference.error);
    show(difference, operands, invocation);
    await output.drain();
  }
  return status;
}

function show(difference: Difference, operands: DiffOperands, { output, options }: DiffInvocation): void {
  const [one, other] = operands;
  const pair = ([a, b]: PathPair) => ({ ...jsonPath(a), ...jsonPath(b, "other_path") });
  const shown = ([a, b]: PathPair) => [one.shown(a), other.shown(b)] as const;
  const line = (data: Readonly<Record<string, unknown>>, text: string) =>
    output.product({ type: "difference", data: { kind: difference.kind, ...data }, text });
  switch (difference.kind) {
    case "only": {
      const { side, directory, name } = difference;
      const data = {
        ...jsonPath(directory, "directory"),
        ...jsonPath(name, "name"),
        ...operands[side].label,
      };
      line({ side: side + 1, ...data }, `Only in ${operands[side].shown(directory)}: ${printableName(name)}`);
      break;
    }
    case "directories": {
      const [a, b] = options.recursive ? shown(difference.paths) : namesOf(difference.paths);
      line(pair(difference.paths), `Common subdirectories: ${a} and ${b}`);
      break;
    }
    case "types": {
      const [isFirst, isSecond] = difference.areDirectories;
      if (options.recursive || isFirst === isSecond) {
        const [a, b] = shown(difference.paths);
        line(pair(difference.paths), `File type mismatch: ${a} vs ${b}`);
      } else {
        const [a, b] = namesOf(difference.paths);
        line(
          pair(difference.paths),
          `File type mismatch: ${a} (dir=${isFirst}) vs ${b} (dir=${isSecond})`,
        );
      }
      break;
    }
    case "links":
    case "binary":
    case "files": {
      const [a, b] = shown(difference.paths);
      line(pair(difference.paths), `${NOUNS[difference.kind]} ${a} and ${b} differ`);
      break;
    }
    case "text":
      showText(difference.paths, difference.texts, operands, output);
      break;
    case "failed": {
      const { side, path, error } = difference;
      const where = operands[side ?? 0].shown(path);
      output.failedStep({
        type: "failed",
        data: { ...jsonPath(path), message: error.message, code: error.code },
        text: `error: diff: ${where}: ${error.message}`,
      });
    }
  }
}

const NOUNS = { links: "Symbolic links", binary: "Binary files", files: "Files" } as const;

function showText(
  paths: PathPair,
  texts: readonly [Uint8Array, Uint8Array],
  [one, other]: DiffOperands,
  output: DiffInvocation["output"],
): void {
  const found = unifiedDiff(
    { name: one.header(paths[0]), text: fromBytes(texts[0]) },
    { name: other.header(paths[1]), text: fromBytes(texts[1]) },
  );
  if (!found) return;
  const whole = fromText(found.names) + found.body as ByteString;
  if (!output.isJson) return output.bytes(toBytes(whole));
  const data = { ...jsonPath(paths[0]), ...jsonPath(paths[1], "other_path"), ...jsonPath(whole, "diff") };
  output.product({ type: "difference", data: { kind: "text", ...data } });
}

/** The base names, which plakar's flat comparison shows. */
function namesOf(paths: PathPair): [string, string] {
  const name = (path: ByteString) => printableName(path.slice(path.lastIndexOf("/") + 1) as ByteString);
  return [name(paths[0]), name(paths[1])];
}

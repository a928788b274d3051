/** How hard a passphrase is to guess, by the estimate that plakar makes. */

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = LOWER.toUpperCase();
const DIGITS = "0123456789";
// Characters that people put for letters, between words, and all others on a keyboard.
const SPECIAL = ["!@$&*", "_-., ", "\"#%'()+/:;<=>?[\\]^{|}~"];

/** Rows of keys and the alphabet: more than two characters in such an order say no more than two. */
const SEQUENCES = [DIGITS, "qwertyuiop", "asdfghjkl", "zxcvbnm", LOWER]
  .flatMap((sequence) => [sequence, [...sequence].reverse().join("")]);

/** Bits that a passphrase of a repository should have. */
export const ENOUGH_BITS = 80;

/**
 * An estimate of how many bits somebody who guesses has to find out.
 *
 * @param passphrase the passphrase
 * @returns bits: its length without repetitions and rows of keys, by the kinds of characters in it
 */
export function entropyOf(passphrase: string): number {
  const characters = new Set(passphrase);
  const groups = [...SPECIAL, LOWER, UPPER, DIGITS];
  const base = groups.filter((group) => has(characters, group)).reduce((sum, group) => sum + group.length, 0);
  const others =
    [...characters].filter((character) => !groups.some((group) => group.includes(character))).length;
  const length = new TextEncoder().encode(withoutRuns(passphrase)).length;
  return length === 0 ? 0 : length * Math.log2(base + others);
}

/**
 * What is wrong with a passphrase, in plakar's words.
 *
 * @param passphrase the passphrase
 * @returns advice, or `undefined` if it is good enough
 */
export function adviceFor(passphrase: string): string | undefined {
  if (entropyOf(passphrase) >= ENOUGH_BITS) return undefined;
  const characters = new Set(passphrase);
  const missing: string[] = [];
  if (!SPECIAL.every((group) => has(characters, group))) missing.push("including more special characters");
  if (!has(characters, LOWER)) missing.push("using lowercase letters");
  if (!has(characters, UPPER)) missing.push("using uppercase letters");
  if (!has(characters, DIGITS)) missing.push("using numbers");
  const longer = "using a longer password";
  return `insecure password, try ${missing.length === 0 ? longer : `${missing.join(", ")} or ${longer}`}`;
}

function has(characters: ReadonlySet<string>, group: string): boolean {
  return [...group].some((character) => characters.has(character));
}

/** The passphrase with at most two of each run of one character, or of neighbours in a sequence. */
function withoutRuns(passphrase: string): string {
  const kept: string[] = [];
  for (const character of passphrase) {
    const [before, last] = kept.slice(-2);
    const run = kept.length >= 2 ? before + last + character : "";
    const isRun = run !== "" && (new Set(run).size === 1 || inSequence(run));
    // Within a run the last two stay those that the next character is compared with.
    if (isRun) kept.splice(-2, 2, last, character);
    else kept.push(character);
  }
  return kept.join("");
}

function inSequence(run: string): boolean {
  return SEQUENCES.some((sequence) => sequence.includes(run));
}

/** Poly1305 by the WebAssembly module that ssh2 brings. */

/** Authenticates two pieces with a key of one use. What it returns is valid until the next call. */
export type Poly1305 = (key: Uint8Array, first: Uint8Array, second: Uint8Array) => Uint8Array;

/** The module, as Emscripten made it. */
export interface Poly1305Module {
  /** Its memory. */
  readonly HEAPU8: Uint8Array;
  /** Takes memory. */
  _malloc(bytes: number): number;
  /** Authenticates. */
  _poly1305_auth(
    out: number,
    first: number,
    firstLength: number,
    second: number,
    secondLength: number,
    key: number,
  ): void;
}

/** What is authenticated, at most: a message, and its length before it. */
const MAX_FIRST = 16;
const MAX_SECOND = 256 * 1024;

/**
 * Makes the function.
 *
 * @param module the module
 * @returns the function
 */
export function poly1305With(module: Poly1305Module): Poly1305 {
  const [out, keyAt, firstAt, secondAt] = [16, 32, MAX_FIRST, MAX_SECOND].map((size) => module._malloc(size));
  return (key, first, second) => {
    const memory = module.HEAPU8;
    memory.set(key, keyAt);
    memory.set(first, firstAt);
    memory.set(second, secondAt);
    module._poly1305_auth(out, firstAt, first.length, secondAt, second.length, keyAt);
    return memory.subarray(out, out + 16);
  };
}

/**
 * Ciphers that give their memory back.
 *
 * ssh2 makes three chacha20 ciphers for every packet, uses each once and never finishes it; under Deno an
 * unfinished cipher stays in memory, some 500 bytes each, as long as the process runs. ssh2 takes the functions
 * that make ciphers when it is loaded: while that happens, it is given ones whose ciphers finish themselves.
 */

import crypto from "node:crypto";

/** What of a cipher ssh2 uses with chacha20. */
interface OneShotCipher {
  update(data: Uint8Array): Uint8Array;
}

type CipherArguments = [algorithm: string, key: Uint8Array, iv: Uint8Array | null, options?: object];

/** The two functions, as far as they are replaced. */
interface CipherMakers {
  createCipheriv(...args: CipherArguments): OneShotCipher & { final(): Uint8Array };
  createDecipheriv(...args: CipherArguments): OneShotCipher & { final(): Uint8Array };
}

/**
 * Loads something while node's cipher functions make chacha20 ciphers of one use.
 *
 * @typeParam T what is loaded
 * @param load loads it
 * @returns what was loaded
 */
export async function withOneShotCiphers<T>(load: () => Promise<T>): Promise<T> {
  const makers: CipherMakers = crypto;
  const { createCipheriv, createDecipheriv } = makers;
  const oneShot = (make: CipherMakers["createCipheriv"]) => (...args: CipherArguments) => {
    const cipher = make(...args);
    if (args[0] !== "chacha20") return cipher;
    return {
      update(data: Uint8Array): Uint8Array {
        const result = cipher.update(data);
        cipher.final();
        return result;
      },
      final: () => cipher.final(),
    };
  };
  makers.createCipheriv = oneShot(createCipheriv);
  makers.createDecipheriv = oneShot(createDecipheriv);
  try {
    return await load();
  } finally {
    makers.createCipheriv = createCipheriv;
    makers.createDecipheriv = createDecipheriv;
  }
}

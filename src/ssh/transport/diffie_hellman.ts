/**
 * Diffie-Hellman key exchanges (RFC 4253 section 8, RFC 4419): what the server chooses has to be within bounds, and
 * our private number is no longer than it has to be.
 *
 * ssh2 does not look at bounds, and Deno hardly: a group could be too small to keep the secret or too large to
 * calculate with, and a public number could give the secret away.
 */

import { Buffer } from "node:buffer";
import { createDiffieHellman, createDiffieHellmanGroup, type DiffieHellman } from "node:crypto";
import { randomBytes } from "../../crypto/random.ts";
import type { Ssh2KeyExchange } from "./ssh2.ts";

/** How many bits a group may have, as in OpenSSH and RFC 8270. */
const [MIN_BITS, MAX_BITS] = [2048, 8192];
/**
 * Bytes of a private number: twice those of the longest key of a cipher, as in OpenSSH. One as long as the group is
 * not safer, and costs a login in the largest of them more than a second.
 */
const PRIVATE_BYTES = 64;

/**
 * Refuses groups and public numbers that OpenSSH refuses, and shortens the private number. Exchanges over curves stay
 * as they are: their points are checked where the secret is calculated.
 *
 * @param exchange an exchange that has just been agreed on
 */
export function prepareDiffieHellman(exchange: Ssh2KeyExchange): void {
  const { setDHParams, computeSecret } = exchange;
  if (exchange.getDHParams) exchange.generateKeys = () => generateKeys(exchange);
  if (setDHParams) {
    exchange.setDHParams = (prime, generator) => {
      const bits = lengthInBits(prime);
      if (bits < MIN_BITS || bits > MAX_BITS) {
        throw new Error(
          `the server's group for the key exchange has ${bits} bits, not ${MIN_BITS} to ${MAX_BITS}`,
        );
      }
      setDHParams.call(exchange, prime, generator);
    };
  }
  exchange.computeSecret = (publicNumber) => {
    const { prime } = exchange.getDHParams?.() ?? {};
    if (prime && !isBetween(publicNumber, 1n, numberIn(prime) - 1n)) {
      return new Error("the server's number would give the secret away");
    }
    return computeSecret.call(exchange, publicNumber);
  };
}

function generateKeys(exchange: Ssh2KeyExchange): void {
  if (exchange._dh) return;
  const group = groupOf(exchange);
  if (!group) return;
  group.setPrivateKey(Buffer.from(randomBytes(PRIVATE_BYTES)));
  exchange._dh = group;
  exchange._public = group.generateKeys();
}

function groupOf({ groupName, _prime, _generator }: Ssh2KeyExchange): DiffieHellman | undefined {
  if (groupName !== undefined) {
    const group = createDiffieHellmanGroup(groupName);
    return createDiffieHellman(group.getPrime(), group.getGenerator());
  }
  return _prime && _generator && createDiffieHellman(_prime, _generator);
}

function lengthInBits(number: Uint8Array): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (number.length - first) * 8 - (Math.clz32(number[first]) - 24);
}

function isBetween(number: Uint8Array, low: bigint, high: bigint): boolean {
  const value = numberIn(number);
  return low < value && value < high;
}

function numberIn(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);
}

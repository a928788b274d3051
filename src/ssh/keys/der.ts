/** The little of DER (X.690) that elliptic-curve private keys need. */

/** One element: its tag, and its content. */
interface Element {
  tag: number;
  content: Uint8Array;
}

/**
 * The private scalar of an `ECPrivateKey` (RFC 5915), however many bytes it was written with.
 *
 * @param der the structure's bytes
 * @returns the scalar's bytes, or `undefined` if this is no such structure
 */
export function ecPrivateScalar(der: Uint8Array): Uint8Array | undefined {
  const [outer] = elements(der);
  if (outer?.tag !== 0x30) return undefined;
  const [version, scalar] = elements(outer.content);
  return version?.tag === 0x02 && scalar?.tag === 0x04 ? scalar.content : undefined;
}

function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at + 2 <= bytes.length;) {
    const tag = bytes[at++];
    let length = bytes[at++];
    if (length >= 0x80) {
      const digits = length & 0x7f;
      if (digits === 0 || digits > 3) break;
      length = 0;
      for (let i = 0; i < digits; i++) length = length * 256 + (bytes[at++] ?? 0);
    }
    if (at + length > bytes.length) break;
    found.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

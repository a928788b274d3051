/** xxHash32 with seed 0: the checksum of LZ4 frames. */

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

function rotl(x: number, n: number): number {
  return (x << n) | (x >>> (32 - n));
}

function round(lane: number, input: number): number {
  return Math.imul(rotl((lane + Math.imul(input, P2)) | 0, 13), P1);
}

/**
 * The checksum of the bytes.
 *
 * @param data any number of bytes
 * @returns an unsigned 32-bit integer
 */
export function xxHash32(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  let at = 0;
  let h = P5;
  if (data.length >= 16) {
    let [a, b, c, d] = [(P1 + P2) | 0, P2, 0, -P1];
    for (; at + 16 <= data.length; at += 16) {
      a = round(a, view.getInt32(at, true));
      b = round(b, view.getInt32(at + 4, true));
      c = round(c, view.getInt32(at + 8, true));
      d = round(d, view.getInt32(at + 12, true));
    }
    h = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
  }
  h = (h + data.length) | 0;
  for (; at + 4 <= data.length; at += 4) {
    h = Math.imul(rotl((h + Math.imul(view.getInt32(at, true), P3)) | 0, 17), P4);
  }
  for (; at < data.length; at++) h = Math.imul(rotl((h + Math.imul(data[at], P5)) | 0, 11), P1);
  h = Math.imul(h ^ (h >>> 15), P2);
  h = Math.imul(h ^ (h >>> 13), P3);
  return (h ^ (h >>> 16)) >>> 0;
}

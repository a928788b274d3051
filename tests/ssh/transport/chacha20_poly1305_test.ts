import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import crypto from "ssh2/lib/protocol/crypto.js";
import {
  ChaCha20Poly1305Cipher,
  chaCha20Poly1305Opener,
} from "../../../src/ssh/transport/chacha20_poly1305.ts";
import { concat, viewOf } from "../../../src/lib/bytes.ts";
import { bigEndian, plainSealer } from "../../kernel/reference/chacha20_poly1305.ts";
import { type Random, withSeed } from "../../kloset/vectors.ts";

const HEAD = 4;
const TAG = 16;
const LONGEST = 256 * 1024;

/** Bodies of every length that is small, and of some that are not; some of bytes that make carries. */
function anyBody(random: Random, round: number): Uint8Array {
  if (round % 7 === 0) return new Uint8Array(random.below(2000)).fill(255);
  return random.bytes(round < 700 ? round : random.below(round % 50 === 0 ? LONGEST : 5000));
}

Deno.test("messages are sealed and opened as the plain ciphers do it", async () => {
  const seal = await plainSealer(LONGEST);
  withSeed((random) => {
    for (let round = 0; round < 1500; round++) {
      const key = random.bytes(64);
      const seqno = random.below(2 ** 32);
      const body = anyBody(random, round);
      const expected = seal(key, seqno, bigEndian(body.length), body);

      let sent: Uint8Array | undefined;
      const onWrite = (bytes: Uint8Array) => sent = bytes;
      const cipher = new ChaCha20Poly1305Cipher({ seqno, onWrite, cipherKey: key });
      cipher.encrypt(concat(bigEndian(body.length), body, new Uint8Array(TAG)));
      assert.deepEqual(new Uint8Array(sent ?? []), expected, `length ${body.length}`);
      assert.equal(cipher.outSeqno, (seqno + 1) % 2 ** 32);

      const opener = chaCha20Poly1305Opener(key);
      const head = expected.subarray(0, HEAD);
      assert.equal(opener.length(head, seqno), body.length);
      const sealed = expected.slice(HEAD);
      assert.deepEqual(opener.open(head, sealed, body.length, seqno).slice(), body);
      sealed[random.below(sealed.length)] ^= 1 << random.below(8);
      assert.throws(() => opener.open(head, sealed, body.length, seqno), /Invalid MAC/);
    }
  });
});

Deno.test("a packet is padded to whole blocks, with at least four bytes, behind its payload", () => {
  const cipher = new ChaCha20Poly1305Cipher({ seqno: 0, onWrite: () => {}, cipherKey: new Uint8Array(64) });
  for (let length = 0; length < 40; length++) {
    const packet = cipher.allocPacket(length);
    const body = packet.length - HEAD - TAG;
    assert.equal(viewOf(packet).getUint32(0), body);
    assert.equal(body % 8, 0);
    assert.ok(packet[HEAD] >= 4);
    assert.equal(1 + length + packet[HEAD], body);
  }
});

Deno.test("nothing is sent with a cipher that was freed", () => {
  const onWrite = () => assert.fail("something was sent");
  const cipher = new ChaCha20Poly1305Cipher({ seqno: 0, onWrite, cipherKey: new Uint8Array(64) });
  const packet = cipher.allocPacket(10);
  cipher.free();
  cipher.encrypt(packet);
});

Deno.test("ssh2's own cipher and ours make packets of the same length", async () => {
  await crypto.init;
  for (const length of [0, 1, 7, 100, 32_768]) {
    const cipherInfo = crypto.CIPHER_INFO["chacha20-poly1305@openssh.com"];
    const outbound = { seqno: 0, onWrite: () => {}, cipherKey: Buffer.alloc(64) };
    const theirs = crypto.createCipher({ outbound: { ...outbound, cipherInfo } });
    assert.equal(
      new ChaCha20Poly1305Cipher(outbound).allocPacket(length).length,
      theirs.allocPacket(length).length + TAG,
    );
  }
});

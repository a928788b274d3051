import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import crypto from "ssh2/lib/protocol/crypto.js";
import { Decipher } from "../../../src/ssh/transport/decipher.ts";
import { packetOpener } from "../../../src/ssh/transport/packet_openers.ts";

const PROTECTIONS = [
  ["chacha20-poly1305@openssh.com"],
  ["aes128-gcm@openssh.com"],
  ["aes256-gcm@openssh.com"],
  ...["aes128-ctr", "aes192-ctr", "aes256-ctr"].flatMap((cipher) =>
    ["hmac-sha1", "hmac-sha2-256", "hmac-sha2-512", "hmac-sha2-512-etm@openssh.com"].map((
      mac,
    ) => [cipher, mac])
  ),
];
const SIZES = [1, 100, 0, 20_000, 70_000, 7];
const FIRST = 0xffff_fffd;

async function setUp([cipher, mac]: string[]) {
  await crypto.init;
  const info = crypto.CIPHER_INFO[cipher];
  const macInfo = mac === undefined ? undefined : crypto.MAC_INFO[mac];
  const key = Buffer.alloc(info.keyLen, 7);
  // The counter wraps around within the first messages.
  const iv = Buffer.alloc(info.ivLen, 0xff);
  const macKey = macInfo && Buffer.alloc(macInfo.len, 5);
  const pieces: Uint8Array[] = [];
  const outbound = {
    seqno: FIRST,
    onWrite: (bytes: Uint8Array) => void pieces.push(bytes.slice()),
    ...{ cipherInfo: info, cipherKey: key, cipherIV: Buffer.from(iv), macInfo, macKey },
  };
  const sealer = crypto.createCipher({ outbound });
  for (const [index, size] of SIZES.entries()) {
    const packet = sealer.allocPacket(size);
    packet.fill(index + 1, 5, 5 + size);
    sealer.encrypt(packet);
  }
  const sealed = Buffer.concat(pieces);
  /** Opens data that comes in pieces of a size, the first of which may have another. */
  const open = (data: Uint8Array, piece: number, first = piece) => {
    const keys = { decipherInfo: info, decipherKey: key, decipherIV: Buffer.from(iv), macInfo, macKey };
    const opener = packetOpener(keys) ?? assert.fail();
    const opened: number[] = [];
    const decipher = new Decipher(opener, FIRST, (payload) => {
      assert.ok(payload.every((byte) => byte === opened.length + 1));
      opened.push(payload.length);
      return undefined;
    });
    for (let at = 0, size = first; at < data.length; at += size, size = piece) {
      const part = data.subarray(at, at + size);
      decipher.decrypt(part, 0, part.length);
    }
    return { opened, decipher };
  };
  return { sealed, open };
}

for (const protection of PROTECTIONS) {
  Deno.test(`messages of any size, in pieces of any size, are opened: ${protection.join(", ")}`, async () => {
    const { sealed, open } = await setUp(protection);
    for (const piece of [sealed.length, 4096, 17, 1]) {
      const { opened, decipher } = open(sealed, piece);
      assert.deepEqual(opened, SIZES);
      // Numbers of messages begin again after 2³².
      assert.equal(decipher.inSeqno, SIZES.length - 3);
    }
    // Cut in two within the first message and behind it: also where only the length of one has come.
    for (let cut = 1; cut < 40; cut++) assert.deepEqual(open(sealed, sealed.length, cut).opened, SIZES);
    for (const at of [0, 3, 5, 30, 90, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[at] ^= 1;
      assert.throws(() => open(changed, 1000), /MAC|packet length|authenticate/i);
    }
  });
}

Deno.test("ciphers without an opener of ours are left to the library", () => {
  const keys = { decipherKey: Buffer.alloc(16), decipherIV: Buffer.alloc(16) };
  const decipherInfo = { sslName: "aes-128-cbc", blockLen: 16 };
  assert.equal(packetOpener({ ...keys, decipherInfo }), undefined);
});

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, createDeflate, inflateSync } from "node:zlib";
import { connect, resolveTarget } from "../../../src/ssh/mod.ts";
import { CompressingWriter, InflatingReader } from "../../../src/ssh/transport/compression.ts";
import { startFaultyProxy } from "../../support/faulty_proxy.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { sshdTest, startSshd } from "../../support/sshd.ts";

/** Messages that compress well, badly, and not at all. */
const MESSAGES = Array.from({ length: 200 }, (_, i) => {
  const size = [5, 17, 100, 4000, 32_768, 1, 300][i % 7];
  if (i % 3 === 0) return crypto.getRandomValues(new Uint8Array(size));
  return new TextEncoder().encode(`line ${i} of a text\n`.repeat(5000)).subarray(0, size);
});

Deno.test("what is compressed is one zlib stream, whole after each message", () => {
  const protocol = {
    _kexinit: undefined,
    _cipher: { allocPacket: (length: number) => Buffer.alloc(5 + length) },
  };
  const writer = new CompressingWriter(protocol);
  const reader = new InflatingReader();
  const packets = MESSAGES.map((message) => {
    const room = writer.alloc(message.length);
    room.set(message, writer.allocStart);
    return writer.finalize(room).subarray(5);
  });
  for (const [i, packet] of packets.entries()) {
    assert.deepEqual(new Uint8Array(reader.read(packet)), MESSAGES[i], `message ${i}`);
  }
  const stream = inflateSync(Buffer.concat(packets), { finishFlush: constants.Z_SYNC_FLUSH });
  assert.ok(stream.equals(Buffer.concat(MESSAGES)));
  assert.ok(packets.reduce((sum, packet) => sum + packet.length, 0) < stream.length * 0.7);
});

Deno.test("a message that waits for a key exchange is compressed after it, one of the exchange at once", () => {
  const protocol = { _kexinit: {}, _cipher: { allocPacket: (length: number) => Buffer.alloc(5 + length) } };
  const writer = new CompressingWriter(protocol);
  assert.equal(writer.finalize(MESSAGES[1]), MESSAGES[1]);
  const packet = writer.finalize(MESSAGES[2], true).subarray(5);
  assert.deepEqual(new Uint8Array(new InflatingReader().read(packet)), MESSAGES[2]);
});

Deno.test("a stream that is flushed to parts of bytes, as OpenSSH's is, is inflated message by message", async () => {
  const deflate = createDeflate();
  let pieces: Uint8Array[] = [];
  deflate.on("data", (piece: Uint8Array) => void pieces.push(piece));
  const reader = new InflatingReader();
  for (const [i, message] of MESSAGES.entries()) {
    await new Promise<void>((resolve) => deflate.write(message, () => resolve()));
    await new Promise<void>((resolve) => deflate.flush(constants.Z_PARTIAL_FLUSH, resolve));
    assert.deepEqual(new Uint8Array(reader.read(Buffer.concat(pieces))), MESSAGES[i], `message ${i}`);
    pieces = [];
  }
  deflate.destroy();
});

Deno.test("a message that swells beyond all measure is refused, long before all of it is inflated", () => {
  const deflated = new CompressingWriter({ _cipher: { allocPacket: (length) => Buffer.alloc(5 + length) } });
  const packet = deflated.finalize(new Uint8Array(20_000_000)).subarray(5);
  assert.ok(packet.length < 25_000);
  assert.throws(() => new InflatingReader().read(packet), /packet length/);
  // What follows is never looked at: there are no blocks of this kind.
  const garbage = Buffer.concat([packet, new Uint8Array(100).fill(0x07)]);
  assert.throws(() => new InflatingReader().read(garbage), /packet length/);
});

sshdTest("with Compression, less goes over the line, and the same arrives", async (t) => {
  await using sshd = await startSshd({ config: ["Subsystem sftp cat"] });
  await using proxy = startFaultyProxy(sshd.port);
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts.replaceAll(`:${sshd.port} `, `:${proxy.port} `));
  const text = Buffer.from("What is said twice need not be sent twice.\n".repeat(25_000));
  for (const cipher of ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr"]) {
    for (const compression of ["yes", "no"]) {
      await t.step(`${cipher}, ${compression}`, async () => {
        const options = {
          identity_file: sshd.clientKeys.ed25519.path,
          Ciphers: cipher,
          Compression: compression,
        };
        const location = { host: "127.0.0.1", port: proxy.port, user: sshd.user, options };
        await using connection = await connect(await resolveTarget(location, home.environment), recordedIo());
        const pipe = await connection.openSubsystem("sftp");
        const before = proxy.received;
        const echoed: Uint8Array[] = [];
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        pipe.start({
          data(bytes) {
            echoed.push(bytes.slice());
            if (echoed.reduce((sum, { length }) => sum + length, 0) === text.length) resolve();
          },
          end: reject,
        });
        for (let at = 0; at < text.length; at += 100_000) pipe.write(text.subarray(at, at + 100_000));
        await promise;
        assert.ok(Buffer.concat(echoed).equals(text));
        const line = proxy.received - before;
        assert.ok(compression === "yes" ? line < text.length / 10 : line > text.length, `${line} bytes`);
      });
    }
  }
});

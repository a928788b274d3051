import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { connect, resolveTarget } from "../../../src/ssh/mod.ts";
import { Decipher } from "../../../src/ssh/transport/decipher.ts";
import type { PacketOpener } from "../../../src/ssh/transport/packet_openers.ts";
import { connectWithOneBuffer, copyWhatIsKept } from "../../../src/ssh/transport/reused_reads.ts";
import type { Ssh2Protocol } from "../../../src/ssh/transport/ssh2.ts";
import { KINDS_OF_PROTECTION } from "../../support/protections.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { sshdTest, startSshd } from "../../support/sshd.ts";

const MIB = 1024 * 1024;

/** A connection to a server of the test; disposing of it ends both. */
interface Connected extends AsyncDisposable {
  /** Our end. */
  readonly socket: Socket;
  /** The server's end. */
  readonly far: Socket;
}

/** Connects; `greet` is called as soon as the server has accepted. */
async function connected(greet: (far: Socket) => void = () => {}): Promise<Connected> {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer((far) => {
    far.on("error", () => {});
    greet(far);
    accepted.resolve(far);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const socket = connectWithOneBuffer({ host: "127.0.0.1", port: address.port });
  await once(socket, "connect");
  const far = await accepted.promise;
  return {
    socket,
    far,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      socket.destroy();
      far.destroy();
      await closed;
    },
  };
}

/** Bytes whose place can be told from their values. */
function counted(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

/** Listens, and checks that every byte is the one that has to come next. */
function checkCounted(socket: Socket): { received: number; readonly pieces: number[] } {
  const state = { received: 0, pieces: [] as number[] };
  socket.on("data", (piece: Uint8Array) => {
    state.pieces.push(piece.length);
    for (const byte of piece) assert.equal(byte, state.received++ % 251);
  });
  return state;
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}

Deno.test("what comes before anybody listens is there when somebody does", async () => {
  await using connection = await connected((far) => {
    far.write("SSH-2.0-early\r\n");
    setTimeout(() => far.end("and a packet"), 20);
  });
  const { socket } = connection;
  await soon();
  assert.equal(socket.bytesRead, 0);
  let text = "";
  socket.on("data", (piece: Uint8Array) => text += new TextDecoder().decode(piece));
  socket.resume();
  await once(socket, "end");
  assert.equal(text, "SSH-2.0-early\r\nand a packet");
  assert.equal(socket.bytesRead, text.length);
});

Deno.test("all reads are into one buffer", async () => {
  await using connection = await connected();
  const { socket, far } = connection;
  const seen = new Set<ArrayBufferLike>();
  socket.on("data", (piece: Uint8Array) => seen.add(piece.buffer));
  socket.resume();
  for (let i = 0; i < 5; i++) {
    far.write(counted(1000));
    await once(socket, "data");
  }
  assert.equal(seen.size, 1);
});

Deno.test("more than fits into the buffer comes whole and in order, and then the end", async () => {
  await using connection = await connected((far) => far.end(counted(9 * MIB)));
  const { socket } = connection;
  const state = checkCounted(socket);
  socket.resume();
  await once(socket, "close");
  assert.equal(state.received, 9 * MIB);
  assert.ok(state.pieces.length > 9 * 4);
  assert.equal(socket.readableEnded, true);
});

Deno.test("nothing comes while the socket is paused, not even if a listener pauses it", async () => {
  await using connection = await connected((far) => far.end(counted(4 * MIB)));
  const { socket } = connection;
  const state = checkCounted(socket);
  socket.on("data", () => socket.pause());
  socket.resume();
  await once(socket, "data");
  await soon();
  assert.equal(state.pieces.length, 1);
  const timer = setInterval(() => socket.resume(), 0);
  await once(socket, "end");
  clearInterval(timer);
  assert.equal(state.received, 4 * MIB);
});

Deno.test("a connection that is reset tells its error and closes", async () => {
  await using connection = await connected();
  const { socket, far } = connection;
  const state = checkCounted(socket);
  socket.resume();
  far.write(counted(100));
  await once(socket, "data");
  const error = new Promise<NodeJS.ErrnoException>((resolve) => socket.once("error", resolve));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  far.resetAndDestroy();
  assert.equal((await error).code, "ECONNRESET");
  await closed;
  assert.equal(state.received, 100);
});

Deno.test("a listener that destroys the socket hears nothing more", async () => {
  await using connection = await connected((far) => far.write(counted(4 * MIB)));
  const { socket } = connection;
  const state = checkCounted(socket);
  socket.on("data", () => socket.destroy());
  socket.resume();
  await once(socket, "close");
  await soon();
  assert.equal(state.pieces.length, 1);
});

Deno.test("ssh2 is given copies, but for a decipher of ours between key exchanges", () => {
  const opener: PacketOpener = {
    macLength: 0,
    minLength: 8,
    blockLength: 8,
    lengthCounts: false,
    length: () => 8,
    open: (_head, sealed) => sealed,
  };
  const ours = new Decipher(opener, 0, () => undefined);
  const data = Buffer.from("what came");
  for (
    const [decipher, kexinit, isCopy] of [
      [undefined, undefined, true],
      [{}, undefined, true],
      [ours, {}, true],
      [ours, undefined, false],
    ] as const
  ) {
    let [given, from, to]: [Buffer, number, number] = [Buffer.alloc(0), 0, 0];
    const protocol = {
      _decipher: decipher,
      _kexinit: kexinit,
      parse(piece: Buffer, start: number, end: number): void {
        assert.equal(this, protocol);
        [given, from, to] = [piece, start, end];
      },
    };
    copyWhatIsKept(protocol as unknown as Ssh2Protocol);
    protocol.parse(data, 2, 7);
    assert.deepEqual([given, from, to], [data, 2, 7]);
    assert.equal(given.buffer !== data.buffer || given.byteOffset !== data.byteOffset, isCopy);
  }
});

/** A proxy that passes on what the server sends in pieces so small that most messages are split. */
async function startCuttingProxy(target: number): Promise<AsyncDisposable & { port: number }> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectSocket(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      open.add(socket.setNoDelay(true));
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes) => upstream.write(bytes));
    let sent = 0;
    let work = Promise.resolve();
    const cut = async (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length;) {
        const length = sent < 6000 ? 1 + sent % 37 : 7919;
        client.write(bytes.slice(at, at + length));
        at += length;
        sent += length;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    upstream.on("data", (bytes: Uint8Array) => void (work = work.then(() => cut(bytes))));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

sshdTest("messages that come in many pieces are put together, from the first on", async (t) => {
  await using sshd = await startSshd({ config: ["Subsystem sftp cat"] });
  await using proxy = await startCuttingProxy(sshd.port);
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts.replaceAll(String(sshd.port), String(proxy.port)));
  for (const { name, options } of KINDS_OF_PROTECTION) {
    await t.step(name, async () => {
      const all = { identity_file: sshd.clientKeys.ed25519.path, ...options, RekeyLimit: "256K" };
      const location = { host: sshd.host, port: proxy.port, user: sshd.user, options: all };
      await using connection = await connect(
        await resolveTarget(location, home.environment),
        recordedIo(),
      );
      const pipe = await connection.openSubsystem("sftp");
      const done = Promise.withResolvers<void>();
      let received = 0;
      pipe.start({
        data(bytes) {
          for (const byte of bytes) {
            if (byte !== received++ % 251) done.reject(new Error(`byte ${received - 1} is ${byte}`));
          }
          if (received === MIB) done.resolve();
        },
        end: (error) => done.reject(error),
      });
      pipe.write(counted(MIB));
      await done.promise;
    });
  }
});

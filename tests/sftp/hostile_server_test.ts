import assert from "node:assert/strict";
import type { BytePipe } from "../../src/lib/byte_pipe.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { SftpClient } from "../../src/sftp/client.ts";
import { PacketType, StatusCode } from "../../src/sftp/packet_type.ts";
import { readFile } from "../../src/sftp/read_file.ts";
import { Upload } from "../../src/sftp/upload.ts";
import { type FakeRequest, FakeSftpServer } from "../support/fake_sftp_server.ts";
import { randomOf } from "../support/random.ts";

const p = (path: string) => path as ByteString;
const FILE = p("/file");

function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff);
}

/** Reads the file of a server and checks what was given out. */
async function readAll(client: SftpClient, hint: number, slow = false): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await readFile(client, FILE, hint, (piece) => {
    pieces.push(piece.slice());
    if (slow) return Promise.resolve();
  });
  return new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
}

function serverWith(content: Uint8Array, extensions: [string, string][] = []): FakeSftpServer {
  const server = new FakeSftpServer();
  server.extensions = extensions;
  server.file(FILE, content);
  return server;
}

const LIMITS: [string, string][] = [["limits@openssh.com", "1"]];

Deno.test("what a login shell prints is told apart from SFTP's own answer, if both come at once", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.INIT, () => {
    server.raw(
      Uint8Array.of(...new TextEncoder().encode("Welcome\r\n"), 0, 0, 0, 5, PacketType.VERSION, 0, 0, 0, 3),
    );
  });
  await assert.rejects(SftpClient.open(server.pipe), {
    code: "protocol",
    message: 'Cannot start SFTP: the server sent something else first: "Welcome"',
  });
});

for (const pieceLength of [1, 3, 7, Infinity]) {
  Deno.test(`what a login shell prints is shown, in pieces of ${pieceLength}`, async () => {
    const server = new FakeSftpServer({ pieceLength });
    server.handlers.set(PacketType.INIT, (_, next) => {
      server.raw(new TextEncoder().encode("Welcome\x1b[31m to \x07the server\r\n"));
      next();
    });
    await assert.rejects(SftpClient.open(server.pipe), (error) => {
      assert.ok(error instanceof PlakarError);
      assert.equal(error.code, "protocol");
      assert.match(error.message, /^Cannot start SFTP: the server sent something else first: "Welco/);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(error.message, /[\x00-\x1f\x7f]/);
      assert.match(error.hint ?? "", /start-up files/);
      return true;
    });
  });
}

Deno.test("a channel that ends before the version says that SFTP may be missing", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.INIT, () => server.disconnect());
  await assert.rejects(SftpClient.open(server.pipe), { code: "protocol", hint: /Subsystem sftp/ });
});

Deno.test("an older version is refused", async () => {
  const server = new FakeSftpServer();
  server.version = 2;
  await assert.rejects(SftpClient.open(server.pipe), { code: "unsupported", message: /version 2/ });
});

Deno.test("a server that never answers is given up", async () => {
  const silent = new FakeSftpServer();
  silent.handlers.set(PacketType.INIT, () => {});
  await assert.rejects(SftpClient.open(silent.pipe, { requestTimeout: 20 }), { code: "timeout" });

  const server = new FakeSftpServer();
  server.handlers.set(PacketType.STAT, () => {});
  const client = await SftpClient.open(server.pipe, { requestTimeout: 20 });
  await assert.rejects(client.stat(p("/")), { code: "timeout", message: /^Server did not answer/ });
  await assert.rejects(client.lstat(p("/")), { code: "timeout" });
});

Deno.test("a server that does not answer somebody who has lost interest is given up sooner", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.STAT, () => {});
  const interest = new AbortController();
  const client = await SftpClient.open(server.pipe, { signal: interest.signal, interruptedTimeout: 20 });
  const waiting = assert.rejects(client.stat(p("/")), { code: "timeout" });
  interest.abort();
  // One that answers can still be asked to clear up.
  await client.lstat(p("/")).catch((error) => assert.equal(error.code, "io"));
  await waiting;
});

Deno.test("so is one that does not even start", async () => {
  for (const when of ["before", "meanwhile"]) {
    const silent = new FakeSftpServer();
    silent.handlers.set(PacketType.INIT, () => {});
    const interest = new AbortController();
    if (when === "before") interest.abort();
    const opening = SftpClient.open(silent.pipe, { signal: interest.signal, interruptedTimeout: 20 });
    interest.abort();
    await assert.rejects(opening, { code: "timeout" });
  }
});

Deno.test("a server is not given up while it is this side that waits", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.STAT, () => {});
  let released: number | undefined = undefined;
  const pipe: BytePipe = {
    start: (receiver) => server.pipe.start(receiver),
    write: (bytes) => server.pipe.write(bytes),
    drained: () => server.pipe.drained(),
    pause: () => server.pipe.pause(),
    resume: () => server.pipe.resume(),
    close: () => server.pipe.close(),
    get held() {
      return released ?? performance.now();
    },
  };
  const client = await SftpClient.open(pipe, { requestTimeout: 5 });
  const waiting = client.stat(p("/"));
  waiting.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(client.failure, undefined);
  released = performance.now();
  await assert.rejects(waiting, { code: "timeout" });
});

Deno.test("one request that is never answered ends a session that is otherwise alive", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.STAT, () => {});
  const client = await SftpClient.open(server.pipe, { requestTimeout: 15 });
  const forgotten = client.stat(p("/")).then(() => assert.fail(), (error) => error);
  while (!client.failure) {
    await client.lstat(p("/")).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.equal((await forgotten).code, "timeout");
});

for (const lost of [undefined, new Error("reset by peer")]) {
  Deno.test(`what waits for an answer fails when the connection ends${lost ? " with an error" : ""}`, async () => {
    const server = serverWith(pattern(100));
    server.handlers.set(PacketType.READ, () => server.disconnect(lost));
    const client = await SftpClient.open(server.pipe);
    await assert.rejects(readAll(client, 100), {
      code: "network",
      message: `SFTP connection was closed by the server${lost ? ": reset by peer" : ""}`,
    });
    await assert.rejects(client.stat(FILE), { code: "network" });
  });
}

Deno.test("what waits for an answer fails with the reason that the client is closed for", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.STAT, () => {});
  const client = await SftpClient.open(server.pipe);
  const waiting = client.stat(p("/"));
  client.close(new PlakarError("interrupted", "enough"));
  await assert.rejects(waiting, { code: "interrupted", message: "enough" });
});

for (
  const [name, answer] of Object.entries<(server: FakeSftpServer, request: FakeRequest) => void>({
    "an id that was never asked": (server, { id }) => server.attrs(id + 1000, {}),
    "the same id twice": (server, { id }) => {
      server.attrs(id, {});
      server.attrs(id, {});
    },
    "another kind of message": (server, { id }) => server.names(id, [{ name: "x" }]),
    "a success without what was asked for": (server, { id }) => server.status(id, StatusCode.OK),
    "a message that ends too early": (server) =>
      server.raw(new Uint8Array([0, 0, 0, 3, PacketType.ATTRS, 0, 0])),
    "a message without fields": (server, { id }) => server.send(PacketType.ATTRS, id, () => {}),
    "a length of zero": (server) => server.raw(new Uint8Array(4)),
    "a length of 4 GiB": (server) => server.raw(new Uint8Array([255, 255, 255, 255])),
    "2^32 - 1 names": (server, { id }) =>
      server.send(PacketType.NAME, id, (writer) => writer.uint32(0xffff_ffff)),
  })
) {
  Deno.test(`a server that answers with ${name} is not believed any more`, async () => {
    const server = new FakeSftpServer();
    server.handlers.set(PacketType.STAT, (request) => answer(server, request));
    const client = await SftpClient.open(server.pipe);
    // The first of two equal answers is a good one.
    await client.stat(p("/")).catch((error) => assert.equal(error.code, "protocol"));
    await assert.rejects(client.lstat(p("/")), { code: "protocol" });
  });
}

Deno.test("a listing that claims more names than there are is not believed", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(
    PacketType.READDIR,
    ({ id }) => server.send(PacketType.NAME, id, (writer) => writer.uint32(2 ** 31)),
  );
  const client = await SftpClient.open(server.pipe);
  const handle = await client.openDirectory(p("/"));
  await assert.rejects(client.readDirectory(handle, p("/")), { code: "protocol", message: /2147483648/ });
});

Deno.test("a handle that is too long is refused", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.OPENDIR, ({ id }) => {
    server.send(PacketType.HANDLE, id, (writer) => writer.string(p("h".repeat(257))));
  });
  const client = await SftpClient.open(server.pipe);
  await assert.rejects(client.openDirectory(p("/")), { code: "protocol" });
});

Deno.test("a refusal is shown without what could harm a terminal, and not endlessly", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.STAT, ({ id }) => {
    server.status(id, StatusCode.PERMISSION_DENIED, "no\x1b]0;title\x07\xff" + "x".repeat(100_000));
  });
  const client = await SftpClient.open(server.pipe);
  await assert.rejects(client.stat(p("/a\n\xfe")), (error) => {
    assert.ok(error instanceof PlakarError);
    assert.equal(error.code, "permission");
    assert.ok(
      error.message.startsWith(
        'Cannot examine "/a\\x0a\\xfe": the server answered "no\\x1b]0;title\\x07\\xff',
      ),
    );
    assert.ok(error.message.length < 2000);
    return true;
  });
  assert.equal(client.failure, undefined);
});

for (const seed of [1, 2, 3, 4]) {
  Deno.test(`a file comes whole from a server that answers short, late and out of order (seed ${seed})`, async () => {
    const random = randomOf(seed);
    const content = pattern(1_500_000);
    const server = serverWith(content, LIMITS);
    let late: (() => void)[] = [];
    const release = () => {
      const answers = late;
      late = [];
      while (answers.length > 0) answers.splice(random(answers.length), 1)[0]();
    };
    const answerLate = (answer: () => void) => {
      if (late.length === 0) setTimeout(release);
      late.push(answer);
    };
    server.handlers.set(PacketType.READ, ({ id, offset, length }, next) => {
      answerLate(() => {
        if (offset >= content.length) return next();
        server.data(id, content.subarray(offset, offset + 1 + random(length)));
      });
    });
    server.handlers.set(PacketType.FSTAT, (_, next) => answerLate(next));
    const client = await SftpClient.open(server.pipe);
    for (const hint of [content.length, 0, 10_000_000]) {
      assert.deepEqual(await readAll(client, hint, seed % 2 === 0), content);
    }
  });
}

Deno.test("a server that gives only 32 KiB at once is asked for no more after a while", async () => {
  const content = pattern(3_000_000);
  const server = serverWith(content, LIMITS);
  server.handlers.set(PacketType.READ, ({ id, offset, length }, next) => {
    if (offset >= content.length) return next();
    server.data(id, content.subarray(offset, offset + Math.min(length, 32 * 1024)));
  });
  const client = await SftpClient.open(server.pipe);
  assert.deepEqual(await readAll(client, content.length), content);
  assert.equal(client.limits.read, 32 * 1024);
  const before = server.requests.length;
  assert.deepEqual(await readAll(client, content.length), content);
  const reads = server.requests.slice(before).filter(({ type }) => type === PacketType.READ);
  assert.ok(reads.every(({ length }) => length <= 32 * 1024));
});

Deno.test("without word from the server, no message is longer than every server must take", async () => {
  const server = serverWith(pattern(200_000));
  const client = await SftpClient.open(server.pipe);
  await readAll(client, 200_000);
  const upload = await Upload.create(client, p("/new"), 0o600);
  await upload.write(pattern(200_000));
  await upload.close();
  assert.deepEqual(server.tree.get("/new")?.content, pattern(200_000));
  for (const { length, bytes } of server.requests) assert.ok(Math.max(length, bytes.length) <= 32 * 1024);
});

for (const size of [0, 1, 40_000, 2 ** 53 - 1]) {
  Deno.test(`a file that is said to have ${size} bytes is read to its real end`, async () => {
    const content = pattern(100_000);
    const server = serverWith(content);
    const node = server.tree.get(FILE) ?? assert.fail();
    node.attributes.size = size;
    const client = await SftpClient.open(server.pipe);
    assert.deepEqual(await readAll(client, size), content);
    await client.stat(p("/"));
    assert.equal(server.handles.size, 0);
  });
}

Deno.test("a size of 2^63 does no harm", async () => {
  const server = serverWith(pattern(1000));
  server.handlers.set(PacketType.FSTAT, ({ id }) => {
    server.send(PacketType.ATTRS, id, (writer) => {
      writer.uint32(1);
      writer.uint32(0x8000_0000);
      writer.uint32(0);
    });
  });
  const client = await SftpClient.open(server.pipe);
  assert.deepEqual(await readAll(client, Number.MAX_SAFE_INTEGER), pattern(1000));
});

Deno.test("a file that never ends is read until somebody says stop", async () => {
  const server = serverWith(new Uint8Array());
  server.handlers.set(PacketType.READ, ({ id, length }) => server.data(id, new Uint8Array(length)));
  const client = await SftpClient.open(server.pipe);
  const controller = new AbortController();
  let size = 0;
  const reading = readFile(client, FILE, 0, (piece) => {
    size += piece.length;
    if (size > 10_000_000) controller.abort(new Error("stop"));
  }, { signal: controller.signal });
  await assert.rejects(reading, { message: "stop" });
  await client.stat(p("/"));
  assert.equal(server.handles.size, 0);
});

Deno.test("a server that says the end with no data is understood", async () => {
  const content = pattern(50_000);
  const server = serverWith(content);
  server.handlers.set(PacketType.READ, ({ id, offset, length }) => {
    server.data(id, content.subarray(offset, offset + length));
  });
  const client = await SftpClient.open(server.pipe);
  assert.deepEqual(await readAll(client, 90_000), content);
  assert.equal((await readFile(client, FILE, 90_000, () => {})).torn, false);
});

Deno.test("more data than was asked for is not taken", async () => {
  const server = serverWith(pattern(1000));
  server.handlers.set(PacketType.READ, ({ id, length }) => server.data(id, new Uint8Array(length + 1)));
  const client = await SftpClient.open(server.pipe);
  await assert.rejects(readAll(client, 1000), { code: "protocol" });
});

Deno.test("a file that is cut while it is read is known to be torn", async () => {
  const content = pattern(300_000);
  const server = serverWith(content);
  const node = server.tree.get(FILE) ?? assert.fail();
  server.handlers.set(PacketType.READ, ({ id, offset }, next) => {
    if (offset === 32 * 1024) server.status(id, StatusCode.EOF);
    else next();
  });
  const client = await SftpClient.open(server.pipe);
  const result = await readFile(client, FILE, content.length, () => {});
  assert.deepEqual(result, { size: 32 * 1024, torn: true, attributes: node.attributes });
});

Deno.test("a failure in the middle of a file is an error of that file, and its handle is closed", async () => {
  const server = serverWith(pattern(300_000));
  server.handlers.set(PacketType.READ, ({ id, offset }, next) => {
    if (offset === 3 * 32 * 1024) server.status(id, StatusCode.FAILURE, "Input/output error");
    else next();
  });
  const client = await SftpClient.open(server.pipe);
  await assert.rejects(readAll(client, 300_000), { code: "io", message: /"\/file".*"Input\/output error"/ });
  await client.stat(p("/"));
  assert.equal(server.handles.size, 0);
});

Deno.test("a server that cannot examine an open file still gives its content", async () => {
  const content = pattern(40_000);
  const server = serverWith(content);
  server.handlers.set(PacketType.FSTAT, ({ id }) => server.status(id, StatusCode.OP_UNSUPPORTED));
  const client = await SftpClient.open(server.pipe);
  for (const hint of [0, 40_000, 50_000]) assert.deepEqual(await readAll(client, hint), content);
});

Deno.test("a bare failure of a write is a full disk if the file system is full", async () => {
  const server = new FakeSftpServer();
  server.extensions = [["statvfs@openssh.com", "2"]];
  server.handlers.set(PacketType.WRITE, ({ id }) => server.status(id, StatusCode.FAILURE, "Failure"));
  const client = await SftpClient.open(server.pipe);
  let available = 0;
  server.handlers.set(PacketType.EXTENDED, ({ id }) => {
    server.send(PacketType.EXTENDED_REPLY, id, (writer) => {
      for (const value of [4096, 4096, 1000, 0, available, 1000, 10, 10, 7, 0, 255]) writer.uint64(value);
    });
  });
  const write = async (path: string) => {
    const upload = await Upload.create(client, p(path), 0o600);
    await upload.write(pattern(100_000));
    await upload.close();
  };
  await assert.rejects(write("/full"), { code: "no-space", message: /no space is left/ });
  available = 1000;
  await assert.rejects(write("/broken"), { code: "io" });
});

Deno.test("a failed write fails everything after it, and the handle is closed", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.WRITE, ({ id, offset }, next) => {
    if (offset === 64 * 1024) server.status(id, StatusCode.PERMISSION_DENIED, "no");
    else next();
  });
  const client = await SftpClient.open(server.pipe);
  const upload = await Upload.create(client, p("/new"), 0o600);
  await assert.rejects(async () => {
    while (true) await upload.write(pattern(1_000_000));
  }, { code: "permission" });
  await assert.rejects(upload.close(), { code: "permission" });
  assert.equal(server.handles.size, 0);
});

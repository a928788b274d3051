import assert from "node:assert/strict";
import { SftpFileReader } from "../../../src/connectors/importer/sftp_reader.ts";
import { SftpImporter } from "../../../src/connectors/importer/sftp.ts";
import type { SftpLocation } from "../../../src/connectors/location.ts";
import type { ChildRecord } from "../../../src/connectors/record.ts";
import { SshSftpSource } from "../../../src/connectors/remote/sftp_source.ts";
import { type ByteString, fromText } from "../../../src/lib/byte_string.ts";
import { connect, connectWithPlan, resolveTarget } from "../../../src/ssh/mod.ts";
import { type FaultyProxy, startFaultyProxy } from "../../support/faulty_proxy.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { type Sshd, sshdTest, startSshd } from "../../support/sshd.ts";
import { childrenOf, walk } from "../importer_contract.ts";

/** A file on a server, and a line to it that can be broken. */
interface Line {
  sshd: Sshd;
  proxy: FaultyProxy;
  path: ByteString;
  child: ChildRecord;
  content: Uint8Array;
  /** A source that reaches the server over the line, and tells what happens to it. */
  source(told: (message: string) => void): SshSftpSource;
}

async function withLine(
  config: string[],
  options: Record<string, string>,
  run: (line: Line) => Promise<void>,
): Promise<void> {
  await using sshd = await startSshd({ config });
  await using proxy = startFaultyProxy(sshd.port);
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts.replaceAll(`:${sshd.port} `, `:${proxy.port} `));
  const content = Uint8Array.from({ length: 600_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
  await Deno.mkdir(`${sshd.directory}/data`);
  await Deno.writeFile(`${sshd.directory}/data/file`, content);
  const location: SftpLocation = {
    protocol: "sftp",
    host: sshd.host,
    port: proxy.port,
    user: sshd.user,
    path: fromText(`${sshd.directory}/data`),
    options: { identity_file: sshd.clientKeys.ed25519.path, ...options },
  };
  const io = recordedIo();
  await using first = await connect(await resolveTarget(location, home.environment), io);
  const patience = { total: 60_000, firstPause: 1, longestPause: 50 };
  const source = (warn: (message: string) => void) =>
    new SshSftpSource(first.plan, {
      wasReached: true,
      patience,
      warn,
      connect: (signal) => connectWithPlan(first.plan, { warn, signal }),
    });
  await using importer = await SftpImporter.open(source(() => {}), location);
  const [[path, child]] = childrenOf(await walk(importer));
  await run({ sshd, proxy, path, child, content, source });
}

/** Reads the file, and fails if a byte is wrong or comes twice. */
async function read({ path, child, content, source }: Line, lost: () => void): Promise<string[]> {
  const told: string[] = [];
  await using reader = new SftpFileReader(source((message) => {
    if (told.push(message) === 1) lost();
  }));
  let at = 0;
  const result = await reader.read(path, child, (piece) => {
    for (let i = 0; i < piece.length; i++) if (piece[i] !== content[at + i]) assert.fail(`byte ${at + i}`);
    at += piece.length;
  });
  assert.deepEqual([at, result], [content.length, { size: content.length, changed: false }]);
  return told;
}

sshdTest("a connection that is reset while it is opened again is opened once more", async () => {
  await withLine([], {}, async (line) => {
    const { proxy, source } = line;
    const stages = new Set<string>();
    // Before the server's first byte, in the middle of the key exchange, and of the login.
    for (let bytes = 0; bytes < 3400; bytes += 300) {
      proxy.cutAfter(bytes);
      const connecting = source((message) => {
        stages.add(/log in/.test(message) ? "login" : /key exchange/.test(message) ? "key exchange" : "");
        proxy.cutAfter(undefined);
      });
      (await connecting.openClient()).close();
      await connecting[Symbol.asyncDispose]();
      proxy.cutAfter(undefined);
    }
    assert.ok(stages.has("login") && stages.has("key exchange"), [...stages].join());
  });
});

/** How many bytes come from the server until SFTP is there. */
async function bytesOfOpening({ proxy, source }: Line): Promise<number> {
  const before = proxy.received;
  const opening = source(assert.fail);
  const client = await opening.openClient();
  const opened = proxy.received - before;
  client.close();
  await opening[Symbol.asyncDispose]();
  return opened;
}

sshdTest("a file is read whole, whatever part of an answer the line breaks in", async () => {
  await withLine([], {}, async (line) => {
    const { proxy } = line;
    const opened = await bytesOfOpening(line);
    // The answers to OPEN and FSTAT, then a message of 32 KiB: its length, header, data and MAC, and the next one's.
    const parts = [...range(0, 400, 50), ...range(32_700, 33_100, 50), 200_000];
    for (const part of parts) {
      const accepted = proxy.accepted;
      proxy.cutAfter(opened + part);
      const told = await read(line, () => proxy.cutAfter(undefined));
      assert.ok(proxy.accepted > accepted + 1, `cut after ${part}`);
      assert.match(told[0], /^Lost the connection .*; connecting again$/);
    }
    // What was open when the line broke is not open for ever.
    while (isOpen(line.path)) await new Promise((resolve) => setTimeout(resolve, 10));
  });
});

sshdTest("a line that goes dead is noticed by the keepalive, and the file is read on", async () => {
  await withLine([], { ServerAliveInterval: "1", ServerAliveCountMax: "1" }, async (line) => {
    line.proxy.freezeAfter(await bytesOfOpening(line) + 50_000);
    const told = await read(line, () => {
      line.proxy.freezeAfter(undefined);
      line.proxy.thaw();
    });
    assert.match(told.join("\n"), /^Lost .* does not answer any more; connecting again\nConnected/);
  });
});

sshdTest("a server that is too busy is tried again until it has time", async () => {
  await withLine(["MaxStartups 1"], {}, async (line) => {
    const idle = await Deno.connect({ hostname: "127.0.0.1", port: line.sshd.port });
    await idle.read(new Uint8Array(100));
    const told: string[] = [];
    const source = line.source((message) => {
      if (told.push(message) === 1) idle.close();
    });
    (await source.openClient()).close();
    await source[Symbol.asyncDispose]();
    assert.match(told[0], /hung up during the key exchange; trying again/);
    assert.match(told.at(-1) ?? "", /^Connected to "127.0.0.1" again/);
  });
});

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step }, (_, i) => from + i * step);
}

/** Whether any process has a file open. */
function isOpen(path: string): boolean {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      for (const fd of Deno.readDirSync(`/proc/${name}/fd`)) {
        if (Deno.readLinkSync(`/proc/${name}/fd/${fd.name}`) === path) return true;
      }
    } catch {
      // It has ended meanwhile, or is somebody else's.
    }
  }
  return false;
}

import assert from "node:assert/strict";
import {
  type PathDescription,
  ping,
  type PingOptions,
  pingStageOf,
  type SftpDescription,
} from "../../src/connectors/remote/ping.ts";
import { type ByteString, fromText } from "../../src/lib/byte_string.ts";
import { type ErrorCode, PlakarError } from "../../src/lib/errors.ts";
import { PacketType, StatusCode } from "../../src/sftp/packet_type.ts";
import type { SshConnection } from "../../src/ssh/mod.ts";
import { FakeSftpServer } from "../support/fake_sftp_server.ts";
import { NO_PLAN } from "../support/sftp_source.ts";

function connectionTo(server: FakeSftpServer, closed: string[] = []): SshConnection {
  return {
    plan: { ...NO_PLAN },
    description: { transport: "builtin", host: "server", port: 22, user: "alice", via: [] },
    openSubsystem: () => Promise.resolve(server.pipe),
    closed: new Promise(() => {}),
    [Symbol.asyncDispose]: () => Promise.resolve(void closed.push("connection")),
  };
}

/** What a ping tells, and what it fails with. */
async function told(options: Partial<PingOptions>) {
  const told: { connected?: boolean; sftp?: SftpDescription; path?: PathDescription; failure?: PlakarError } =
    {};
  try {
    await ping({
      connect: () => Promise.reject(new Error("no connection")),
      path: fromText("/srv"),
      mustExist: true,
      connected: () => told.connected = true,
      started: (sftp) => told.sftp = sftp,
      found: (path) => told.path = path,
      ...options,
    });
  } catch (error) {
    assert.ok(error instanceof PlakarError);
    told.failure = error;
  }
  return told;
}

Deno.test("a server that can be worked with is told of on the way", async () => {
  const server = new FakeSftpServer();
  server.extensions = [["limits@openssh.com", "1"], ["statvfs@openssh.com", "2"], ["odd", "\x1b[31m"]];
  server.directory("/srv");
  const closed: string[] = [];
  let time = 0;
  // Each question takes longer than the one before.
  const clock = () => time += Math.floor(time / 2) + 1;
  const { connected, sftp, path, failure } = await told({
    connect: () => Promise.resolve(connectionTo(server, closed)),
    clock,
  });
  assert.equal(failure, undefined);
  assert.equal(connected, true);
  assert.deepEqual([...sftp?.extensions ?? []], server.extensions);
  assert.equal(sftp?.limits.handles, 1000);
  assert.equal(path?.path, "/srv");
  assert.equal(path?.attributes?.permissions, 0o040755);
  assert.equal(path?.space?.total, 4096n * 1000n);
  const differences: number[] = [];
  time = 0;
  for (let i = 0; i < 7; i++) differences.push(-clock() + clock());
  assert.equal(path?.roundTrip, differences.sort((a, b) => a - b)[3]);
  assert.deepEqual(closed, ["connection"]);
  assert.equal(server.handles.size, 0);
});

Deno.test("a failure is at the stage that it names, or else where it happened", async () => {
  const failing = (code: ErrorCode, data?: Record<string, unknown>) => async () => {
    await Promise.resolve();
    throw new PlakarError(code, "no", { data });
  };
  const stages: [() => Promise<SshConnection>, string][] = [
    [failing("network", { stage: "name" }), "name"],
    [failing("network", { stage: "address" }), "address"],
    [failing("timeout", { stage: "handshake" }), "handshake"],
    [failing("authentication", { stage: "authentication" }), "authentication"],
    [failing("authentication"), "authentication"],
    [failing("host-key"), "host-key"],
    [failing("config"), "configuration"],
    [failing("network"), "tcp"],
    [() => Promise.reject(new TypeError("odd")), "tcp"],
  ];
  for (const [connect, stage] of stages) {
    const { failure, connected } = await told({ connect });
    assert.equal(pingStageOf(failure), stage);
    assert.ok(failure?.hint, stage);
    assert.equal(connected, undefined);
  }
});

Deno.test("no SFTP is a failure of the subsystem", async () => {
  const server = new FakeSftpServer();
  const refusing = {
    ...connectionTo(server),
    openSubsystem: () => Promise.reject(new PlakarError("network", "no")),
  };
  const { failure, sftp } = await told({ connect: () => Promise.resolve(refusing) });
  assert.equal(pingStageOf(failure), "subsystem");
  assert.match(failure?.hint ?? "", /Subsystem sftp/);
  assert.equal(sftp, undefined);
  const noisy = new FakeSftpServer();
  noisy.handlers.set(
    PacketType.INIT,
    () => noisy.raw(new TextEncoder().encode("Welcome to this server!\r\n")),
  );
  const chatter = await told({ connect: () => Promise.resolve(connectionTo(noisy)) });
  assert.equal(pingStageOf(chatter.failure), "subsystem");
});

Deno.test("what cannot be read is a failure of the path, and what is not there where something has to be", async () => {
  const at = async (path: string, mustExist: boolean, server = new FakeSftpServer()) => {
    server.directory("/closed");
    server.handlers.set(
      PacketType.OPENDIR,
      ({ id }) => server.status(id, StatusCode.PERMISSION_DENIED, "denied"),
    );
    const connect = () => Promise.resolve(connectionTo(server));
    return await told({ connect, path: path as ByteString, mustExist });
  };
  const closed = await at("/closed", true);
  assert.equal(closed.failure?.code, "permission");
  assert.equal(pingStageOf(closed.failure), "path");
  assert.equal((await at("/closed", false)).failure, undefined);
  assert.equal(pingStageOf((await at("/missing", true)).failure), "path");
  const missing = await at("/missing", false);
  assert.equal(missing.failure, undefined);
  assert.equal(missing.path?.attributes, undefined);
});

Deno.test("a server without extensions is as good", async () => {
  const server = new FakeSftpServer();
  server.file("/srv", "content");
  const { path, sftp, failure } = await told({ connect: () => Promise.resolve(connectionTo(server)) });
  assert.equal(failure, undefined);
  assert.equal(sftp?.extensions.size, 0);
  assert.equal(path?.space, undefined);
});

Deno.test("a connection that breaks on the way is no success", async () => {
  const server = new FakeSftpServer();
  server.directory("/srv");
  server.handlers.set(PacketType.LSTAT, () => server.disconnect());
  const { failure, path } = await told({ connect: () => Promise.resolve(connectionTo(server)) });
  assert.equal(failure?.code, "network");
  assert.equal(path, undefined);
});

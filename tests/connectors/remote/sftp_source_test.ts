import assert from "node:assert/strict";
import type { Patience } from "../../../src/connectors/remote/outage.ts";
import { type ReconnectOptions, SshSftpSource } from "../../../src/connectors/remote/sftp_source.ts";
import type { ByteString } from "../../../src/lib/byte_string.ts";
import { PlakarError } from "../../../src/lib/errors.ts";
import { PacketType } from "../../../src/sftp/packet_type.ts";
import type { SshConnection } from "../../../src/ssh/mod.ts";
import { FakeSftpServer } from "../../support/fake_sftp_server.ts";
import { NO_PLAN } from "../../support/sftp_source.ts";

/** A connection that a test loses. */
function fakeConnection() {
  const closed = Promise.withResolvers<PlakarError | undefined>();
  const loss = new PlakarError("network", "Lost it");
  const state = { lost: false, disposed: false, refuses: false, opened: 0, lose: () => closed.resolve(loss) };
  const connection: SshConnection = {
    plan: NO_PLAN,
    description: { transport: "openssh", host: "nowhere", port: 22, user: "nobody", via: [] },
    closed: closed.promise,
    openSubsystem: () => {
      if (state.lost) setTimeout(state.lose);
      if (state.lost || state.refuses) return Promise.reject(new PlakarError("network", "no channel"));
      state.opened++;
      return Promise.resolve(new FakeSftpServer().pipe);
    },
    [Symbol.asyncDispose]: () => {
      state.disposed = true;
      closed.resolve(undefined);
      return Promise.resolve();
    },
  };
  return { connection, state };
}

const SHORT: Patience = { total: 30, firstPause: 1, longestPause: 4 };
const noConnect = () => Promise.reject(new Error("not expected"));

/** A source, and what it told. */
function sourceWith(options: Partial<ReconnectOptions>): { source: SshSftpSource; told: string[] } {
  const told: string[] = [];
  const defaults = { connect: noConnect, wasReached: true, patience: SHORT };
  const warn = (message: string) => void told.push(message);
  return { source: new SshSftpSource(NO_PLAN, { ...defaults, warn, ...options }), told };
}

/** Connects after so many failures. */
function afterFailures(failures: PlakarError[], connection?: SshConnection) {
  const state = { connects: 0 };
  const connect = () => {
    const failure = failures[state.connects++] ?? failures.at(-1);
    if (connection && state.connects > failures.length) return Promise.resolve(connection);
    return Promise.reject(failure);
  };
  return { state, connect };
}

const away = (stage: string, code: "network" | "timeout" = "network") =>
  new PlakarError(code, `Cannot connect: ${stage}`, { data: { stage } });

Deno.test("channels are opened on the connection that is there", async () => {
  const { connection, state } = fakeConnection();
  const { source, told } = sourceWith({ connection });
  for (let i = 0; i < 3; i++) (await source.openClient()).close();
  assert.deepEqual([state.opened, told], [3, []]);
  await source[Symbol.asyncDispose]();
});

Deno.test("a connection is opened when it is needed, once for all who wait", async () => {
  const { connection, state } = fakeConnection();
  let connects = 0;
  const { source } = sourceWith({
    connect: () => {
      connects++;
      return Promise.resolve(connection);
    },
  });
  assert.equal(connects, 0);
  const clients = await Promise.all([source.openClient(), source.openClient()]);
  assert.deepEqual([connects, state.opened], [1, 2]);
  clients.forEach((client) => client.close());
  await source[Symbol.asyncDispose]();
  assert.ok(state.disposed);
});

Deno.test("nothing is opened for somebody who has lost interest", async () => {
  const { connection, state } = fakeConnection();
  const interest = new AbortController();
  const { source } = sourceWith({ connection, signal: interest.signal });
  (await source.openClient()).close();
  interest.abort(new PlakarError("interrupted", "Interrupted"));
  await assert.rejects(source.openClient(), { code: "interrupted" });
  assert.equal(state.opened, 1);
  await source[Symbol.asyncDispose]();
});

Deno.test("a lost connection is replaced, and that is told once for all who wait", async () => {
  const [first, second] = [fakeConnection(), fakeConnection()];
  const connect = () => Promise.resolve(second.connection);
  const { source, told } = sourceWith({ connection: first.connection, connect });
  first.state.lost = true;
  const clients = await Promise.all([source.openClient(), source.openClient()]);
  assert.equal(second.state.opened, 2);
  assert.deepEqual(told, ["Lost it; connecting again", 'Connected to "nowhere" again after 0 s']);
  clients.forEach((client) => client.close());
  await source[Symbol.asyncDispose]();
});

Deno.test("a server that refuses a channel is not connected to again", async () => {
  const { connection, state } = fakeConnection();
  state.refuses = true;
  const { source, told } = sourceWith({ connection });
  await assert.rejects(source.openClient(), { message: "no channel" });
  assert.deepEqual(told, []);
  await source[Symbol.asyncDispose]();
});

Deno.test("a server that is away is tried again until it is back", async () => {
  const { connection } = fakeConnection();
  const hangUp = new PlakarError("authentication", "hung up", { data: { isHangUp: true } });
  const ssh = new PlakarError("network", "ssh ended: Connection closed", { data: { stage: "subsystem" } });
  const failures = [away("tcp"), away("tcp"), away("name"), away("tcp", "timeout"), hangUp, ssh];
  const { connect, state } = afterFailures(failures, connection);
  const { source, told } = sourceWith({ connect, patience: { ...SHORT, total: 60_000 } });
  (await source.openClient()).close();
  assert.equal(state.connects, 7);
  // What did not change is not repeated.
  assert.deepEqual(told.map((line) => line.split(";")[0]), [
    "Cannot connect: tcp",
    "Cannot connect: name",
    "Cannot connect: tcp",
    "hung up",
    "ssh ended: Connection closed",
    'Connected to "nowhere" again after 0 s',
  ]);
  assert.match(told[0], /; trying again for up to 60 s$/);
  await source[Symbol.asyncDispose]();
});

Deno.test("a server that stays away is given up, for everybody", async () => {
  const { connect, state } = afterFailures([new PlakarError("network", "it hung up")]);
  const { source } = sourceWith({ connect });
  const expected = { code: "network", message: "it hung up; given up after 0 s", data: { stage: "tcp" } };
  await assert.rejects(source.openClient(), expected);
  const { connects } = state;
  assert.ok(connects > 3, `${connects}`);
  await assert.rejects(source.openClient(), expected);
  assert.equal(state.connects, connects);
  await source[Symbol.asyncDispose]();
});

for (
  const error of [
    new PlakarError("host-key", "another key", { data: { stage: "host-key" } }),
    new PlakarError("authentication", "refused", { data: { stage: "authentication" } }),
    new PlakarError("network", "subsystem request failed on channel 0", { data: { stage: "subsystem" } }),
    new PlakarError("protocol", "no SSH server"),
  ]
) {
  Deno.test(`a server that is there is not tried again: ${error.message}`, async () => {
    const { connect, state } = afterFailures([away("tcp"), error]);
    const { source } = sourceWith({ connect });
    await assert.rejects(source.openClient(), error);
    assert.equal(state.connects, 2);
    await source[Symbol.asyncDispose]();
  });
}

Deno.test("a server that was never reached, and a channel that is not needed, are tried once", async () => {
  const { connect, state } = afterFailures([away("tcp")]);
  const { source, told } = sourceWith({ connect, wasReached: false });
  await assert.rejects(source.openClient(), { message: "Cannot connect: tcp" });
  await source[Symbol.asyncDispose]();

  const first = fakeConnection();
  const extra = sourceWith({ connect, connection: first.connection });
  first.state.lost = true;
  await assert.rejects(extra.source.openClient(true), { message: "Lost it" });
  await assert.rejects(extra.source.openClient(true), { message: "The connection is lost" });
  assert.deepEqual([state.connects, told, extra.told], [1, [], []]);
  await extra.source[Symbol.asyncDispose]();
});

Deno.test("neither disposing nor a signal waits for the next attempt, or for one under way", async () => {
  const patience = { total: 1e9, firstPause: 1e8, longestPause: 1e8 };
  const hanging = (signal: AbortSignal) =>
    new Promise<SshConnection>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  for (const connect of [afterFailures([away("tcp")]).connect, hanging]) {
    for (const ends of ["disposal", "signal"]) {
      const interest = new AbortController();
      const { source } = sourceWith({ connect, patience, signal: interest.signal });
      const opening = assert.rejects(source.openClient(), { code: "interrupted" });
      await new Promise((resolve) => setTimeout(resolve));
      if (ends === "signal") interest.abort(new PlakarError("interrupted", "Interrupted"));
      else await source[Symbol.asyncDispose]();
      await opening;
      await source[Symbol.asyncDispose]();
    }
  }
});

Deno.test("neither disposing nor a signal waits for a channel of a line that is dead", async () => {
  for (const ends of ["disposal", "signal"]) {
    for (const isExtra of [false, true]) {
      const { connection, state } = fakeConnection();
      const interest = new AbortController();
      const { source } = sourceWith({ connection, signal: interest.signal });
      connection.openSubsystem = () => new Promise(() => {});
      const opening = assert.rejects(source.openClient(isExtra), { code: "interrupted" });
      await new Promise((resolve) => setTimeout(resolve));
      if (ends === "signal") interest.abort(new PlakarError("interrupted", "Interrupted"));
      else await source[Symbol.asyncDispose]();
      await opening;
      await source[Symbol.asyncDispose]();
      assert.ok(state.disposed);
    }
  }
});

Deno.test("after a signal, what one channel finds out of a dead line holds for the others", async () => {
  const { connection, state } = fakeConnection();
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.REMOVE, () => {});
  connection.openSubsystem = () => Promise.resolve(server.pipe);
  const interest = new AbortController();
  const { source } = sourceWith({ connection, signal: interest.signal, interruptedTimeout: 20 });
  const client = await source.openClient();
  const waiting = client.remove("/temporary" as ByteString);
  interest.abort(new PlakarError("interrupted", "Interrupted"));
  await assert.rejects(waiting, { code: "timeout" });
  assert.ok(state.disposed);
  await source[Symbol.asyncDispose]();
});

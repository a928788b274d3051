import assert from "node:assert/strict";
import { SshSftpSource } from "../../src/connectors/remote/sftp_source.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import type { SshConnection } from "../../src/ssh/mod.ts";
import { FakeSftpServer } from "../support/fake_sftp_server.ts";
import { NO_PLAN } from "../support/sftp_source.ts";

/** A connection that a test loses. */
function fakeConnection() {
  const closed = Promise.withResolvers<PlakarError | undefined>();
  const state = { lost: false, disposed: false, refuses: false, opened: 0 };
  const connection: SshConnection = {
    plan: NO_PLAN,
    description: { transport: "openssh", host: "nowhere", port: 22, user: "nobody", via: [] },
    closed: closed.promise,
    openSubsystem: () => {
      if (state.lost) setTimeout(() => closed.resolve(undefined));
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

const noConnect = () => Promise.reject(new Error("not expected"));

Deno.test("channels are opened on the connection that is there", async () => {
  const { connection, state } = fakeConnection();
  await using source = new SshSftpSource(NO_PLAN, { connection, connect: noConnect });
  for (let i = 0; i < 3; i++) (await source.openClient()).close();
  assert.equal(state.opened, 3);
});

Deno.test("a connection is opened when it is needed, once for all who wait", async () => {
  const { connection, state } = fakeConnection();
  let connects = 0;
  const source = new SshSftpSource(NO_PLAN, {
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
  const options = { connection, connect: noConnect, signal: interest.signal };
  await using source = new SshSftpSource(NO_PLAN, options);
  (await source.openClient()).close();
  interest.abort(new PlakarError("interrupted", "Interrupted"));
  await assert.rejects(source.openClient(), { code: "interrupted" });
  assert.equal(state.opened, 1);
});

Deno.test("a connection that turns out to be lost is replaced", async () => {
  const [first, second] = [fakeConnection(), fakeConnection()];
  await using source = new SshSftpSource(NO_PLAN, {
    connection: first.connection,
    connect: () => Promise.resolve(second.connection),
  });
  first.state.lost = true;
  const clients = await Promise.all([source.openClient(), source.openClient()]);
  assert.equal(second.state.opened, 2);
  clients.forEach((client) => client.close());
});

Deno.test("a server that refuses a channel is not connected to again", async () => {
  const { connection, state } = fakeConnection();
  state.refuses = true;
  await using source = new SshSftpSource(NO_PLAN, { connection, connect: noConnect });
  await assert.rejects(source.openClient(), { message: "no channel" });
});

Deno.test("a server that cannot be reached is tried again, one that refuses is not", async () => {
  for (
    const [code, tries] of [["network", 3], ["timeout", 3], ["authentication", 1], ["host-key", 1]] as const
  ) {
    let connects = 0;
    await using source = new SshSftpSource(NO_PLAN, {
      delays: [0, 1, 1],
      connect: () => {
        connects++;
        return Promise.reject(new PlakarError(code, "no"));
      },
    });
    await assert.rejects(source.openClient(), { code });
    assert.equal(connects, tries);
  }
});

Deno.test("disposing does not wait for the next attempt", async () => {
  const source = new SshSftpSource(NO_PLAN, {
    delays: [0, 100_000_000],
    connect: () => Promise.reject(new PlakarError("network", "no")),
  });
  const opening = assert.rejects(source.openClient(), { code: "network" });
  await new Promise((resolve) => setTimeout(resolve));
  await source[Symbol.asyncDispose]();
  await opening;
});

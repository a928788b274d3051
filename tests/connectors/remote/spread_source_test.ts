import assert from "node:assert/strict";
import { openSftpSource } from "../../../src/connectors/remote/open_sftp_source.ts";
import type { SftpSource } from "../../../src/connectors/remote/sftp_source.ts";
import { SpreadSource } from "../../../src/connectors/remote/spread_source.ts";
import { fromText } from "../../../src/lib/byte_string.ts";
import { PlakarError } from "../../../src/lib/errors.ts";
import { SftpClient } from "../../../src/sftp/client.ts";
import { FakeSftpServer } from "../../support/fake_sftp_server.ts";
import { NO_PLAN } from "../../support/sftp_source.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { sshdTest, startSshd } from "../../support/sshd.ts";

/** A source that counts what is asked of it. */
class CountedSource implements SftpSource {
  readonly plan = NO_PLAN;
  readonly clients: SftpClient[] = [];
  tries = 0;
  refuses = false;
  disposed = 0;

  async openClient(): Promise<SftpClient> {
    this.tries++;
    if (this.refuses) throw new PlakarError("network", "Too many connections");
    const client = await SftpClient.open(new FakeSftpServer().pipe);
    this.clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed++;
    await Promise.resolve();
  }
}

const triesOf = (sources: readonly CountedSource[]) => sources.map(({ tries }) => tries);

Deno.test("clients are spread over the connections, further ones of which are opened when they are needed", async () => {
  const sources = [new CountedSource(), new CountedSource(), new CountedSource()];
  const spread = new SpreadSource(sources[0], sources.slice(1));
  await spread.openClient();
  assert.deepEqual(triesOf(sources), [1, 0, 0]);
  for (let n = 0; n < 5; n++) await spread.openClient(true);
  assert.deepEqual(triesOf(sources), [2, 2, 2]);
  for (const client of sources[1].clients) client.close();
  await spread.openClient(true);
  await spread.openClient(true);
  assert.deepEqual(triesOf(sources), [2, 4, 2]);
  await spread[Symbol.asyncDispose]();
  assert.deepEqual(sources.map(({ disposed }) => disposed), [1, 1, 1]);
});

Deno.test("a connection that the server refuses is done without, and not asked for again", async () => {
  const sources = [new CountedSource(), new CountedSource(), new CountedSource()];
  sources[1].refuses = true;
  const spread = new SpreadSource(sources[0], sources.slice(1));
  await spread.openClient();
  for (let n = 0; n < 3; n++) await spread.openClient(true);
  assert.deepEqual(triesOf(sources), [2, 1, 2]);
});

Deno.test("what the work cannot go on without is opened over the first connection, or fails", async () => {
  const sources = [new CountedSource(), new CountedSource()];
  const spread = new SpreadSource(sources[0], sources.slice(1));
  await spread.openClient();
  await spread.openClient();
  assert.deepEqual(triesOf(sources), [2, 0]);
  sources[0].refuses = true;
  await assert.rejects(spread.openClient(), { code: "network" });
});

sshdTest("several connections give more channels than one may have", async () => {
  await using sshd = await startSshd({ config: ["MaxSessions 1"] });
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const location = {
    protocol: "sftp" as const,
    host: sshd.host,
    port: sshd.port,
    user: sshd.user,
    path: fromText("/"),
    options: { identity_file: sshd.clientKeys.ed25519.path },
  };
  await using source = await openSftpSource(location, home.environment, recordedIo(), 3);
  const clients = [await source.openClient(), await source.openClient(true), await source.openClient(true)];
  for (const client of clients) assert.equal(await client.realpath(fromText("/tmp/..")), "/");
  await assert.rejects(source.openClient(true));
});

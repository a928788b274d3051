import assert from "node:assert/strict";
import { PlakarError } from "../../../src/lib/errors.ts";
import { type AgentAddress, listIdentities, signWithAgent } from "../../../src/ssh/agent/agent_client.ts";
import { WireWriter } from "../../../src/ssh/wire.ts";
import { type AgentBehaviour, identitiesAnswer, startFakeAgent } from "../../support/fake_agent.ts";
import { peerTest } from "../../support/peers.ts";
import { startSshAgent } from "../../support/ssh_agent.ts";
import { generateKey } from "../../support/sshd.ts";

function addressOf(socket: string): AgentAddress {
  return { path: socket, connect: (path) => Deno.connect({ transport: "unix", path }), listTimeout: 200 };
}

function keyBlob(index: number): Uint8Array {
  const point = new Uint8Array(32);
  new DataView(point.buffer).setUint32(0, index);
  return new WireWriter().string("ssh-ed25519").string(point).bytes();
}

async function listFailure(behaviour: AgentBehaviour): Promise<PlakarError> {
  await using agent = await startFakeAgent(behaviour);
  const error = await listIdentities(addressOf(agent.socket)).catch((error) => error);
  assert.ok(error instanceof PlakarError, String(error));
  assert.equal(error.code, "authentication");
  return error;
}

Deno.test("an agent that hangs is given up with a message that says so", async () => {
  assert.match((await listFailure(() => undefined)).message, /did not answer within 0.2 seconds/);
});

Deno.test("an agent that hangs in the middle of an answer is given up", async () => {
  const half = new WireWriter().uint32(100).byte(12).bytes();
  const error = await listFailure(() => ({ raw: half }));
  assert.match(error.message, /hung up|did not answer/);
});

Deno.test("an agent that refuses, because it is locked, is told from one that is empty", async () => {
  assert.match((await listFailure(() => Uint8Array.of(5))).message, /locked/);
  await using agent = await startFakeAgent(() => identitiesAnswer([]));
  assert.deepEqual(await listIdentities(addressOf(agent.socket)), []);
});

Deno.test("answers that are no answers are errors", async () => {
  assert.match((await listFailure(() => ({ raw: new Uint8Array(4) }))).message, /0 bytes long/);
  assert.match(
    (await listFailure(() => ({ raw: Uint8Array.of(255, 255, 255, 255) }))).message,
    /4294967295 bytes/,
  );
  const lies = new WireWriter().byte(12).uint32(1000).string(keyBlob(1)).string("one").bytes();
  assert.match((await listFailure(() => lies)).message, /its list of keys cannot be read/);
});

Deno.test("an agent may hold ten thousand keys", async () => {
  const keys = Array.from(
    { length: 10_000 },
    (_, index) => ({ blob: keyBlob(index), comment: `key ${index}` }),
  );
  await using agent = await startFakeAgent(() => identitiesAnswer(keys));
  const listed = await listIdentities({ ...addressOf(agent.socket), listTimeout: 10_000 });
  assert.equal(listed.length, 10_000);
  assert.equal(listed[9_999].comment, "key 9999");
});

Deno.test("a socket where no agent listens is an error that names it", async () => {
  const directory = await Deno.makeTempDir();
  const error = await listIdentities(addressOf(`${directory}/none`)).catch((error) => error);
  await Deno.remove(directory);
  assert.match(error.message, /\/none": it cannot be reached/);
});

Deno.test("a list that is not wanted any more is given up at once", async () => {
  await using agent = await startFakeAgent(() => undefined);
  const abort = new AbortController();
  const listing = listIdentities({ ...addressOf(agent.socket), listTimeout: 60_000 }, abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(listing, /enough/);
});

peerTest(
  ["ssh-agent", "ssh-add", "ssh-keygen"],
  "a real agent lists its keys, signs, and refuses when locked",
  async () => {
    await using agent = await startSshAgent();
    const directory = await Deno.makeTempDir();
    try {
      const key = await generateKey(`${directory}/k`, "-t", "rsa", "-b", "2048");
      await agent.add(key.path);
      const address = { ...addressOf(agent.socket), listTimeout: 10_000 };
      const [identity] = await listIdentities(address);
      assert.equal(identity.type, "ssh-rsa");
      for (const algorithm of ["rsa-sha2-512", "rsa-sha2-256"]) {
        const signature = await signWithAgent(address, identity, algorithm, Uint8Array.of(1, 2, 3));
        assert.equal(new TextDecoder().decode(signature.subarray(4, 16)), algorithm);
      }
      await agent.run("-D");
      await assert.rejects(
        signWithAgent(address, identity, "rsa-sha2-512", Uint8Array.of(1)),
        /refuses to sign/,
      );
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
);

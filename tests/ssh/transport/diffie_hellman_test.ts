import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createDiffieHellmanGroup, generateKeyPairSync } from "node:crypto";
import { PlakarError } from "../../../src/lib/errors.ts";
import { connect, resolveTarget } from "../../../src/ssh/mod.ts";
import { prepareDiffieHellman } from "../../../src/ssh/transport/diffie_hellman.ts";
import type { Ssh2KeyExchange } from "../../../src/ssh/transport/ssh2.ts";
import { WireReader, WireWriter } from "../../../src/ssh/wire.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";

const [KEXINIT, NEWKEYS, KEXDH_INIT, KEXDH_REPLY] = [20, 21, 30, 31];
const [GEX_GROUP, GEX_INIT, GEX_REPLY, GEX_REQUEST] = [31, 32, 33, 34];
const GROUP_EXCHANGE = "diffie-hellman-group-exchange-sha256";
const POINT = Buffer.from(
  generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x ?? "",
  "base64url",
);
const HOST_KEY = new WireWriter().string("ssh-ed25519").string(new Uint8Array(POINT)).bytes();

/** A server that gets as far as its answer to a key exchange, whose signature is none. */
interface KeyExchange {
  /** The method. */
  method: string;
  /** The prime it chooses, for a group exchange. */
  prime?: Uint8Array;
  /** Its public number. */
  publicNumber?: Uint8Array;
}

async function serve(connection: Deno.Conn, { method, prime, publicNumber }: KeyExchange): Promise<void> {
  const send = async (message: Uint8Array) => {
    const padding = 16 - (5 + message.length) % 8;
    const packet = new WireWriter().uint32(1 + message.length + padding).byte(padding).raw(message)
      .raw(new Uint8Array(padding)).bytes();
    for (let at = 0; at < packet.length;) at += await connection.write(packet.subarray(at));
  };
  let waiting: Uint8Array = new Uint8Array();
  const fill = async (length: number) => {
    while (waiting.length < length) {
      const piece = new Uint8Array(65536);
      const count = await connection.read(piece);
      if (count === null) throw new Error("the client hung up");
      waiting = new Uint8Array(Buffer.concat([waiting, piece.subarray(0, count)]));
    }
  };
  /** Waits for a message of this type. */
  const receive = async (type: number) => {
    await fill(4);
    const length = new WireReader(waiting).uint32();
    await fill(4 + length);
    assert.equal(waiting[5], type);
    waiting = waiting.subarray(4 + length);
  };
  await connection.write(new TextEncoder().encode("SSH-2.0-Fake\r\n"));
  while (!waiting.includes(10)) await fill(waiting.length + 1);
  waiting = waiting.subarray(waiting.indexOf(10) + 1);
  const lists = [
    method,
    "ssh-ed25519",
    "aes128-ctr",
    "aes128-ctr",
    "hmac-sha2-256",
    "hmac-sha2-256",
    "none",
    "none",
  ];
  const offer = new WireWriter().byte(KEXINIT).raw(new Uint8Array(16));
  for (const list of [...lists, "", ""]) offer.string(list);
  await send(offer.byte(0).uint32(0).bytes());
  await receive(KEXINIT);
  if (prime) {
    await receive(GEX_REQUEST);
    await send(new WireWriter().byte(GEX_GROUP).mpint(prime).mpint(Uint8Array.of(2)).bytes());
  }
  await receive(prime ? GEX_INIT : KEXDH_INIT);
  const signature = new WireWriter().string("ssh-ed25519").string(new Uint8Array(64)).bytes();
  await send(
    new WireWriter().byte(prime ? GEX_REPLY : KEXDH_REPLY).string(HOST_KEY)
      .mpint(publicNumber ?? Uint8Array.of(1)).string(signature).bytes(),
  );
  await send(Uint8Array.of(NEWKEYS));
  await fill(Infinity);
}

/** Why the key exchange fails. */
async function failure(exchange: KeyExchange): Promise<string> {
  await using home = await makeSshHome();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using connection = await listener.accept();
    await serve(connection, exchange).catch(() => {});
  })();
  const options = { insecure_ignore_host_key: "true", KexAlgorithms: exchange.method, Ciphers: "aes128-ctr" };
  const location = { host: "127.0.0.1", port: listener.addr.port, options };
  const error = await connect(await resolveTarget(location, home.environment), recordedIo()).catch((error) =>
    error
  );
  await serving;
  assert.ok(error instanceof PlakarError, String(error));
  assert.equal(error.data?.stage, "handshake");
  return error.message;
}

const PRIME = new Uint8Array(createDiffieHellmanGroup("modp14").getPrime());

Deno.test("a group of less than 2048 or more than 8192 bits is refused", async () => {
  const small = new Uint8Array(createDiffieHellmanGroup("modp2").getPrime());
  assert.match(await failure({ method: GROUP_EXCHANGE, prime: small }), /has 1024 bits, not 2048 to 8192/);
  const almost = PRIME.slice();
  almost[0] = 0x7f;
  assert.match(await failure({ method: GROUP_EXCHANGE, prime: almost }), /has 2047 bits/);
  const large = new Uint8Array(1025).fill(0xff);
  assert.match(await failure({ method: GROUP_EXCHANGE, prime: large }), /has 8200 bits/);
  assert.match(await failure({ method: GROUP_EXCHANGE, prime: new Uint8Array(0) }), /has 0 bits/);
});

Deno.test("a public number that gives the secret away is refused", async () => {
  const last = PRIME.slice();
  last[last.length - 1]--;
  for (const method of [GROUP_EXCHANGE, "diffie-hellman-group14-sha256"]) {
    const prime = method === GROUP_EXCHANGE ? PRIME : undefined;
    for (const publicNumber of [Uint8Array.of(0), Uint8Array.of(1), last, PRIME]) {
      assert.match(await failure({ method, prime, publicNumber }), /would give the secret away/);
    }
    // Any other number comes to the signature, which is none.
    assert.match(await failure({ method, prime, publicNumber: PRIME.subarray(1) }), /signature/i);
  }
});

Deno.test("the private number is short, whether the group has a name or the server chose it", () => {
  const far = createDiffieHellmanGroup("modp16");
  far.generateKeys();
  for (const isNamed of [true, false]) {
    const exchange = {
      ...(isNamed ? { groupName: "modp16" } : { _prime: far.getPrime(), _generator: far.getGenerator() }),
      getDHParams: () => undefined,
    } as Partial<Ssh2KeyExchange> as Ssh2KeyExchange;
    prepareDiffieHellman(exchange);
    exchange.generateKeys();
    const { _dh: near, _public: publicNumber } = exchange;
    assert.ok(near && publicNumber);
    assert.equal(near.getPrivateKey().length, 64);
    assert.deepEqual(near.computeSecret(far.getPublicKey()), far.computeSecret(publicNumber));
    exchange.generateKeys();
    assert.equal(exchange._public, publicNumber, "numbers are made once");
  }
});

import assert from "node:assert/strict";
import { SeededRandom } from "../../../scripts/bench/seeded_random.ts";
import { startLine } from "../../../scripts/bench/site.ts";

Deno.test("a delaying line carries every byte in order, counts it, and ends with the sender", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using line = await startLine(server.addr.port);
  await line.delay(2);
  const sent = new SeededRandom("line").bytes(3 << 20);

  using client = await Deno.connect({ hostname: "127.0.0.1", port: line.port });
  using accepted = await server.accept();
  const echoed = accepted.readable.pipeTo(accepted.writable);
  const received = new Response(client.readable).bytes();
  const writer = client.writable.getWriter();
  await writer.write(sent);
  await client.closeWrite();
  assert.deepEqual(await received, new Uint8Array(sent));
  await echoed;
  assert.equal(await line.delay(0), 2 * sent.length);
});

Deno.test("a line is as slow as it was last told to be", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using line = await startLine(server.addr.port);
  using client = await Deno.connect({ hostname: "127.0.0.1", port: line.port });
  using accepted = await server.accept();
  const echoed = accepted.readable.pipeTo(accepted.writable);
  const reader = client.readable.getReader();
  const writer = client.writable.getWriter();
  const echo = async () => {
    const began = performance.now();
    await writer.write(new Uint8Array(1));
    await reader.read();
    return performance.now() - began;
  };
  await line.delay(200);
  assert.ok(await echo() >= 399);
  await line.delay(0);
  // However busy the machine, one of many is fast.
  let fastest = Infinity;
  for (let i = 0; i < 50 && fastest >= 200; i++) fastest = Math.min(fastest, await echo());
  assert.ok(fastest < 200);
  await writer.close();
  await echoed;
});

Deno.test("a side that goes while bytes are held for it ends its connection, not the line", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using line = await startLine(server.addr.port);
  const client = await Deno.connect({ hostname: "127.0.0.1", port: line.port });
  using accepted = await server.accept();
  await line.delay(100);
  // Several pieces: only the second finds that nobody is there.
  for (let i = 0; i < 5; i++) {
    await accepted.write(new Uint8Array(100_000));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  client.close();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await line.delay(0);
  using other = await Deno.connect({ hostname: "127.0.0.1", port: line.port });
  using _ = await server.accept();
  assert.equal(await other.write(new Uint8Array(1)), 1);
});

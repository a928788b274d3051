import assert from "node:assert/strict";
import { SeededRandom } from "../../../scripts/bench/seeded_random.ts";
import { startLine } from "../../../scripts/bench/site.ts";

Deno.test("a delaying line carries every byte in order, counts it, and ends with the sender", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using line = await startLine(server.addr.port, 2);
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
  assert.equal(await line.passed(), 2 * sent.length);
});

/**
 * A TCP proxy that keeps every byte for a while, in both directions: a slow line with all the bandwidth there is.
 * Run as a program of its own: `delay_proxy.ts PORT`. It prints the port it listens on; every line on its
 * standard input is the delay from then on, in milliseconds, and is answered with the bytes that went either way
 * since the line before.
 */

interface Held {
  due: number;
  bytes: Uint8Array;
}

/** Past this much in flight in one direction, no more is taken from the sender. */
const MAX_HELD = 64 << 20;

let passed = 0;
let delay = 0;

/** Passes on what comes from one side, each piece when it is due. */
async function relay(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const held: Held[] = [];
  let size = 0;
  let ended = false;
  let wake = () => {};
  const changed = () => new Promise<void>((resolve) => wake = resolve);

  const send = async () => {
    while (true) {
      const first = held[0];
      if (!first) {
        if (ended) return;
        await changed();
        continue;
      }
      const wait = first.due - performance.now();
      if (wait > 0) {
        // A timer may ring a little early.
        await new Promise((resolve) => setTimeout(resolve, wait));
        continue;
      }
      held.shift();
      for (let rest = first.bytes; rest.length > 0;) rest = rest.subarray(await to.write(rest));
      size -= first.bytes.length;
      wake();
    }
  };
  const sending = send();
  // A side that is gone is met below, when the other has ended, too.
  sending.catch(() => {});
  const buffer = new Uint8Array(256 << 10);
  for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
    held.push({ due: performance.now() + delay, bytes: buffer.slice(0, length) });
    passed += length;
    size += length;
    wake();
    while (size > MAX_HELD) await changed();
  }
  ended = true;
  wake();
  await sending;
  await to.closeWrite();
}

async function serve(client: Deno.TcpConn, port: number): Promise<void> {
  using _client = client;
  using server = await Deno.connect({ hostname: "127.0.0.1", port });
  client.setNoDelay();
  server.setNoDelay();
  // A side that is gone ends the other's stream too, which is all that has to be known of it.
  await Promise.allSettled([relay(client, server), relay(server, client)]);
}

if (import.meta.main) {
  const port = Number(Deno.args[0]);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const print = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
  print(`${listener.addr.port}`);
  (async () => {
    for await (const client of listener) serve(client, port).catch(() => {});
  })();
  // Each line is waited for before the next is written, so each is a chunk.
  for await (const line of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    delay = Number(line);
    print(`${passed}`);
    passed = 0;
  }
  Deno.exit();
}

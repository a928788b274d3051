/** An SSH agent in the test's process that behaves as the test wants. */

import { WireReader, WireWriter } from "../../src/ssh/wire.ts";

/** A running fake agent. */
export interface FakeAgent extends AsyncDisposable {
  /** The path of its socket. */
  readonly socket: string;
  /** The requests it got: their types. */
  readonly requests: number[];
}

/** How a fake agent answers a request: the answer without its length, raw bytes to write, or nothing at all. */
export type AgentBehaviour = (
  type: number,
  request: WireReader,
  message: Uint8Array,
) => AgentAnswer | Promise<AgentAnswer>;

/** One answer. */
export type AgentAnswer = Uint8Array | { raw: Uint8Array } | undefined;

/**
 * Starts a fake agent.
 *
 * @param answer how it answers; no answer leaves the client waiting
 * @returns the running agent
 */
export async function startFakeAgent(answer: AgentBehaviour): Promise<FakeAgent> {
  const directory = await Deno.makeTempDir({ prefix: "fake-agent-" });
  const socket = `${directory}/socket`;
  const listener = Deno.listen({ transport: "unix", path: socket });
  const requests: number[] = [];
  const open = new Set<Deno.Conn>();

  async function serve(connection: Deno.Conn): Promise<void> {
    open.add(connection);
    try {
      while (true) {
        const head = await readExactly(connection, 4);
        if (!head) break;
        const body = await readExactly(connection, new WireReader(head).uint32());
        if (!body) break;
        requests.push(body[0]);
        const said = await answer(body[0], new WireReader(body.subarray(1)), body);
        if (said === undefined) continue;
        const bytes = said instanceof Uint8Array ? new WireWriter().string(said).bytes() : said.raw;
        for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
        if (!(said instanceof Uint8Array)) break;
      }
    } catch {
      // The client hung up.
    }
    open.delete(connection);
    try {
      connection.close();
    } catch {
      // Closed already.
    }
  }

  const accepting = (async () => {
    for await (const connection of listener) void serve(connection);
  })();
  return {
    socket,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      await accepting.catch(() => {});
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function readExactly(connection: Deno.Conn, length: number): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const read = await connection.read(bytes.subarray(at));
    if (read === null) return undefined;
    at += read;
  }
  return bytes;
}

/**
 * The answer that lists keys.
 *
 * @param keys blobs and comments
 * @returns the message
 */
export function identitiesAnswer(keys: { blob: Uint8Array; comment: string }[]): Uint8Array {
  const writer = new WireWriter().byte(12).uint32(keys.length);
  for (const { blob, comment } of keys) writer.string(blob).string(comment);
  return writer.bytes();
}

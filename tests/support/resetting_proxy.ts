/** A TCP proxy on the loopback interface that resets connections: the other end gets an error, and no orderly end. */

import { connect, createServer, type Socket } from "node:net";

/** A running proxy. Disposing of it ends it and every connection. */
export interface ResettingProxy extends AsyncDisposable {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** Resets a connection once this many bytes came from its server; never if omitted. */
  resetAfter?: number;
  /** Resets every connection. */
  reset(): void;
}

/**
 * Starts a proxy.
 *
 * @param target the port on 127.0.0.1 it leads to
 * @returns the running proxy
 */
export async function startResettingProxy(target: number): Promise<ResettingProxy> {
  const open = new Set<Socket>();
  const reset = () => {
    for (const socket of open) socket.resetAndDestroy();
    open.clear();
  };
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    let passed = 0;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes) => {
      const room = (proxy.resetAfter ?? Infinity) - passed;
      passed += bytes.length;
      if (bytes.length < room) return void client.write(bytes);
      upstream.pause();
      // What is written has to leave before the reset, which would overtake it.
      client.write(bytes.subarray(0, room), () => setTimeout(reset, 20));
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const address = server.address();
  const proxy: ResettingProxy = {
    port: typeof address === "object" && address ? address.port : 0,
    reset,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
  return proxy;
}

/** A TCP proxy on the loopback interface that breaks connections when told to. */

/** A running proxy. Disposing of it ends it and every connection. */
export interface FaultyProxy extends AsyncDisposable {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** How many connections it accepted. */
  readonly accepted: number;
  /** How many bytes came from the server so far, over all connections. */
  readonly received: number;
  /** Passes nothing on any more, and closes nothing: a cable was pulled. */
  freeze(): void;
  /** Freezes once a connection has this many bytes from its server; `undefined` for never. */
  freezeAfter(bytes: number | undefined): void;
  /** Passes bytes on again. */
  thaw(): void;
  /** Hangs up on whoever connects after so many more. */
  refuseAfter(connections: number): void;
  /** Ends every connection. */
  cut(): void;
  /** Ends a connection once this many bytes came from its server; `undefined` for never. */
  cutAfter(bytes: number | undefined): void;
}

/**
 * Starts a proxy.
 *
 * @param target the port on 127.0.0.1 it leads to
 * @returns the running proxy
 */
export function startFaultyProxy(target: number): FaultyProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const pumps = new Set<Promise<void>>();
  let accepted = 0;
  let received = 0;
  let most = Infinity;
  let limit: number | undefined;
  let frost: number | undefined;
  let frozen: PromiseWithResolvers<void> | undefined;

  function close(...connections: Deno.Conn[]): void {
    for (const connection of connections) {
      if (!open.delete(connection)) continue;
      try {
        connection.close();
      } catch {
        // Closed already.
      }
    }
  }

  function freeze(): void {
    frozen ??= Promise.withResolvers();
  }

  async function pump(from: Deno.Conn, to: Deno.Conn, isFromServer: boolean): Promise<void> {
    const buffer = new Uint8Array(65536);
    let passed = 0;
    try {
      while (true) {
        const read = await from.read(buffer);
        if (isFromServer && frost !== undefined && passed + (read ?? 0) > frost) freeze();
        await frozen?.promise;
        if (read === null) break;
        const room = isFromServer && limit !== undefined ? Math.max(0, limit - passed) : read;
        const length = Math.min(read, room);
        for (let at = 0; at < length;) at += await to.write(buffer.subarray(at, length));
        passed += length;
        if (isFromServer) received += length;
        if (length < read) break;
      }
    } catch {
      // One side is gone: so is the other.
    }
    close(from, to);
  }

  const accepting = (async () => {
    for await (const client of listener) {
      accepted++;
      open.add(client);
      if (accepted > most) {
        close(client);
        continue;
      }
      try {
        const server = await Deno.connect({ hostname: "127.0.0.1", port: target });
        open.add(server);
        for (const one of [pump(client, server, false), pump(server, client, true)]) {
          pumps.add(one);
          one.finally(() => pumps.delete(one));
        }
      } catch {
        close(client);
      }
    }
  })();

  return {
    port: listener.addr.port,
    get accepted() {
      return accepted;
    },
    get received() {
      return received;
    },
    freeze,
    freezeAfter: (bytes) => void (frost = bytes),
    thaw() {
      frozen?.resolve();
      frozen = undefined;
    },
    refuseAfter: (connections) => void (most = accepted + connections),
    cut: () => close(...open),
    cutAfter: (bytes) => void (limit = bytes),
    async [Symbol.asyncDispose]() {
      listener.close();
      close(...open);
      frozen?.resolve();
      await accepting.catch(() => {});
      await Promise.all(pumps);
    },
  };
}

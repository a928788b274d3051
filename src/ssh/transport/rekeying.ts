/** Exchanges keys again, as `RekeyLimit` says. The server does so for reasons of its own, too. */

import type { Duplex } from "node:stream";
import type { Ssh2Client } from "./ssh2.ts";

/** Milliseconds that a timer can be set to. */
const MAX_TIMER = 0x7fff_ffff;

/** After how much keys are exchanged again. */
export interface RekeyLimits {
  /** Bytes in one direction; `undefined` for no limit. */
  rekeyBytes?: number;
  /** Milliseconds; `undefined` for no limit. */
  rekeyInterval?: number;
}

/**
 * Watches a connection from now on until it is closed.
 *
 * @param client the connection, logged in
 * @param stream what it runs over; its `write` is replaced
 * @param limits when keys are exchanged again
 */
export function rekeyRegularly(client: Ssh2Client, stream: Duplex, limits: RekeyLimits): void {
  const { rekeyBytes = Infinity, rekeyInterval } = limits;
  if (rekeyBytes === Infinity && rekeyInterval === undefined) return;
  let [sent, received] = [0, 0];
  let isDue = false;
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function demand(): void {
    if (isDue || isClosed) return;
    isDue = true;
    // Not in the middle of a message: ssh2 makes room for one before it knows whether it has to wait.
    queueMicrotask(() => {
      if (isClosed) return;
      // What waits for the new keys counts for them.
      sent = received = 0;
      client._protocol.rekey();
    });
  }

  function begin(): void {
    if (!isDue) sent = received = 0;
    isDue = false;
    clearTimeout(timer);
    if (rekeyInterval !== undefined) timer = setTimeout(demand, Math.min(rekeyInterval, MAX_TIMER));
    count();
  }

  function count(): void {
    if (Math.max(sent, received) >= rekeyBytes) demand();
  }

  const write: (bytes: Uint8Array) => boolean = stream.write.bind(stream);
  stream.write = (bytes: Uint8Array): boolean => {
    sent += bytes.length;
    count();
    return write(bytes);
  };
  stream.on("data", (bytes: Uint8Array) => {
    received += bytes.length;
    count();
  });
  client.on("handshake", begin);
  client.on("close", () => {
    isClosed = true;
    clearTimeout(timer);
  });
  begin();
}

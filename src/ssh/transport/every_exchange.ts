/** Key exchanges of ssh2, before they begin: keys are exchanged when a connection opens, and again while it lives. */

import type { Ssh2KeyExchange, Ssh2Protocol } from "./ssh2.ts";

/**
 * Prepares every key exchange of a connection.
 *
 * @param protocol the connection's protocol machine
 * @param prepare changes an exchange once it is agreed how it is done
 */
export function onEveryExchange(
  protocol: Ssh2Protocol,
  prepare: (exchange: Ssh2KeyExchange) => void,
): void {
  let current: Ssh2KeyExchange | undefined = protocol._kex;
  Object.defineProperty(protocol, "_kex", {
    get: () => current,
    set: (exchange: Ssh2KeyExchange) => {
      current = exchange;
      prepare(exchange);
    },
  });
}

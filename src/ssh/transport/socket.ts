/** TCP connections as ssh_config wants them made. */

import { lookup } from "node:dns/promises";
import { isIP, type Socket } from "node:net";
import { beforeAbort } from "../../lib/before_abort.ts";
import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { ConnectionLimits } from "../plan.ts";
import { connectWithOneBuffer } from "./reused_reads.ts";

/**
 * Connects to a host: every address in turn, as often as `ConnectionAttempts` says.
 *
 * @param host a name or an address
 * @param port the port
 * @param limits how
 * @param signal gives up
 * @returns the connected socket
 * @throws {PlakarError} `network` or `timeout`, with `data.stage` `name`, `address` or `tcp`
 */
export async function connectTcp(
  host: string,
  port: number,
  limits: ConnectionLimits,
  signal?: AbortSignal,
): Promise<Socket> {
  const addresses = await beforeAbort(addressesOf(host, limits), signal);
  let failure: PlakarError | undefined;
  for (let attempt = 0; attempt < limits.connectionAttempts; attempt++) {
    if (attempt > 0) await pause(1000, signal);
    for (const address of addresses) {
      signal?.throwIfAborted();
      try {
        const socket = await connectOnce(address, port, limits, signal);
        // Requests are small and answers are waited for: nothing may be held back to be joined.
        socket.setNoDelay(true);
        socket.setKeepAlive(limits.tcpKeepAlive);
        return socket;
      } catch (error) {
        signal?.throwIfAborted();
        failure = connectError(host, address, port, limits, error);
      }
    }
  }
  throw failure ?? connectError(host, host, port, limits, new Error("it has no address"));
}

async function addressesOf(host: string, limits: ConnectionLimits): Promise<string[]> {
  const family = limits.addressFamily === "inet" ? 4 : limits.addressFamily === "inet6" ? 6 : 0;
  const literal = kindOf(host);
  const wrongFamily = (kind: number) => family !== 0 && kind !== family;
  if (literal !== 0) {
    if (!wrongFamily(literal)) return [host];
    throw new PlakarError("network", `Cannot connect to "${host}": AddressFamily excludes this address`, {
      data: { stage: "address" },
    });
  }
  try {
    const found = await lookup(host, { all: true, family });
    return [...new Set(found.filter((entry) => !wrongFamily(entry.family)).map((entry) => entry.address))];
  } catch (cause) {
    throw new PlakarError("network", `Cannot find the address of "${host}": the name is not known`, {
      cause,
      hint: `Check the spelling, and with: ssh -G "${host}"`,
      data: { stage: "name" },
    });
  }
}

/** 4 or 6 for an address, which may carry a zone as in fe80::1%eth0; 0 for a name. */
function kindOf(host: string): number {
  return isIP(host.replace(/%.*$/, ""));
}

/** `BindAddress` may be a name, which has to have an address of the same kind as the server's. */
async function localAddressFor(
  address: string,
  bindAddress: string | undefined,
): Promise<string | undefined> {
  if (bindAddress === undefined || kindOf(bindAddress) !== 0) return bindAddress;
  try {
    return (await lookup(bindAddress, { family: kindOf(address) })).address;
  } catch {
    throw new Error(`BindAddress "${bindAddress}" has no address of this kind`);
  }
}

async function connectOnce(
  address: string,
  port: number,
  limits: ConnectionLimits,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const localAddress = await beforeAbort(localAddressFor(address, limits.bindAddress), signal);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connectWithOneBuffer({ host: address, port, localAddress });
  const timer = setTimeout(() => fail(new TimeoutReached()), limits.connectTimeout);
  const abort = () => fail(signal?.reason);
  function settle(): void {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    socket.removeAllListeners();
  }
  function fail(error: unknown): void {
    settle();
    // A late error of a socket that nobody waits for any more is of no interest.
    socket.on("error", () => {});
    socket.destroy();
    reject(error);
  }
  signal?.addEventListener("abort", abort);
  socket.once("error", fail);
  socket.once("connect", () => {
    settle();
    resolve(socket);
  });
  return await promise;
}

class TimeoutReached extends Error {}

function connectError(
  host: string,
  address: string,
  port: number,
  limits: ConnectionLimits,
  error: unknown,
): PlakarError {
  const where = address === host ? `"${host}" port ${port}` : `"${host}" (${address}) port ${port}`;
  const data = { stage: "tcp", address, port };
  if (error instanceof TimeoutReached) {
    return new PlakarError(
      "timeout",
      `Cannot connect to ${where}: no answer in ${limits.connectTimeout / 1000} s`,
      {
        hint: "Check that the host is up and that no firewall is in the way; ConnectTimeout sets the time",
        data,
      },
    );
  }
  const refused = /ECONNREFUSED|refused/i.test(messageOf(error));
  const bindHint = limits.bindAddress &&
    "Check BindAddress: it has to be an address of this machine, and of the same kind";
  return new PlakarError(
    "network",
    `Cannot connect to ${where}: ${refused ? "the connection was refused" : messageOf(error)}`,
    { cause: error, hint: refused ? "Check the port, and that sshd is running there" : bindHint, data },
  );
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer;
  try {
    await beforeAbort(new Promise<void>((resolve) => timer = setTimeout(resolve, milliseconds)), signal);
  } finally {
    clearTimeout(timer);
  }
}

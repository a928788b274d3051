/**
 * A socket that reads into one buffer again and again. Without that, Deno makes an array for every read, and tens of
 * megabytes of these wait in every thread until V8 looks through all of its memory.
 */

import { Buffer } from "node:buffer";
import { connect, type Socket, type TcpNetConnectOpts } from "node:net";
import { Decipher } from "./decipher.ts";
import type { Ssh2Protocol } from "./ssh2.ts";

/** How much may come with one read: fewer and larger ones cost less time. */
const BUFFER_BYTES = 256 * 1024;

/**
 * Connects a socket that is paused: nothing is read before `resume` is called. What its `data` listeners are given is
 * valid only during the call; the stream itself holds nothing, so neither `read` nor `pipe` give anything.
 *
 * @param options where to
 * @returns the socket, which connects now
 */
export function connectWithOneBuffer(options: TcpNetConnectOpts): Socket {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  const callback = (length: number): true => {
    socket.emit("data", buffer.subarray(0, length));
    return true;
  };
  const socket = connect({ ...options, onread: { buffer, callback } });
  return socket.pause();
}

/**
 * Gives ssh2 copies where it keeps what a server sent: until messages are encrypted, and while keys are exchanged.
 * {@linkcode Decipher} keeps nothing of it.
 *
 * @param protocol the protocol machine of a connection, whose `parse` is replaced
 */
export function copyWhatIsKept(protocol: Ssh2Protocol): void {
  const parse = protocol.parse.bind(protocol);
  protocol.parse = (data, start, end) => {
    const isKept = !(protocol._decipher instanceof Decipher) || protocol._kexinit !== undefined;
    parse(isKept ? Buffer.from(data) : data, start, end);
  };
}

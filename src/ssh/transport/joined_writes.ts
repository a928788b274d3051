/**
 * Joins the writes of one turn of the event loop.
 *
 * Packets that are sent one by one cost a system call each and, without Nagle's algorithm, a TCP segment. Deferring
 * them matters in another way, too: a stream that is a channel of another connection would encrypt there in the
 * middle of encrypting here.
 */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

/** Pieces from this size on are written as they are: copying them costs more than a call. */
const LARGE = 16 * 1024;

/**
 * Makes a stream join its small writes.
 *
 * @param stream a connected stream; its `write` and `end` are replaced
 * @returns the same stream
 */
export function joinWrites(stream: Duplex): Duplex {
  const write: (bytes: Uint8Array) => boolean = stream.write.bind(stream);
  const end: () => Duplex = stream.end.bind(stream);
  let queue: Uint8Array[] = [];

  function flush(): void {
    const pieces = queue;
    queue = [];
    if (!stream.writable) return;
    let small: Uint8Array[] = [];
    const flushSmall = () => {
      if (small.length > 0) write(small.length === 1 ? small[0] : Buffer.concat(small));
      small = [];
    };
    for (const piece of pieces) {
      if (piece.length < LARGE) small.push(piece);
      else {
        flushSmall();
        write(piece);
      }
    }
    flushSmall();
  }

  stream.write = (bytes: Uint8Array): boolean => {
    if (queue.length === 0) queueMicrotask(flush);
    queue.push(bytes);
    return !stream.writableNeedDrain;
  };
  stream.end = (): Duplex => {
    flush();
    return end();
  };
  return stream;
}

/**
 * The data of channels, past the streams of Node that ssh2 puts it into: these cost more than decrypting it, and
 * have to be given bytes of their own, while what lies in the kernel can be used where it is.
 */

import { Buffer } from "node:buffer";
import type { Ssh2Channel, Ssh2Client, Ssh2Protocol } from "./ssh2.ts";

/** Takes data of a channel, valid only during the call. */
export type DataReceiver = (data: Uint8Array) => void;

/** How much may be on its way on one channel. ssh2 begins with 2 MiB, which is little on a long way. */
const WINDOW = 4 * 1024 * 1024;

/** Gives data of chosen channels to whoever wants it as it comes. */
export class ChannelData {
  readonly #protocol: Ssh2Protocol;
  readonly #receivers = new Map<number, DataReceiver>();

  /**
   * Takes the place of ssh2's own handler.
   *
   * @param client a connection that was begun
   */
  constructor(client: Ssh2Client) {
    this.#protocol = client._protocol;
    const handlers = this.#protocol._handlers;
    const original = handlers.CHANNEL_DATA;
    handlers.CHANNEL_DATA = (protocol, recipient, data) => {
      const receiver = this.#receivers.get(recipient);
      if (receiver) receiver(data);
      // A stream keeps what it is given.
      else original(protocol, recipient, Buffer.from(data));
    };
  }

  /**
   * Takes the data of a channel from now on, until it is closed.
   *
   * @param channel the channel
   * @param receive takes the data
   */
  divert(channel: Ssh2Channel, receive: DataReceiver): void {
    const { incoming } = channel;
    this.#receivers.set(incoming.id, ({ buffer, byteOffset, length }) => {
      incoming.window -= length;
      // A Buffer's slices would be no copies.
      receive(new Uint8Array(buffer, byteOffset, length));
    });
    channel.once("close", () => this.#receivers.delete(incoming.id));
    this.welcome(channel, 0);
  }

  /**
   * Lets the server send more, if that is worth a message.
   *
   * @param channel the channel
   * @param held how many bytes came and were not used yet
   */
  welcome(channel: Ssh2Channel, held: number): void {
    const { incoming, outgoing } = channel;
    const more = WINDOW - held - incoming.window;
    if (more < WINDOW / 2 || outgoing.state === "closed") return;
    incoming.window += more;
    this.#protocol.channelWindowAdjust(outgoing.id, more);
  }
}

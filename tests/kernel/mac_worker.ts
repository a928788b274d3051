/** A worker that answers each message with its MAC under a key of zeros. */

import { createMac } from "../../src/crypto/mac.ts";

declare const self: {
  onmessage: (event: MessageEvent<Uint8Array>) => void;
  postMessage(reply: Uint8Array): void;
};

const stream = createMac("BLAKE3", new Uint8Array(32)).stream();

self.onmessage = ({ data }) => {
  stream.update(data);
  self.postMessage(stream.digest());
};

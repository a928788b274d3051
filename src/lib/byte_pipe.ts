/** A two-way stream of bytes: what SSH gives and SFTP speaks over. */

/** Takes what arrives on a {@linkcode BytePipe}. */
export interface ByteReceiver {
  /** Bytes that arrived, in order; valid only during the call. */
  data(bytes: Uint8Array): void;
  /** Nothing more will arrive. Called exactly once; `error` says why if the end was not asked for. */
  end(error?: Error): void;
}

/**
 * A two-way stream of bytes. Callbacks rather than streams: a message must cost no promise.
 */
export interface BytePipe {
  /** Begins delivery. Called once; what arrived before is kept until then. */
  start(receiver: ByteReceiver): void;
  /** Queues bytes, which must not change afterwards. False means: wait for `drained` before writing more. */
  write(bytes: Uint8Array): boolean;
  /** Resolves when more bytes are welcome, or the pipe has ended. */
  drained(): Promise<void>;
  /** Stops delivery for a while, so that the other side is slowed down. */
  pause(): void;
  /** Goes on with delivery. */
  resume(): void;
  /** Milliseconds so far in which it was this side that waited, not the other; none if omitted. */
  readonly held?: number;
  /** Ends the pipe from this side; `end` is called without an error. */
  close(): void;
}

/** What the WebAssembly kernel exports: see `src/kernel/assembly/index.as`. */

/** The kernel's places in its memory, and how long some of them are. */
export const KERNEL_PLACES = [
  "ARENA",
  "ARENA_BYTES",
  "BLAKE_RESULT",
  "BLAKE_STATE",
  "BLAKE_STATE_BYTES",
  "COUNTS",
  "GEAR",
  "MASTER",
  "MASTER_BYTES",
  "MESSAGE_KEY",
  "NONCE",
  "OUTPUT",
  "OUTPUT_BYTES",
  "PACKET_BYTES",
  "PACKET_IN",
  "PACKET_OUT",
  "SEGMENT",
  "SEGMENT_BYTES",
  "SSH_KEY",
  "STAGE",
  "STAGE_BYTES",
  "SUBKEY",
  "TAG",
  "WRAPPED",
] as const;

/** One of these. */
export type KernelPlace = typeof KERNEL_PLACES[number];

/** The kernel's functions. Every `p`, `from` and `to` is an address in its memory. */
export type KernelFunctions = {
  /** Starts a BLAKE3; `key` is an address, 0 for none. */
  blakeStart(key: number): void;
  /** Takes bytes into the running BLAKE3. */
  blakeUpdate(p: number, length: number): void;
  /** Ends the running BLAKE3, to BLAKE_RESULT. */
  blakeFinish(): void;
  /** A BLAKE3 of bytes that are all at hand, to BLAKE_RESULT; it takes the place of the running one. */
  blakeWhole(key: number, p: number, length: number): void;
  /** Starts a chunk. */
  gearStart(): void;
  /** Goes on over n bytes; returns how many came before the one that cuts, -1 if none does. */
  gearScan(p: number, n: number, maskLow: number, maskHigh: number): number;
  /** Counts an even number of bytes. */
  countPairs(p: number, length: number): void;
  /** Writes how often each byte occurred to COUNTS, 256 words of 32 bits, and begins again. */
  takeCounts(): void;
  /** Takes the key at SUBKEY as the one to wrap under, to MASTER. */
  setMaster(): void;
  /** Wraps the key at SUBKEY, to WRAPPED. */
  wrap(): void;
  /** Unwraps the key at WRAPPED, to SUBKEY; returns 0 if it was not wrapped under this master key. */
  unwrap(): number;
  /** Takes the key at SUBKEY as the one of the messages that follow. */
  setSubkey(): void;
  /** Seals a message under the nonce at NONCE: nonce, ciphertext and tag go to `to`. */
  seal(p: number, length: number, to: number): void;
  /** Opens a sealed message of `length` plaintext bytes; returns 0 if its tag is wrong. */
  open(p: number, length: number, to: number): number;
  /** Begins a message in parts under the nonce at NONCE; its key goes to MESSAGE_KEY. */
  begin(): void;
  /** Takes plaintext: a multiple of 16 bytes, but for the last. */
  absorb(p: number, length: number): void;
  /** Ends the plaintext, whose tag goes to TAG. */
  finishSeal(length: number): void;
  /** Ends the plaintext; returns 0 if the tag at TAG is not its. */
  finishOpen(length: number): number;
  /** Writes n counter blocks of the message to SEGMENT, from block `first` on. */
  counters(first: number, n: number): void;
  /** Adds the bytes at q to those at p. */
  mix(p: number, q: number, length: number): void;
  /** The length of the SSH message whose first four bytes are at p, under the key at SSH_KEY. */
  openLength(p: number, seqno: number): number;
  /** Opens an SSH message in place, four bytes of length before it and its tag behind; 0 if it is not authentic. */
  openPacket(p: number, length: number, seqno: number): number;
  /** Seals an SSH message in place, its tag behind it. */
  sealPacket(p: number, length: number, seqno: number): void;
  /** Writes a block of at most 4 MiB to a frame; returns how many bytes it takes, with its length. */
  writeBlock(from: number, length: number, to: number): number;
  /** Decompresses; returns how many bytes there are, -1 if the block is not valid, -2 if they are too many. */
  decompressBlock(from: number, length: number, to: number, capacity: number, history: number): number;
};

/** All that the kernel exports. */
export type KernelExports =
  & KernelFunctions
  & { readonly [place in KernelPlace]: WebAssembly.Global }
  & { readonly memory: WebAssembly.Memory };

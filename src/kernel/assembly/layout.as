// Where things lie in the kernel's memory. It never grows, so views of it stay valid; pages that nobody
// touches cost nothing. Static data of the compiler lies below SCRATCH.

/** Tables and states, each in its place. */
export const SCRATCH: usize = 0x10000;

// BLAKE3
export const BLAKE_STATE: usize = SCRATCH; // 2 KiB of stack, 4 KiB of waiting input, see blake3.as
export const BLAKE_STATE_BYTES: usize = 0x1900;
export const BLAKE_WORK: usize = SCRATCH + 0x2000; // 4 KiB

// AES
export const AES_TABLES: usize = SCRATCH + 0x3000; // 2 KiB
export const AES_MASTER: usize = SCRATCH + 0x3800; // two schedules of 240 bytes
export const AES_SUBKEY: usize = SCRATCH + 0x3a00;
export const AES_MESSAGE: usize = SCRATCH + 0x3b00;

// POLYVAL
export const POLYVAL_STATE: usize = SCRATCH + 0x3c00;
export const POLYVAL_WORK: usize = SCRATCH + 0x4000; // 4 KiB
export const POLYVAL_TABLE: usize = SCRATCH + 0x5000; // 8 KiB

// GCM-SIV: what JavaScript and the kernel hand to one another
export const SIV_EXCHANGE: usize = SCRATCH + 0x7000; // 256 bytes

// Messages of SSH
export const SSH_KEY: usize = SCRATCH + 0x7100; // 64 bytes
export const POLY1305_TAG: usize = SCRATCH + 0x7140;
export const CHACHA_STREAM: usize = SCRATCH + 0x7200; // 256 bytes

// Chunking
export const GEAR: usize = SCRATCH + 0x8000; // 2 KiB

// Entropy
export const COUNTS: usize = SCRATCH + 0x8800; // 1 KiB

// LZ4
export const LZ4_TABLE: usize = SCRATCH + 0x10000; // 32 KiB

/** One segment: counter blocks, key stream, or a segment on its way. */
export const SEGMENT: usize = 0x40000; // 192 KiB to 0x70000
export const SEGMENT_BYTES: usize = 0x10000;

/** Bytes brought in for one call. */
export const STAGE: usize = 0x80000;
export const STAGE_BYTES: usize = 0x400000;

/** What a call makes. */
export const OUTPUT: usize = 0x490000;
export const OUTPUT_BYTES: usize = 0x830000;

/** For those who fill the kernel's memory themselves. */
export const ARENA: usize = 0xcd0000;
export const ARENA_BYTES: usize = 0xa3fff0;

/** How often pairs of bytes occurred: 256 KiB. */
export const HISTOGRAM: usize = 0x1710000;

/** A message that came over SSH, and one that goes: 256 KiB each, and what is around them. */
export const PACKET_IN: usize = 0x1750000;
export const PACKET_OUT: usize = 0x17a0000;
export const PACKET_BYTES: usize = 0x50000;

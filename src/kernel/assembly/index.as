// All that JavaScript calls and all places it reads and writes.

export { BLAKE_STATE, BLAKE_STATE_BYTES } from "./layout";
export { blakeFinish, blakeStart, blakeUpdate, blakeWhole, RESULT as BLAKE_RESULT } from "./blake3";
export { GEAR } from "./layout";
export { gearScan, gearStart } from "./gear";
export { COUNTS } from "./layout";
export { countPairs, takeCounts } from "./histogram";
export { MASTER, MASTER_BYTES, MESSAGE_KEY, NONCE, SUBKEY, TAG, WRAPPED } from "./gcm_siv";
export { absorb, begin, counters, finishOpen, finishSeal, mix, open, seal } from "./gcm_siv";
export { setMaster, setSubkey, unwrap, wrap } from "./gcm_siv";
export { decompressBlock, writeBlock } from "./lz4";
export { openLength, openPacket, sealPacket } from "./ssh_packet";
export { PACKET_BYTES, PACKET_IN, PACKET_OUT, SSH_KEY } from "./layout";
export { ARENA, ARENA_BYTES, OUTPUT, OUTPUT_BYTES, SEGMENT, SEGMENT_BYTES, STAGE, STAGE_BYTES } from "./layout";

/**
 * The MIME type of a file from its first bytes.
 *
 * The type is informational: it feeds the summaries and the search by type. So the table holds what people
 * back up most, text is told from binary data, and everything else is `application/octet-stream`.
 */

import type { ByteString } from "../lib/byte_string.ts";

const OCTETS = "application/octet-stream";
/** plakar looks at this many bytes too. */
const SNIFFED = 3072;

/** What the bytes at an offset, given as one code unit a byte, stand for. */
const SIGNATURES: readonly (readonly [offset: number, bytes: string, type: string])[] = [
  [0, "\x89PNG\r\n\x1a\n", "image/png"],
  [0, "\xff\xd8\xff", "image/jpeg"],
  [0, "GIF8", "image/gif"],
  [0, "II*\0", "image/tiff"],
  [0, "MM\0*", "image/tiff"],
  [0, "BM", "image/bmp"],
  [8, "WEBP", "image/webp"],
  [8, "WAVE", "audio/wav"],
  [8, "AVI ", "video/x-msvideo"],
  [4, "ftypqt", "video/quicktime"],
  [4, "ftypM4A", "audio/x-m4a"],
  [4, "ftypavif", "image/avif"],
  [4, "ftyphei", "image/heic"],
  [4, "ftyp", "video/mp4"],
  [0, "\x1a\x45\xdf\xa3", "video/webm"],
  [0, "ID3", "audio/mpeg"],
  [0, "\xff\xfb", "audio/mpeg"],
  [0, "OggS", "application/ogg"],
  [0, "fLaC", "audio/flac"],
  [0, "%PDF-", "application/pdf"],
  [0, "PK\x03\x04", "application/zip"],
  [0, "PK\x05\x06", "application/zip"],
  [0, "\x1f\x8b", "application/gzip"],
  [0, "BZh", "application/x-bzip2"],
  [0, "\xfd7zXZ\0", "application/x-xz"],
  [0, "\x28\xb5\x2f\xfd", "application/zstd"],
  [0, "7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"],
  [0, "Rar!\x1a\x07", "application/x-rar-compressed"],
  [257, "ustar", "application/x-tar"],
  [0, "\x7fELF", "application/x-elf"],
  [0, "\0asm", "application/wasm"],
  [0, "SQLite format 3\0", "application/vnd.sqlite3"],
];

function matches(data: Uint8Array, offset: number, bytes: string): boolean {
  if (data.length < offset + bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (data[offset + i] !== bytes.charCodeAt(i)) return false;
  return true;
}

/** Control characters that no text holds, by byte. */
const BINARY = Uint8Array.from({ length: 256 }, (_, byte) => {
  const isText = byte > 0x1f || byte === 0x1b || byte === 0x0c || byte === 0x0d || byte === 0x09 ||
    byte === 0x0a;
  return isText ? 0 : 1;
});

const utf8 = new TextDecoder("utf-8", { fatal: true });

function isUtf8(data: Uint8Array): boolean {
  try {
    // A character cut off by the end of what is looked at does not count.
    utf8.decode(data, { stream: true });
    return true;
  } catch {
    return false;
  } finally {
    try {
      utf8.decode();
    } catch {
      // Only the state was to be reset.
    }
  }
}

/**
 * Detects a MIME type.
 *
 * @param data the beginning of a file
 * @returns its type, `application/octet-stream` if nothing better is known
 */
export function detectContentType(data: Uint8Array): ByteString {
  return typeOf(data) as ByteString;
}

function typeOf(data: Uint8Array): string {
  if (data.length === 0) return "text/plain";
  for (const [offset, bytes, type] of SIGNATURES) if (matches(data, offset, bytes)) return type;
  const head = data.subarray(0, SNIFFED);
  let isAscii = true;
  for (let i = 0; i < head.length; i++) {
    if (BINARY[head[i]] !== 0) return OCTETS;
    if (head[i] > 0x7f) isAscii = false;
  }
  return isAscii || isUtf8(head) ? "text/plain; charset=utf-8" : "text/plain";
}

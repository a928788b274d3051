import assert from "node:assert/strict";
import { BlobCodec } from "../../src/crypto/blob_codec.ts";
import { EncryptedStream } from "../../src/crypto/encrypted_stream.ts";
import { createCompression } from "../../src/compression/compression.ts";
import { equal, fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { noise, prose, scripted, vectors } from "./vectors.ts";

const golden = vectors.encryption;

function cipher(random: (n: number) => Uint8Array = (n) => noise(n)): EncryptedStream {
  const options = { subkeyAlgorithm: "AES256-KW", segmentSize: 65536, random };
  return new EncryptedStream(fromHex(golden.master_key), options);
}

Deno.test("a blob is compressed, then encrypted, as plakar does it", () => {
  const codec = new BlobCodec(createCompression("LZ4"), cipher(scripted(golden.subkey, golden.nonce)));
  const encoded = codec.encode(new TextEncoder().encode("hello"));
  assert.equal(toHex(encoded), golden.encoded_blob_hello_lz4_encrypted);
  assert.equal(new TextDecoder().decode(codec.decode(encoded, 5)), "hello");
});

Deno.test("blobs come back from every kind of repository", () => {
  for (const name of ["LZ4", "GZIP", undefined]) {
    for (const encryption of [cipher(), undefined]) {
      const codec = new BlobCodec(createCompression(name), encryption);
      for (const plain of [new Uint8Array(0), noise(300), prose(300), noise(200_000), prose(5_000_000)]) {
        assert.ok(equal(codec.decode(codec.encode(plain), plain.length), plain), `${name}, ${plain.length}`);
      }
    }
  }
});

Deno.test("a blob longer than expected is refused", () => {
  for (const name of ["LZ4", "GZIP", undefined]) {
    const codec = new BlobCodec(createCompression(name), cipher());
    const encoded = codec.encode(prose(3000));
    assert.throws(() => codec.decode(encoded, 2999), (error) => isPlakarError(error, "corrupt"));
  }
});

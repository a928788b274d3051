import assert from "node:assert/strict";
import { createBLAKE3 } from "hash-wasm";
import type { BTreeNode } from "../../src/kloset/btree.ts";
import { decodeBTree, decodeNode, encodeBTree, encodeNode } from "../../src/kloset/btree.ts";
import { bulkLoad, plakarShape } from "../../src/kloset/btree_load.ts";
import { decodeConfiguration, encodeConfiguration } from "../../src/kloset/configuration.ts";
import { decodeDirpack } from "../../src/kloset/dirpack.ts";
import { decodeEntry, encodeEntry, entryPath } from "../../src/kloset/entry.ts";
import { decodeHeader, encodeHeader } from "../../src/kloset/header.ts";
import type { MacFunction } from "../../src/kloset/mac.ts";
import { macKey } from "../../src/kloset/mac.ts";
import { decodeObject, encodeObject } from "../../src/kloset/object.ts";
import * as packfile from "../../src/kloset/packfile.ts";
import { resourceName, ResourceType } from "../../src/kloset/resource.ts";
import { decodeState } from "../../src/kloset/state.ts";
import { StateWriter } from "../../src/kloset/state_writer.ts";
import { decodeSummary, encodeSummary } from "../../src/kloset/summary.ts";
import { SummaryBuilder } from "../../src/kloset/summary_builder.ts";
import { unwrap, wrap } from "../../src/kloset/wrapper.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { concat, fromHex, toHex } from "../../src/lib/bytes.ts";
import { newPlakar, plakarTest } from "../support/plakar.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { assertBytes } from "./vectors.ts";

/** A repository of plakar's that is neither compressed nor encrypted, wholly in memory. */
class PlainRepository {
  readonly blobs = new Map<string, Uint8Array>();
  mac: MacFunction = () => new Uint8Array(32);
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  get(type: number, mac: Uint8Array): Uint8Array {
    const blob = this.blobs.get(`${type} ${macKey(mac)}`);
    assert.ok(blob, `no ${resourceName(type)} ${toHex(mac)}`);
    return blob;
  }

  *ofType(type: number): Generator<Uint8Array> {
    for (const [key, blob] of this.blobs) if (key.startsWith(`${type} `)) yield blob;
  }

  #files(folder: string): [name: string, bytes: Uint8Array][] {
    const files: [string, Uint8Array][] = [];
    for (const { name: bucket } of Deno.readDirSync(`${this.#root}/${folder}`)) {
      for (const { name } of Deno.readDirSync(`${this.#root}/${folder}/${bucket}`)) {
        files.push([name, Deno.readFileSync(`${this.#root}/${folder}/${bucket}/${name}`)]);
      }
    }
    return files;
  }

  /** Reads every file, asserting that each encodes to the bytes that plakar wrote. */
  async read(): Promise<void> {
    const unkeyed = await blake3();
    const config = Deno.readFileSync(`${this.#root}/CONFIG`);
    const configuration = decodeConfiguration(unwrap(config, ResourceType.config, unkeyed).payload);
    assertBytes(wrap(ResourceType.config, encodeConfiguration(configuration), unkeyed), config);
    this.mac = await blake3(unkeyed(configuration.repositoryId));

    const payloads = new Map<string, Uint8Array>();
    for (const [name, bytes] of this.#files("packfiles")) {
      const { payload } = unwrap(bytes, ResourceType.packfile, this.mac);
      assertBytes(this.mac(payload), name);
      const footerBytes = packfile.encodedFooterOf(payload);
      const footer = packfile.decodePackfileFooter(footerBytes);
      assertBytes(packfile.encodePackfileFooter(footer), footerBytes);
      const indexBytes = packfile.encodedIndexOf(payload, footer);
      const records = packfile.decodePackfileIndex(indexBytes, footer.indexOffset);
      assert.equal(records.length, footer.count);
      assertBytes(packfile.encodePackfileIndex(records), indexBytes);
      assertBytes(this.mac(indexBytes), footer.indexMac);
      payloads.set(name, payload);
    }
    for (const [, bytes] of this.#files("states")) {
      const { payload, version } = unwrap(bytes, ResourceType.state, this.mac);
      const copy = new StateWriter(payload.subarray(0, 32));
      const { metadata } = decodeState(payload, version, copy);
      assertBytes(copy.finish(metadata), payload);
      decodeState(payload, version, {
        location: (type, _version, mac, name, offset, length) => {
          const blob = payloads.get(toHex(name))?.subarray(offset, offset + length);
          assert.ok(blob);
          this.blobs.set(`${type} ${macKey(mac)}`, blob);
        },
      });
    }
  }

  /** All pairs of an index, as a scan meets them. */
  scan(id: Uint8Array): [key: ByteString, value: Uint8Array][] {
    const read = (mac: Uint8Array) => decodeNode(this.get(ResourceType.btreeNode, mac));
    let node: BTreeNode | undefined = read(decodeBTree(this.get(ResourceType.btreeRoot, id)).root);
    while (node.pointers.length > 0) node = read(node.pointers[0]);
    const pairs: [ByteString, Uint8Array][] = [];
    for (; node; node = node.next && read(node.next)) {
      for (const [i, key] of node.keys.entries()) pairs.push([key, node.values[i]]);
    }
    return pairs;
  }

  content(object: Uint8Array): Uint8Array {
    const { chunks } = decodeObject(this.get(ResourceType.object, object));
    return concat(...chunks.map(({ contentMac }) => this.get(ResourceType.chunk, contentMac)));
  }
}

async function blake3(key?: Uint8Array): Promise<MacFunction> {
  const hasher = await createBLAKE3(256, key);
  return (data) => fromHex(hasher.init().update(data).digest("hex"));
}

const RECODE: [type: number, recode: (bytes: Uint8Array) => Uint8Array][] = [
  [ResourceType.snapshot, (bytes) => encodeHeader(decodeHeader(bytes))],
  [ResourceType.object, (bytes) => encodeObject(decodeObject(bytes))],
  [ResourceType.vfsEntry, (bytes) => encodeEntry(decodeEntry(bytes))],
  [ResourceType.vfsSummary, (bytes) => encodeSummary(decodeSummary(bytes))],
];
for (
  const type of [
    ResourceType.vfsBtree,
    ResourceType.errorBtree,
    ResourceType.xattrBtree,
    ResourceType.btreeRoot,
  ]
) {
  RECODE.push([type, (bytes) => encodeBTree(decodeBTree(bytes))]);
}
for (
  const type of [ResourceType.vfsNode, ResourceType.errorNode, ResourceType.xattrNode, ResourceType.btreeNode]
) {
  RECODE.push([type, (bytes) => encodeNode(decodeNode(bytes))]);
}

/** Files of every kind, enough for trees of several nodes. */
function makeSource(root: string): void {
  Deno.mkdirSync(`${root}/deep/empty`, { recursive: true });
  Deno.writeTextFileSync(`${root}/text`, "hello\n");
  Deno.writeTextFileSync(`${root}/empty`, "");
  Deno.utimeSync(`${root}/empty`, -2, -1.5);
  Deno.chmodSync(`${root}/text`, 0o4755);
  Deno.symlinkSync("text", `${root}/link`);
  for (let i = 0; i < 130; i++) Deno.mkdirSync(`${root}/deep/d${i}`);
  for (let i = 0; i < 60; i++) Deno.writeTextFileSync(`${root}/deep/f${i}`, "x".repeat(i * 100));
}

plakarTest("what plakar wrote decodes, and encodes to the same bytes", async (t) => {
  await using plakar = await newPlakar();
  await using directory = await temporaryDirectory();
  const root = `${directory.path}/repository`;
  makeSource(`${directory.path}/source`);
  await plakar.ok(["at", root, "create", "-plaintext", "-no-compression"]);
  await plakar.ok(["at", root, "backup", `${directory.path}/source`]);
  const repository = new PlainRepository(root);
  await t.step("CONFIG, packfiles and states", () => repository.read());
  for (const [type, recode] of RECODE) {
    await t.step(`every ${resourceName(type)}`, () => {
      for (const blob of repository.ofType(type)) assertBytes(recode(blob), blob);
    });
  }

  const [header] = [...repository.ofType(ResourceType.snapshot)].map(decodeHeader);
  const indexes = new Map(header.sources[0].indexes.map(({ name, value }) => [name, value]));
  const index = (name: string) => indexes.get(name) ?? new Uint8Array(32);
  for (const name of ["dirpack", "summary"]) {
    await t.step(`the ${name} index, built anew`, () => {
      const pairs = repository.scan(index(name));
      assert.ok(pairs.length > 130);
      const source = {
        length: pairs.length,
        key: (i: number) => pairs[i][0],
        value: (i: number) => pairs[i][1],
      };
      const rebuilt = [...bulkLoad(source, repository.mac, plakarShape)].at(-1);
      assertBytes(rebuilt?.mac ?? new Uint8Array(), index(name));
    });
  }
  await t.step("every summary, added up anew from the dirpack", () => {
    const summaries = new Map(repository.scan(index("summary")));
    const summaryOf = (path: ByteString) =>
      repository.get(ResourceType.vfsSummary, summaries.get(path) ?? new Uint8Array(32));
    for (const [path, object] of repository.scan(index("dirpack"))) {
      const builder = new SummaryBuilder();
      for (const frame of decodeDirpack(repository.content(object))) {
        assertBytes(repository.mac(frame.entry), frame.mac);
        const entry = decodeEntry(frame.entry);
        if (entry.contentType === "") builder.addDirectory(decodeSummary(summaryOf(entryPath(entry))));
        else builder.addFile(entry);
      }
      assertBytes(encodeSummary(builder.finish()), summaryOf(path));
    }
  });
});

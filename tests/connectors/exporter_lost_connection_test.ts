import assert from "node:assert/strict";
import { isInterruptedFile } from "../../src/connectors/exporter/interrupted_file.ts";
import { openSftpExporter } from "../../src/connectors/exporter/sftp.ts";
import type { TreeExporter } from "../../src/connectors/exporter/tree_exporter.ts";
import { MODE_DIRECTORY, MODE_SYMLINK } from "../../src/kloset/file_mode.ts";
import type { BytePipe } from "../../src/lib/byte_pipe.ts";
import { type ByteString, fromText } from "../../src/lib/byte_string.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { PacketAssembler } from "../../src/sftp/packet_assembler.ts";
import { WireWriter } from "../../src/ssh/wire.ts";
import { ChildPipe } from "../support/child_pipe.ts";
import { findProgram, peerTest } from "../support/peers.ts";
import { sourceOf } from "../support/sftp_source.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { infoOf } from "./exporter_contract.ts";

/** A pipe that ends in place of the k-th answer: what was asked for is done, and nobody hears of it. */
function breakingAt(k: number, pipe: BytePipe, broke: () => void): BytePipe {
  let answers = 0;
  return {
    start: (receiver) => {
      const assembler = new PacketAssembler((packet) => {
        if (++answers === k) {
          broke();
          pipe.close();
        } else if (answers < k) receiver.data(new WireWriter().string(packet).bytes());
      });
      // The server does what it was asked for before it ends.
      const end = () => answers >= k && receiver.end(new PlakarError("network", "Lost the connection"));
      pipe.start({ data: (bytes) => assembler.push(bytes), end });
    },
    write: (bytes) => answers >= k || pipe.write(bytes),
    drained: () => pipe.drained(),
    pause: () => pipe.pause(),
    resume: () => pipe.resume(),
    close: () => pipe.close(),
  };
}

async function writeFile(exporter: TreeExporter, path: ByteString, content: string): Promise<void> {
  try {
    const writer = await exporter.createFile(path, infoOf(path));
    try {
      await writer.write(new TextEncoder().encode(content));
      await writer.commit();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  } catch (error) {
    if (!isInterruptedFile(error)) throw error;
    await writeFile(exporter, path, content);
  }
}

peerTest(
  ["sftp-server"],
  "sftp exporter: whichever answer is lost, the tree is whole and nothing else",
  async () => {
    // The first two answers belong to the opening of the channel.
    let k = 3;
    for (let hasBroken = true; hasBroken; k++) {
      hasBroken = false;
      await using directory = await temporaryDirectory();
      await Deno.writeTextFile(`${directory.path}/file`, "old");
      await using pipes = new AsyncDisposableStack();
      let opened = 0;
      const source = sourceOf(() => {
        const pipe = pipes.use(new ChildPipe(findProgram("sftp-server") ?? "sftp-server"));
        return opened++ > 0 ? pipe : breakingAt(k, pipe, () => hasBroken = true);
      });
      const location = {
        protocol: "sftp",
        host: "x",
        path: fromText(`${directory.path}/new/root`),
        options: {},
      };
      {
        await using exporter = await openSftpExporter(source, { ...location, protocol: "sftp" });
        const [one, link] = [fromText("/one"), fromText("/one/link")];
        await exporter.createDirectory(one);
        await writeFile(exporter, fromText("/file"), "new");
        await writeFile(exporter, fromText("/one/two"), "x".repeat(100_000));
        await exporter.createSymlink(link, fromText("two"), infoOf(link, MODE_SYMLINK | 0o777));
        await exporter.finishDirectory(one, infoOf(one, MODE_DIRECTORY | 0o750));
        assert.deepEqual(exporter.degradations, [], `answer ${k}`);
      }
      const root = `${directory.path}/new/root`;
      assert.equal(await Deno.readTextFile(`${root}/file`), "new");
      assert.equal((await Deno.readTextFile(`${root}/one/link`)).length, 100_000);
      assert.equal(((await Deno.stat(`${root}/one`)).mode ?? 0) & 0o777, 0o750);
      for (const [path, names] of [[root, ["file", "one"]], [`${root}/one`, ["link", "two"]]] as const) {
        assert.deepEqual([...Deno.readDirSync(path)].map(({ name }) => name).sort(), names, `answer ${k}`);
      }
    }
    assert.ok(k > 20, `${k} answers`);
  },
);

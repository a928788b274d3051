import assert from "node:assert/strict";
import { openSftpExporter } from "../../src/connectors/exporter/sftp.ts";
import { openFileReader } from "../../src/connectors/importer/open_file_reader.ts";
import { SftpImporter } from "../../src/connectors/importer/sftp.ts";
import type { SftpLocation } from "../../src/connectors/location.ts";
import { openSftpSource } from "../../src/connectors/remote/open_sftp_source.ts";
import { fromText } from "../../src/lib/byte_string.ts";
import { findProgram } from "../support/peers.ts";
import { makeSshHome, recordedIo } from "../support/ssh_home.ts";
import { type Sshd, type SshdOptions, sshdTest, startSshd } from "../support/sshd.ts";
import { infoOf } from "./exporter_contract.ts";
import { childrenOf, walk } from "./importer_contract.ts";

/** Runs with a server, a home that knows it, and the location of a directory on it. */
async function withServer(
  options: SshdOptions,
  run: (
    context: { sshd: Sshd; location: SftpLocation; open: () => ReturnType<typeof openSftpSource> },
  ) => Promise<void>,
): Promise<void> {
  await using sshd = await startSshd(options);
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const path = `${sshd.directory}/data`;
  await Deno.mkdir(path);
  const location: SftpLocation = {
    protocol: "sftp",
    host: sshd.host,
    port: sshd.port,
    user: sshd.user,
    path: fromText(path),
    options: { identity_file: sshd.clientKeys.ed25519.path },
  };
  await run({ sshd, location, open: () => openSftpSource(location, home.environment, recordedIo()) });
}

for (const config of [[], ["MaxSessions 1"]]) {
  sshdTest(`a tree goes to a server and comes back (${config[0] ?? "stock configuration"})`, async () => {
    await withServer({ config }, async ({ location, open }) => {
      const files = Array.from(
        { length: 150 },
        (_, i) => ({ path: fromText(`/d${i % 7}/${i}`), length: i * i * 31 }),
      );
      {
        await using exporter = await openSftpExporter(await open(), location);
        await Promise.all(files.map(async ({ path, length }) => {
          const writer = await exporter.createFile(path, infoOf(path));
          await writer.write(new Uint8Array(length).fill(length));
          await writer.commit();
        }));
        assert.deepEqual(exporter.degradations, []);
      }
      await using importer = await SftpImporter.open(await open(), location);
      assert.equal(importer.origin, `${location.host}:${location.port}`);
      const children = childrenOf(await walk(importer));
      assert.equal(children.size, 150 + 7);
      await using reader = await openFileReader(structuredClone(importer.readerSpec), assert.fail);
      await Promise.all(files.map(async ({ path, length }) => {
        const full = fromText(importer.root + path);
        let size = 0;
        const result = await reader.read(full, children.get(full) ?? assert.fail(path), (piece) => {
          assert.ok(piece.every((byte) => byte === (length & 0xff)));
          size += piece.length;
        });
        assert.deepEqual(result, { size, changed: false });
        assert.equal(size, length);
      }));
    });
  });
}

sshdTest("reading goes on when the server ends the session in the middle of a file", async () => {
  await withServer({}, async ({ sshd, location, open }) => {
    const content = Uint8Array.from({ length: 20_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
    await Deno.writeFile(`${sshd.directory}/data/file`, content);
    await using importer = await SftpImporter.open(await open(), location);
    const [[path, child]] = childrenOf(await walk(importer));
    const told: string[] = [];
    await using reader = await openFileReader(importer.readerSpec, (message) => void told.push(message));
    let at = 0;
    let killed = false;
    const result = await reader.read(path, child, async (piece) => {
      for (let i = 0; i < piece.length; i++) if (piece[i] !== content[at + i]) assert.fail(`byte ${at + i}`);
      at += piece.length;
      if (at < 5_000_000 || killed) return;
      killed = true;
      await sshd.killSessions();
    });
    assert.deepEqual([killed, at, result], [true, content.length, { size: content.length, changed: false }]);
    assert.match(told.join("\n"), /^Lost .*; connecting again\nConnected to "127.0.0.1" again after \d s$/);
    // The walk finds its way back, too.
    assert.equal(childrenOf(await walk(importer)).size, 1);
  });
});

sshdTest("what a shell prints before SFTP begins is shown, and the server is not asked again", async () => {
  const program = findProgram("sftp-server") ?? "sftp-server";
  await withServer({ config: [`Subsystem sftp echo Welcome here; exec ${program}`] }, async (server) => {
    await assert.rejects(SftpImporter.open(await server.open(), server.location), {
      code: "protocol",
      message: 'Cannot start SFTP: the server sent something else first: "Welcome here"',
    });
    assert.equal(server.sshd.log().split("Accepted publickey").length - 1, 1);
  });
});

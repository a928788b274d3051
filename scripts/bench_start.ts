/**
 * `deno task bench:start [PROGRAM]`: how long it takes until the program has said its version, and until it has
 * listed 1 000 snapshots, from the store and from the cache.
 *
 * The program is the one-file stand-in for the compiled one, or the one that is named.
 */

import { FsStorage } from "../src/connectors/storage/fs.ts";
import { randomBytes } from "../src/crypto/random.ts";
import { encodeHeader } from "../src/kloset/header.ts";
import { ResourceType } from "../src/kloset/resource.ts";
import { openRepository, type Repository } from "../src/repository/repository.ts";
import { Packer } from "../src/repository/packer.ts";
import { Transaction } from "../src/repository/transaction.ts";
import { listSnapshots } from "../src/snapshot/snapshot_list.ts";
import { newStandIn } from "../tests/support/stand_in.ts";
import { measure, type Measurement } from "./bench/measure.ts";
import { say } from "./say.ts";

const SNAPSHOTS = 1000;
/** What a snapshot of a large tree adds when a few files in it changed. */
const BLOBS_A_SNAPSHOT = 150;
const RUNS = 7;
const HOUR = 3_600_000_000_000n;
const PASSPHRASE = "Granite-otter-72-lanterns";

const directory = await Deno.makeTempDir({ prefix: "plakar-start-" });
try {
  await using standIn = Deno.args[0] === undefined ? await newStandIn() : undefined;
  const path = standIn?.path ?? Deno.args[0];
  const env = { HOME: directory, PATH: "/usr/bin:/bin", PLAKAR_PASSPHRASE: PASSPHRASE };
  const plakar = (...args: string[]) => measure({ path, args, env, cwd: directory });
  await plakar("version");
  await row("version", () => plakar("version"));
  await Deno.mkdir(`${directory}/source`);
  for (const kind of ["plaintext", "encrypted"]) {
    const store = `${directory}/${kind}`;
    await plakar("at", store, "create", ...(kind === "plaintext" ? ["-plaintext"] : []));
    await plakar("at", store, "backup", `${directory}/source`);
    await fill(store);
    await row(`ls, ${kind}, from the store`, async () => {
      await Deno.remove(`${directory}/.cache/plakar-deno`, { recursive: true }).catch(() => {});
      return await plakar("at", store, "ls");
    });
    await row(`ls, ${kind}, from the cache`, () => plakar("at", store, "ls"));
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}

/** Adds snapshots, each in a packfile and a state of its own, as backups would. */
async function fill(store: string): Promise<void> {
  await using storage = new FsStorage(store);
  const locked = await openRepository(storage);
  const repository = await locked.unlock(
    locked.isEncrypted ? new TextEncoder().encode(PASSPHRASE) : undefined,
  );
  const [{ header }] = await listSnapshots(repository, say);
  for (let n = 1; n < SNAPSHOTS; n++) {
    const identifier = randomBytes(32);
    const timestamp = header.timestamp - BigInt(n) * HOUR;
    await add(repository, identifier, encodeHeader({ ...header, identifier, timestamp }));
  }
}

async function add(repository: Repository, identifier: Uint8Array, header: Uint8Array): Promise<void> {
  const { storage, codec, configuration } = repository;
  const now = () => BigInt(Date.now()) * 1_000_000n;
  const transaction = new Transaction(repository, now);
  const maxSize = Number(configuration.packfile.maxSize);
  const packer = new Packer({ storage, codec, maxSize, now, written: (report) => transaction.add(report) });
  for (let n = 0; n < BLOBS_A_SNAPSHOT; n++) {
    const blob = randomBytes(64);
    await packer.put(ResourceType.chunk, codec.mac.mac(blob), blob);
  }
  await packer.put(ResourceType.snapshot, identifier, header);
  await packer.flush();
  await transaction.commit(identifier);
}

async function row(work: string, run: () => Promise<Measurement>): Promise<void> {
  const runs: Measurement[] = [];
  for (let n = 0; n < RUNS; n++) runs.push(await run());
  const walls = runs.map(({ wall }) => Math.round(wall * 1000)).sort((a, b) => a - b);
  const cpus = runs.map(({ cpu }) => Math.round(cpu * 1000)).sort((a, b) => a - b);
  const median = (numbers: number[]) => numbers[numbers.length >> 1];
  say(`| ${work} | ${median(walls)} ms | ${walls[0]} to ${walls.at(-1)} ms | ${median(cpus)} ms |`);
}

import { deepStrictEqual, rejects } from "node:assert/strict";
import { TracedStorage } from "../../src/connectors/storage/traced.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { testStorage } from "./storage_contract.ts";

testStorage("traced storage", () => {
  const storage = new MemoryStorage();
  const reopen = () => new TracedStorage(storage, () => {});
  return Promise.resolve({
    storage: reopen(),
    reopen,
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  });
});

Deno.test("each request is told when it is over, with what it came to", async () => {
  const told: string[] = [];
  await using storage = new TracedStorage(new MemoryStorage(), (message) => void told.push(message));
  const id = "ab".repeat(32);
  await storage.create(new Uint8Array(3));
  await storage.readConfig();
  await storage.put("state", id, new Uint8Array(5));
  await storage.get("state", id, { offset: 1, length: 2 });
  await storage.list("state");
  const writer = await storage.begin("packfile", () => id);
  await writer.write(new Uint8Array(7));
  await writer.commit();
  await storage.delete("lock", id);
  await rejects(storage.get("lock", id), { code: "not-found" });
  const [created, ...requests] = told;
  deepStrictEqual(created, `create ${storage.location}`);
  deepStrictEqual(requests.slice(0, -1), [
    "get CONFIG: 3 bytes",
    `put state ${id}: 5 bytes`,
    `get state ${id} from 1: 2 bytes`,
    "list states: 1",
    "begin packfile",
    `commit packfile ${id}`,
    `delete lock ${id}`,
  ]);
  deepStrictEqual(requests.at(-1)?.startsWith(`get lock ${id}: `), true);
});

import { MemoryStorage } from "../support/memory_storage.ts";
import { testStorage } from "./storage_contract.ts";

testStorage("memory storage", () => {
  const storage = new MemoryStorage();
  return Promise.resolve({
    storage,
    reopen: () => storage,
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  });
});

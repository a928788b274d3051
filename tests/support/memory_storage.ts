/** A storage in memory. */

import { PlakarError } from "../../src/lib/errors.ts";
import { isId } from "../../src/connectors/storage/layout.ts";
import type {
  ByteRange,
  ResourceKind,
  Storage,
  StorageWriter,
} from "../../src/connectors/storage/storage.ts";

/** Keeps everything in maps, which tests may look into and change. */
export class MemoryStorage implements Storage {
  readonly location = "memory";
  /** CONFIG, once there is one. */
  config: Uint8Array | undefined;
  /** Files by id. */
  readonly files: Record<ResourceKind, Map<string, Uint8Array>> = {
    packfile: new Map(),
    state: new Map(),
    lock: new Map(),
  };

  create(config: Uint8Array): Promise<void> {
    return settle(() => {
      const files = Object.values(this.files).reduce((count, map) => count + map.size, 0);
      if (this.config || files > 0) {
        throw new PlakarError("exists", `Cannot create store "memory": it is not empty`);
      }
      this.config = config.slice();
    });
  }

  readConfig(): Promise<Uint8Array> {
    return settle(() => {
      if (!this.config) {
        throw new PlakarError("no-store", `Cannot open store "memory": there is no CONFIG in it`);
      }
      return this.config.slice();
    });
  }

  list(kind: ResourceKind): Promise<string[]> {
    return settle(() => [...this.files[kind].keys()]);
  }

  get(kind: ResourceKind, id: string, range?: ByteRange, into?: Uint8Array): Promise<Uint8Array> {
    return settle(() => {
      const bytes = this.files[kind].get(checked(id));
      if (!bytes) throw new PlakarError("not-found", `Cannot read ${kind} "${id}": there is none`);
      if (!range) return bytes.slice();
      if (range.offset < 0 || range.length < 0 || range.offset + range.length > bytes.length) {
        throw new PlakarError("unreadable", `Cannot read ${kind} "${id}": it has only ${bytes.length} bytes`);
      }
      const part = bytes.subarray(range.offset, range.offset + range.length);
      if (!into) return part.slice();
      into.set(part);
      return into;
    });
  }

  put(kind: ResourceKind, id: string, bytes: Uint8Array): Promise<void> {
    return settle(() => void this.files[kind].set(checked(id), bytes.slice()));
  }

  begin(kind: ResourceKind, name: () => string): Promise<StorageWriter> {
    const parts: Uint8Array[] = [];
    return Promise.resolve({
      write: (bytes) => settle(() => void parts.push(bytes.slice())),
      commit: async () => {
        const id = checked(name());
        this.files[kind].set(id, new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()));
      },
      abort: () => settle(() => void parts.splice(0)),
    });
  }

  delete(kind: ResourceKind, id: string): Promise<void> {
    return settle(() => void this.files[kind].delete(checked(id)));
  }

  size(): Promise<number | undefined> {
    return settle(() => {
      let size = this.config?.length ?? 0;
      for (const map of Object.values(this.files)) for (const bytes of map.values()) size += bytes.length;
      return size;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Runs now, fails later, as everything that is asynchronous does. */
function settle<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}

function checked(id: string): string {
  if (!isId(id)) throw new PlakarError("corrupt", `Cannot find "${id}": it is not an id`);
  return id;
}

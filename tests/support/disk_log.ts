/** What is flushed and renamed on this machine's disk, in order: what would be left of it after a power failure. */

/** Records flushes and renames of this process until it is disposed of. */
export class DiskLog implements Disposable {
  /** `flush PATH` and `rename FROM TO`, as they end; paths below the directory of interest, from there. */
  readonly lines: string[] = [];
  readonly #directory: string;
  readonly #paths = new WeakMap<Deno.FsFile, string>();
  readonly #open = Deno.open;
  readonly #rename = Deno.rename;
  readonly #sync = Deno.FsFile.prototype.sync;

  /**
   * Begins to record.
   *
   * @param directory the directory of interest
   */
  constructor(directory: string) {
    this.#directory = directory;
    const { lines } = this;
    const open = this.#open;
    const rename = this.#rename;
    const sync = this.#sync;
    const paths = this.#paths;
    const named = (path: string | URL) => this.#named(path);
    Deno.open = async (path, options) => {
      const file = await open(path, options);
      paths.set(file, named(path));
      return file;
    };
    Deno.rename = async (from, to) => {
      await rename(from, to);
      lines.push(`rename ${named(from)} ${named(to)}`);
    };
    Deno.FsFile.prototype.sync = async function () {
      await sync.call(this);
      lines.push(`flush ${paths.get(this)}`);
    };
  }

  /** Ends the recording. */
  [Symbol.dispose](): void {
    Deno.open = this.#open;
    Deno.rename = this.#rename;
    Deno.FsFile.prototype.sync = this.#sync;
  }

  /** Random digits of temporary names are left out. */
  #named(path: string | URL): string {
    const relative = String(path).replace(this.#directory, "").replace(/\/\.$/, "") || "/";
    return relative.replace(/\d{10,}/, "*");
  }
}

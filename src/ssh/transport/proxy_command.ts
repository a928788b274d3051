/** `ProxyCommand`: a connection through the standard input and output of a program. */

import { Duplex } from "node:stream";
import { PlakarError } from "../../lib/errors.ts";
import { splitArguments } from "../config/lines.ts";

/**
 * Starts the command.
 *
 * @param command the command, with tokens replaced
 * @param displayName the host it leads to, for errors
 * @returns its input and output
 * @throws {PlakarError} `unsupported` if it may not be run
 */
export function runProxyCommand(command: string, displayName: string): Duplex {
  // A plain command is started as it is: this program may be allowed to run ssh, and no shell.
  const words = /[`$&|;<>(){}*?~#\n]/.test(command)
    ? undefined
    : splitArguments(command.replace(/^exec\s+/, ""));
  const [program, ...args] = words && words.length > 0 ? words : ["/bin/sh", "-c", `exec ${command}`];
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
  } catch (cause) {
    const isForbidden = cause instanceof Deno.errors.NotCapable;
    throw new PlakarError(
      isForbidden ? "unsupported" : "network",
      `Cannot reach "${displayName}": ${
        isForbidden ? "running" : "there is no program for"
      } its ProxyCommand ` +
        `"${command}"${isForbidden ? " is not permitted" : ""}`,
      {
        cause,
        hint: isForbidden
          ? "This program may run no command but ssh: use ProxyJump, or transport=openssh"
          : "Check the command in ssh_config",
        data: { stage: "tcp" },
      },
    );
  }
  return new ProcessStream(child);
}

/** A child's input and output as one stream. */
class ProcessStream extends Duplex {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(child: Deno.ChildProcess) {
    super({ autoDestroy: true });
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#reader = child.stdout.getReader();
  }

  override _read(): void {
    this.#reader.read().then(({ done, value }) => this.push(done ? null : value)).catch(() =>
      this.push(null)
    );
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#writer.write(new Uint8Array(bytes)).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#writer.close().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    const ended = [this.#writer.abort(), this.#reader.cancel(), this.#child.status];
    Promise.allSettled(ended).then(() => done(error));
  }
}

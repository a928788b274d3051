/** The input and output of an `ssh` process as a byte pipe. */

import type { BytePipe, ByteReceiver } from "../../lib/byte_pipe.ts";
import { type ErrorCode, PlakarError } from "../../lib/errors.ts";
import { SshAccount, type SshStage } from "./account.ts";

/** How many bytes may wait to be written before the writer is asked to wait. */
const HIGH_WATER = 2 * 1024 * 1024;

/**
 * Starts `ssh`.
 *
 * @param args its arguments
 * @param displayName the host, for errors
 * @returns the process
 * @throws {PlakarError} `unsupported` if it may not be run or is not there
 */
export function startSsh(args: string[], displayName: string): Deno.ChildProcess {
  try {
    return new Deno.Command("ssh", { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  } catch (cause) {
    const state = cause instanceof Deno.errors.NotFound
      ? "there is no such program"
      : "running it is not permitted";
    throw new PlakarError(
      "unsupported",
      `Cannot connect to "${displayName}" with the program "ssh": ${state}`,
      {
        cause,
        hint: "Install OpenSSH's client, or leave out transport=openssh",
        data: { stage: "tcp" },
      },
    );
  }
}

/** One `ssh` process that carries one subsystem. */
export class ProcessPipe implements BytePipe {
  /** Resolves when the process is over: with the reason if that was not asked for. */
  readonly ended: Promise<PlakarError | undefined>;
  /** What the process tells of the connection. */
  readonly account: SshAccount;
  readonly #child: Deno.ChildProcess;
  readonly #displayName: string;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #told: Promise<void>;
  readonly #ended = Promise.withResolvers<PlakarError | undefined>();
  #receiver: ByteReceiver | undefined;
  #resume: (() => void) | undefined;
  #paused: Promise<void> | undefined;
  #waiting = 0;
  #wakers: (() => void)[] = [];
  #isClosing = false;
  #isOver = false;

  /**
   * Takes a running process; nothing is delivered yet.
   *
   * @param child the process
   * @param displayName the host, for errors
   * @param account takes what the process tells of the connection
   */
  constructor(child: Deno.ChildProcess, displayName: string, account: SshAccount) {
    this.account = account;
    this.#child = child;
    this.#displayName = displayName;
    this.#writer = child.stdin.getWriter();
    // The end of the process tells more than a broken pipe does.
    this.#writer.closed.catch(() => {});
    this.#told = this.account.read(child.stderr);
    this.ended = this.#ended.promise;
  }

  /**
   * Begins delivery.
   *
   * @param receiver takes what arrives
   */
  start(receiver: ByteReceiver): void {
    this.#receiver = receiver;
    void this.#read(receiver);
  }

  async #read(receiver: ByteReceiver): Promise<void> {
    try {
      for await (const bytes of this.#child.stdout) {
        await this.#paused;
        receiver.data(bytes);
      }
    } catch {
      // The exit status says why.
    }
    await this.#finish();
  }

  async #finish(): Promise<void> {
    const status = await this.#child.status;
    await this.#told;
    this.#isOver = true;
    this.#wake();
    await this.#writer.abort().catch(() => {});
    const error = this.#isClosing ? undefined : exitError(this.#displayName, status, this.account);
    this.#receiver?.end(error);
    this.#ended.resolve(error);
  }

  /**
   * Queues bytes.
   *
   * @param bytes what to send
   * @returns whether more is welcome
   */
  write(bytes: Uint8Array): boolean {
    if (this.#isOver || this.#isClosing) return true;
    this.#waiting += bytes.length;
    const written = () => {
      this.#waiting -= bytes.length;
      if (this.#waiting < HIGH_WATER) this.#wake();
    };
    this.#writer.write(bytes).then(written, written);
    return this.#waiting < HIGH_WATER;
  }

  /**
   * Waits until more bytes are welcome.
   *
   * @returns when more is welcome
   */
  drained(): Promise<void> {
    if (this.#isOver || this.#isClosing || this.#waiting < HIGH_WATER) return Promise.resolve();
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  /** Stops delivery. */
  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  /** Goes on. */
  resume(): void {
    this.#resume?.();
    this.#resume = this.#paused = undefined;
  }

  /** Ends the process. */
  close(): void {
    if (this.#isClosing || this.#isOver) return;
    this.#isClosing = true;
    this.resume();
    this.#wake();
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    if (!this.#receiver) {
      this.#child.stdout.cancel().catch(() => {});
      void this.#finish();
    }
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }
}

/** Complaints of ssh that say which part of the way failed, its own or that of a jump host. */
const REFUSALS: readonly [said: RegExp, stage: SshStage | "address", code: ErrorCode][] = [
  [/host key verification failed/i, "host-key", "host-key"],
  [/permission denied|too many authentication/i, "authentication", "authentication"],
  [/address family for hostname not supported/i, "address", "network"],
  [/could not resolve/i, "name", "network"],
];

/** ssh ends with 255 if it failed itself, and else with the status of what it ran. */
function exitError(displayName: string, status: Deno.CommandStatus, account: SshAccount): PlakarError {
  const said = account.complaints;
  const exit = status.signal ? `signal ${status.signal}` : `exit status ${status.code}`;
  // Once logged in, the complaints may be the server's.
  const refusal = account.stage === "subsystem" ? undefined : REFUSALS.find(([words]) => words.test(said));
  const [, stage, code] = refusal ?? [undefined, account.stage, "network" as const];
  return new PlakarError(code, `ssh to "${displayName}" ended with ${exit}${said ? `: ${said}` : ""}`, {
    hint: `See what "ssh ${displayName}" says in a terminal`,
    data: { stage },
  });
}

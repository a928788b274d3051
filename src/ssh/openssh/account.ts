/**
 * What the `ssh` program tells of a connection on its standard error, with `LogLevel=DEBUG1`: how far it came, what
 * was agreed on, and, on all other lines, what it complains about.
 */

import type { SshDescription } from "../connection.ts";
import { shownLine } from "../transport/shown.ts";

/** How much of its complaints is kept, in characters: their beginning, and, as a banner may be long, their end. */
const [MAX_FIRST, MAX_LAST] = [4096, 1024];

/** Longer lines than this are no account of a connection. */
const MAX_LINE = 8192;

/** What can be told of a connection. */
export type SshFacts = Pick<
  SshDescription,
  "serverVersion" | "hostKeyType" | "hostKeyFingerprint" | "authentication" | "algorithms"
>;

/** How far a connection came: the part of the way that comes next, as in `data.stage` of errors. */
export type SshStage = "name" | "tcp" | "handshake" | "host-key" | "authentication" | "subsystem";

/** The beginnings of lines after which a part of the way is done. */
const STEPS: readonly [start: string, next: SshStage][] = [
  ["debug1: Connecting to ", "tcp"],
  ["debug1: Executing proxy command: ", "tcp"],
  ["debug1: Connection established.", "handshake"],
  ["debug1: Remote protocol version ", "handshake"],
  ["debug1: Server host key: ", "host-key"],
  ["debug1: Server host certificate: ", "host-key"],
  ["debug1: SSH2_MSG_NEWKEYS received", "authentication"],
  ["Authenticated to ", "subsystem"],
];

/** Lines that are part of the account without saying so at their beginning. */
const UNMARKED = ["Authenticated to ", "Transferred: sent ", "Bytes per second: sent "];

/** Takes what `ssh` tells, line by line. */
export class SshAccount {
  readonly #facts: SshFacts = {};
  readonly #loggedIn: (complaints: string[]) => void;
  #stage: SshStage = "name";
  #first = "";
  #last = "";
  #acceptedKey: string | undefined;
  #kex = "";

  /**
   * Nothing is known yet.
   *
   * @param loggedIn told what was complained about, by `ssh` or in the server's banner, once the login is over
   */
  constructor(loggedIn: (complaints: string[]) => void = () => {}) {
    this.#loggedIn = loggedIn;
  }

  /** What is known so far. */
  get facts(): SshFacts {
    return this.#facts;
  }

  /** The part of the way that comes next. */
  get stage(): SshStage {
    return this.#stage;
  }

  /** What is no part of the account, on one line. */
  get complaints(): string {
    return shownLine(`${this.#first}\n${this.#last}`);
  }

  /**
   * Reads to the end.
   *
   * @param stream the standard error of `ssh`
   */
  async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = (lines.pop() ?? "").slice(0, MAX_LINE);
      for (const line of lines) this.note(line);
    }
    if (rest !== "") this.note(rest);
  }

  /**
   * Takes a line.
   *
   * @param line the line, with or without its end
   */
  note(line: string): void {
    const text = line.trimEnd();
    const isAccount = text.startsWith("debug1: ") || UNMARKED.some((start) => text.startsWith(start));
    if (!isAccount) {
      return this.#complain(`${text}\n`);
    }
    // What comes after the login may be the server's own words.
    if (this.#stage === "subsystem") return;
    this.#stage = STEPS.find(([start]) => text.startsWith(start))?.[1] ?? this.#stage;
    this.#learn(text);
    if (this.stage === "subsystem") this.#loggedIn(this.#first.trimEnd().split("\n").map(shownLine));
  }

  #complain(line: string): void {
    const room = MAX_FIRST - this.#first.length;
    this.#first += line.slice(0, room);
    this.#last = (this.#last + line.slice(room)).slice(-MAX_LAST);
  }

  #learn(text: string): void {
    const facts = this.#facts;
    let match = /^debug1: Remote protocol version \S+, remote software version (.*)$/.exec(text);
    if (match) facts.serverVersion ??= shownLine(match[1]);
    match = /^debug1: kex: algorithm: (\S+)$/.exec(text);
    if (match) this.#kex = match[1];
    match = /^debug1: kex: client->server cipher: (\S+) MAC: (\S+)/.exec(text);
    if (match) {
      facts.algorithms = { kex: this.#kex, cipher: match[1], mac: match[2] === "<implicit>" ? "" : match[2] };
    }
    match = /^debug1: Server host (?:key|certificate): (\S+) (SHA256:\S+?),?(?: |$)/.exec(text);
    if (match) {
      facts.hostKeyType ??= match[1];
      facts.hostKeyFingerprint ??= match[2];
    }
    match = /^debug1: Server accepts key: .* (SHA256:\S+)( .*)?$/.exec(text);
    if (match) {
      this.#acceptedKey = `${match[1]}${/ agent\b/.test(match[2] ?? "") ? ", held by the agent" : ""}`;
    }
    match = /^Authenticated to .* using "([^"]+)"\.$/.exec(text);
    if (match) {
      const [method] = match.slice(1);
      facts.authentication = method === "publickey" && this.#acceptedKey !== undefined
        ? `publickey (${this.#acceptedKey})`
        : method;
    }
  }
}

/** Opens a session over a connected stream: key exchange, host key, authentication. */

import type { Duplex } from "node:stream";
import { equal } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { Attempt, Authenticator } from "../auth/attempt.ts";
import { plainKeyOf } from "../keys/certificate.ts";
import { type PublicKey, publicKeyOf } from "../keys/public_key.ts";
import type { ConnectionLimits } from "../plan.ts";
import { isOpenToTerrapin, type OfferedAlgorithms } from "./algorithms.ts";
import { prepareDiffieHellman } from "./diffie_hellman.ts";
import { onEveryExchange } from "./every_exchange.ts";
import { offerHostKeys, takeCertificate } from "./host_certificates.ts";
import { PublicKeyAuth } from "./public_key_auth.ts";
import { rekeyRegularly } from "./rekeying.ts";
import { copyWhatIsKept } from "./reused_reads.ts";
import { Session, type SessionState } from "./session.ts";
import { authenticationError, HandshakeLog, lossError, openingError } from "./session_errors.ts";
import { shownLine } from "./shown.ts";
import { loadSsh2, type Ssh2, type Ssh2Attempt, type Ssh2Client, type Ssh2Negotiated } from "./ssh2.ts";

/** Decides over a host key or a host's certificate: returns if it is trusted, throws if not. */
export type HostKeyVerifier = (key: PublicKey) => Promise<void>;

/** What a session is opened with. The verifier is not optional: without one, anybody could be the server. */
export interface SessionOptions {
  /** The host as the person named it. */
  displayName: string;
  /** The port, for messages. */
  port: number;
  /** The user. */
  user: string;
  /** What to offer. */
  algorithms: OfferedAlgorithms;
  /** Times. */
  limits: ConnectionLimits;
  /** Decides over the host key. */
  verifyHostKey: HostKeyVerifier;
  /** Decides how to authenticate. */
  authenticator: Authenticator;
  /** Tells the person something. */
  warn: (message: string) => void;
  /** Gives up. */
  signal?: AbortSignal;
}

/** How long a server may take to answer an attempt to authenticate, in milliseconds. */
const AUTHENTICATION_TIMEOUT = 60_000;

/** How much of a banner is shown, in characters. */
const MAX_BANNER = 4096;

/** What was agreed on is only safe with strict key exchange, and the server has none. */
export class StrictKeyExchangeMissing extends Error {}

/**
 * Opens a session.
 *
 * @param stream the connected stream
 * @param options everything else
 * @returns the session
 * @throws {PlakarError} with `data.stage` `handshake`, `host-key` or `authentication`
 */
export async function openSession(stream: Duplex, options: SessionOptions): Promise<Session> {
  const ssh2 = await loadSsh2();
  return await new Opening(stream, options, ssh2).run();
}

class Opening {
  readonly #stream: Duplex;
  readonly #options: SessionOptions;
  readonly #ssh2: Ssh2;
  readonly #client: Ssh2Client;
  readonly #opened = Promise.withResolvers<void>();
  readonly #log = new HandshakeLog();
  readonly #state: SessionState;
  #keys: PublicKeyAuth | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;
  #hasFailed = false;
  #methods: readonly string[] | undefined;
  #current: Attempt | undefined;

  constructor(stream: Duplex, options: SessionOptions, ssh2: Ssh2) {
    this.#stream = stream;
    this.#options = options;
    this.#ssh2 = ssh2;
    this.#client = new ssh2.Client();
    this.#state = {
      displayName: options.displayName,
      closed: Promise.withResolvers(),
      loss: undefined,
      hostKey: undefined,
      negotiated: undefined,
      succeeded: [],
      isEnding: false,
    };
  }

  async run(): Promise<Session> {
    const { signal } = this.#options;
    const abort = () => this.#fail(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    try {
      this.#listen();
      this.#wait(this.#options.limits.connectTimeout, "the key exchange");
      this.#connect();
      await this.#opened.promise;
    } finally {
      clearTimeout(this.#timer);
      signal?.removeEventListener("abort", abort);
    }
    return new Session(this.#client, this.#stream, this.#state);
  }

  #listen(): void {
    const client = this.#client;
    client.on("handshake", (negotiated) => this.#agreed(negotiated));
    client.on("banner", (text) => this.#showBanner(text));
    client.on("ready", () => {
      if (this.#current) this.#state.succeeded.push(this.#current);
      rekeyRegularly(client, this.#stream, this.#options.limits);
      this.#isOpen = true;
      this.#opened.resolve();
    });
    client.on("error", (error) => {
      if (this.#isOpen) this.#state.loss ??= lossError(error, this.#options);
      else this.#fail(openingError(error, this.#options, this.#log, this.#state));
    });
    client.on("close", () => {
      if (!this.#isOpen) this.#fail(openingError(undefined, this.#options, this.#log, this.#state));
      else if (!this.#state.isEnding) this.#state.loss ??= lossError(undefined, this.#options);
      this.#state.closed.resolve(this.#state.loss);
    });
  }

  #connect(): void {
    const { algorithms, limits, user } = this.#options;
    this.#client.connect({
      sock: this.#stream,
      username: user,
      hostVerifier: (blob, decide) => void this.#verify(new Uint8Array(blob), decide),
      authHandler: (methods, partial, next) => {
        if (methods !== null) this.#methods = methods;
        if (partial === true && this.#current) this.#state.succeeded.push(this.#current);
        void this.#tryNext(partial === true, next);
      },
      algorithms: {
        kex: algorithms.kex,
        // All of them are offered below.
        serverHostKey: ["ssh-ed25519"],
        cipher: algorithms.cipher,
        hmac: algorithms.mac,
        compress: algorithms.compression,
      },
      keepaliveInterval: limits.keepAliveInterval,
      keepaliveCountMax: limits.keepAliveCountMax,
      readyTimeout: 0,
      debug: (message) => this.#log.note(message),
      ident: "plakar",
    });
    offerHostKeys(this.#client, algorithms.hostKey);
    this.#keys = new PublicKeyAuth(this.#ssh2, this.#client);
    const protocol = this.#client._protocol;
    copyWhatIsKept(protocol);
    onEveryExchange(protocol, (exchange) => {
      takeCertificate(exchange);
      prepareDiffieHellman(exchange);
    });
    const handlers = protocol._handlers;
    const original = handlers.EXT_INFO;
    handlers.EXT_INFO = (from, extensions) => {
      const algorithms = extensions.find((extension) => extension.name === "server-sig-algs")?.algs;
      if (algorithms) this.#options.authenticator.serverAlgorithms(algorithms);
      original(from, extensions);
    };
  }

  #agreed(negotiated: Ssh2Negotiated): void {
    if (this.#state.negotiated) return;
    this.#state.negotiated = negotiated;
    const protocol = this.#client._protocol;
    protocol._debug = undefined;
    const isOpenToAttack = isOpenToTerrapin(negotiated.cs) || isOpenToTerrapin(negotiated.sc);
    if (isOpenToAttack && protocol._strictMode !== true) this.#fail(new StrictKeyExchangeMissing());
    else this.#wait(AUTHENTICATION_TIMEOUT, "authentication");
  }

  async #verify(blob: Uint8Array, decide: (accepted: boolean) => void): Promise<void> {
    const accepted = this.#state.hostKey;
    const key = publicKeyOf(blob);
    const plain = key && plainKeyOf(key);
    // Keys are exchanged again during a connection, with the same host key.
    if (accepted) return decide(plain !== undefined && equal(accepted.blob, plain.blob));
    clearTimeout(this.#timer);
    try {
      if (!key || !plain) {
        throw new PlakarError("protocol", `Cannot read the host key of "${this.#options.displayName}"`);
      }
      await this.#options.verifyHostKey(key);
      this.#state.hostKey = plain;
      // ssh2 may be in the middle of the server's NEWKEYS when a promise resolves, and would then forget to
      // finish the key exchange: it is told only when it is done with what has arrived.
      await new Promise((resolve) => setTimeout(resolve, 0));
    } catch (error) {
      this.#fail(error);
      return decide(false);
    }
    if (this.#hasFailed) return;
    this.#wait(this.#options.limits.connectTimeout, "the key exchange");
    decide(true);
  }

  async #tryNext(isPartial: boolean, next: (attempt: Ssh2Attempt) => void): Promise<void> {
    const { authenticator } = this.#options;
    clearTimeout(this.#timer);
    try {
      this.#current = await authenticator.next(this.#methods, isPartial);
      if (this.#hasFailed) return;
      if (!this.#current) throw authenticationError(this.#options, this.#methods);
      this.#wait(AUTHENTICATION_TIMEOUT, "authentication");
      next(this.#forSsh2(this.#current, () => void this.#tryNext(false, next)));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** An attempt as ssh2 takes it; `giveUp` goes on with the next one. */
  #forSsh2(attempt: Attempt, giveUp: () => void): Ssh2Attempt {
    const username = this.#options.user;
    const resume = () => this.#wait(AUTHENTICATION_TIMEOUT, "authentication");
    switch (attempt.method) {
      case "none":
        return { type: "none", username };
      case "password":
        return { type: "password", username, password: attempt.password };
      case "publickey": {
        const { offer } = attempt;
        const sign = (data: Uint8Array) => {
          // A person may have to type a passphrase or touch a token.
          clearTimeout(this.#timer);
          return offer.sign(data);
        };
        if (!this.#keys) {
          throw new PlakarError("protocol", "Cannot authenticate before the keys are exchanged");
        }
        const key = this.#keys.wrap({ ...offer, sign }, (error) => error === undefined ? resume() : giveUp());
        return { type: "publickey", username, key };
      }
      case "keyboard-interactive":
        return {
          type: "keyboard-interactive",
          username,
          prompt: (name, instructions, _language, prompts, answer) => {
            clearTimeout(this.#timer);
            attempt.answer(name, instructions, prompts).then((answers) => {
              if (this.#hasFailed) return;
              if (!answers) return giveUp();
              resume();
              answer(answers);
            }).catch((error) => this.#fail(error));
          },
        };
    }
  }

  #showBanner(text: string): void {
    const lines = text.slice(0, MAX_BANNER).split(/\r?\n/).map((line) => shownLine(line));
    while (lines.at(-1) === "") lines.pop();
    if (text.length > MAX_BANNER) lines.push(`(${text.length - MAX_BANNER} characters more)`);
    for (const line of lines) this.#options.warn(`${this.#options.displayName}: ${line}`);
  }

  #wait(milliseconds: number, what: string): void {
    clearTimeout(this.#timer);
    if (this.#isOpen || this.#hasFailed) return;
    this.#timer = setTimeout(() => {
      const { displayName, port } = this.#options;
      const state = `no answer in ${milliseconds / 1000} s during ${what}`;
      this.#fail(
        new PlakarError("timeout", `Cannot connect to "${displayName}" port ${port}: ${state}`, {
          data: { stage: this.#state.negotiated ? "authentication" : "handshake" },
        }),
      );
    }, milliseconds);
  }

  #fail(error: unknown): void {
    if (this.#hasFailed || this.#isOpen) return;
    this.#hasFailed = true;
    clearTimeout(this.#timer);
    this.#opened.reject(error);
    this.#client.destroy();
    this.#stream.destroy();
  }
}

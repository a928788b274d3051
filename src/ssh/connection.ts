/** An open SSH connection, whichever transport it uses. */

import type { BytePipe } from "../lib/byte_pipe.ts";
import type { PlakarError } from "../lib/errors.ts";
import type { SshPlan } from "./plan.ts";

/** What is known of the other side, to show to a person. The program `ssh` tells it once a subsystem is open. */
export interface SshDescription {
  /** Which transport. */
  transport: "builtin" | "openssh";
  /** The host connected to. */
  host: string;
  /** The port. */
  port: number;
  /** The user. */
  user: string;
  /** The server's software version. */
  serverVersion?: string;
  /** The host key's type. */
  hostKeyType?: string;
  /** The host key's fingerprint, `SHA256:…`. */
  hostKeyFingerprint?: string;
  /** How the login went: `publickey (ssh-ed25519 SHA256:…)`, `password`, …. */
  authentication?: string;
  /** Key exchange, cipher and MAC. */
  algorithms?: { kex: string; cipher: string; mac: string };
  /** The hosts gone through, nearest first. */
  via: string[];
}

/** An open, authenticated connection. */
export interface SshConnection extends AsyncDisposable {
  /** Opens further connections without asking anybody. It holds secrets. */
  readonly plan: SshPlan;
  /** What is known of the other side. */
  readonly description: SshDescription;
  /**
   * Opens a subsystem in a channel of its own; may be called several times.
   *
   * @param name the subsystem, such as `sftp`
   * @returns its bytes
   * @throws {PlakarError} `network` if the server refuses, with `data.stage` `subsystem`
   */
  openSubsystem(name: string): Promise<BytePipe>;
  /** Resolves when the connection is over: with the reason if it was lost. */
  readonly closed: Promise<PlakarError | undefined>;
}

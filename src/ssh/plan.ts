/**
 * Everything that opening a further connection needs: plain data, so that a worker, or a reconnection hours
 * later, opens one without asking anybody anything. A plan holds secrets: it is never logged or stored.
 */

import type { PrivateKey } from "./keys/private_key.ts";
import type { PublicKey } from "./keys/public_key.ts";
import type { Bandwidth } from "./throttled_connection.ts";
import type { OfferedAlgorithms } from "./transport/algorithms.ts";

/** What signs: a decrypted key, or an agent. */
export type Signer =
  | { type: "key"; key: PrivateKey }
  | { type: "agent"; path: string; identity: PublicKey };

/** One authentication that worked. */
export type PlannedAuthentication =
  | { method: "none" }
  | { method: "publickey"; algorithm: string; key: PublicKey; signer: Signer }
  | { method: "password"; password: string }
  | { method: "keyboard-interactive"; answers: string[] };

/** What a connection needs of the network and of time. */
export interface ConnectionLimits {
  /** Milliseconds for one attempt to reach the server and to agree on keys. */
  connectTimeout: number;
  /** How often to try. */
  connectionAttempts: number;
  /** Milliseconds between keepalives; 0 for none. */
  keepAliveInterval: number;
  /** Unanswered keepalives after which the connection is lost. */
  keepAliveCountMax: number;
  /** Whether TCP's own keepalive is on. */
  tcpKeepAlive: boolean;
  /** The kind of addresses to use. */
  addressFamily: "any" | "inet" | "inet6";
  /** The local address to connect from. */
  bindAddress?: string;
  /** Bytes in one direction after which keys are exchanged again; the server decides if omitted. */
  rekeyBytes?: number;
  /** Milliseconds after which keys are exchanged again; the server decides if omitted. */
  rekeyInterval?: number;
}

/** A connection of the built-in transport. */
export interface BuiltinPlan {
  /** Which transport. */
  transport: "builtin";
  /** The host as the person named it. */
  displayName: string;
  /** The host to connect to. */
  host: string;
  /** The port. */
  port: number;
  /** The user. */
  user: string;
  /** Time and network. */
  limits: ConnectionLimits;
  /** The algorithms to offer. */
  algorithms: OfferedAlgorithms;
  /** The host key that was accepted; `undefined` to accept any. */
  hostKey: PublicKey | undefined;
  /** The authentications that worked, in order. */
  authentications: PlannedAuthentication[];
  /** The host to go through. */
  via?: BuiltinPlan;
  /** The command to go through. */
  proxyCommand?: string;
  /** The rates to keep to. */
  bandwidth?: Bandwidth;
}

/** A connection through the `ssh` program. */
export interface OpensshPlan {
  /** Which transport. */
  transport: "openssh";
  /** The host as the person named it. */
  displayName: string;
  /** The host connected to, as ssh_config names it. */
  host: string;
  /** The port. */
  port: number;
  /** The user. */
  user: string;
  /** The arguments before `--`. */
  args: string[];
  /** Whether the host key is verified. */
  verifiesHostKey: boolean;
  /** The hosts gone through, nearest first. */
  via: string[];
  /** The rates to keep to. */
  bandwidth?: Bandwidth;
}

/** A connection that can be opened again. */
export type SshPlan = BuiltinPlan | OpensshPlan;

/** What went wrong with a session, in words for the person who has to put it right. */

import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { Authenticator } from "../auth/attempt.ts";
import { shownLine } from "./shown.ts";

/** What the messages name. */
export interface SessionNames {
  /** The host as the person named it. */
  displayName: string;
  /** The port. */
  port: number;
  /** The user. */
  user: string;
  /** What was tried to authenticate. */
  authenticator: Authenticator;
}

/** The methods that the built-in SSH logs in with. */
const METHODS = ["publickey", "keyboard-interactive", "password"];

/** What a failed attempt to agree on algorithms was about: ssh2's words, and ours. */
const DISAGREEMENTS: readonly { ssh2: RegExp; list: string; ours: string; directive: string }[] = [
  {
    ssh2: /key exchange algorithm/,
    list: "KEX method",
    ours: "key exchange algorithm",
    directive: "KexAlgorithms",
  },
  {
    ssh2: /host key format/,
    list: "Host key format",
    ours: "host key algorithm",
    directive: "HostKeyAlgorithms",
  },
  { ssh2: /cipher/, list: "C->S cipher", ours: "cipher", directive: "Ciphers" },
  { ssh2: /MAC/, list: "C->S MAC", ours: "MAC", directive: "MACs" },
];

/** Remembers what the server offered, from ssh2's account of the handshake. */
export class HandshakeLog {
  readonly #offers = new Map<string, string>();

  /**
   * Takes a line of ssh2's account.
   *
   * @param message what ssh2 tells of a step
   */
  note(message: string): void {
    const match = /^Handshake: \(remote\) ([^:]+): (.*)$/.exec(message);
    if (match) this.#offers.set(match[1], match[2]);
  }

  /**
   * What the server offered.
   *
   * @param list the list's name in ssh2's account
   * @returns the algorithms with commas
   */
  offered(list: string): string | undefined {
    return this.#offers.get(list);
  }
}

/**
 * Why a session could not be opened.
 *
 * @param error what ssh2 said; `undefined` if the server hung up
 * @param names what the message names
 * @param log the handshake's account
 * @param state how far it came
 * @returns the error
 */
export function openingError(
  error: (Error & { level?: string; code?: unknown }) | undefined,
  names: SessionNames,
  log: HandshakeLog,
  state: { negotiated?: unknown },
): PlakarError {
  const { displayName, port } = names;
  const message = shownLine(messageOf(error ?? ""));
  const where = `"${displayName}" port ${port}`;
  if (state.negotiated) return duringAuthentication(error, message, names);
  const data = { stage: "handshake" };
  const disagreement = /no matching/i.test(message) && DISAGREEMENTS.find(({ ssh2 }) => ssh2.test(message));
  if (disagreement) {
    const offered = shownLine(log.offered(disagreement.list) ?? "none");
    return new PlakarError(
      "network",
      `Cannot agree with ${where} on a ${disagreement.ours}: the server offers only ${offered}`,
      {
        hint: `Allow one of them with ${disagreement.directive} in ssh_config if it is built in, or use ` +
          "transport=openssh",
        data,
      },
    );
  }
  // What was sent before the server hung up makes its system reset the connection.
  if (!error || error.level === "client-socket" || /before handshake/.test(message)) {
    return new PlakarError(
      "network",
      `Cannot connect to ${where}: the server hung up during the key exchange`,
      {
        cause: error,
        hint: "Check that an SSH server listens there; a busy one turns connections away (MaxStartups)",
        data,
      },
    );
  }
  if (/identification|Invalid|header/i.test(message)) {
    return new PlakarError(
      "protocol",
      `Cannot connect to ${where}: it does not answer as an SSH server (${message})`,
      {
        cause: error,
        data,
      },
    );
  }
  return new PlakarError("network", `Cannot connect to ${where}: ${message}`, { cause: error, data });
}

function duringAuthentication(
  error: (Error & { level?: string }) | undefined,
  message: string,
  names: SessionNames,
): PlakarError {
  const { displayName, user } = names;
  const action = `Cannot log in to "${displayName}" as "${user}"`;
  const data = { stage: "authentication" };
  if (/too many authentication failures/i.test(message)) {
    const tried = describeNotes(names.authenticator);
    return new PlakarError("authentication", `${action}: the server allows no more tries${tried}`, {
      cause: error,
      hint: "Name the right key and set IdentitiesOnly=yes, so that no others are tried before it",
      data,
    });
  }
  if (!error) {
    return new PlakarError(
      "authentication",
      `${action}: the server hung up${describeNotes(names.authenticator)}`,
      {
        hint: "The server's log says why; LoginGraceTime and MaxAuthTries are common reasons",
        data: { ...data, isHangUp: true },
      },
    );
  }
  if (error.level === "client-socket") {
    return new PlakarError("network", `${action}: ${message}`, { cause: error, data });
  }
  if (/bad packet length/i.test(message)) {
    return new PlakarError("protocol", `${action}: the server sent a message of more than 256 KiB`, {
      cause: error,
      hint:
        "A login banner (Banner in sshd_config) of that size is too long for the built-in transport: shorten it, " +
        "or use transport=openssh",
      data,
    });
  }
  return new PlakarError("authentication", `${action}: ${message}`, { cause: error, data });
}

/**
 * Nothing that was tried was accepted.
 *
 * @param names what the message names
 * @param methods the methods the server goes on with
 * @returns the error
 */
export function authenticationError(
  names: SessionNames,
  methods: readonly string[] | undefined,
): PlakarError {
  const { displayName, user, authenticator } = names;
  const isForeign = methods?.every((method) => !METHODS.includes(method)) && methods.length > 0;
  const accepted = methods && methods.length > 0
    ? ` (the server accepts: ${shownLine(methods.join(", "))})`
    : "";
  return new PlakarError(
    "authentication",
    `Cannot log in to "${displayName}" as "${user}": nothing was accepted${
      describeNotes(authenticator)
    }${accepted}`,
    {
      hint: authenticator.hint ??
        (isForeign
          ? "The built-in SSH has none of these methods: use transport=openssh"
          : "Check the user name, and that the public key is in the server's ~/.ssh/authorized_keys"),
      data: { stage: "authentication" },
    },
  );
}

function describeNotes(authenticator: Authenticator): string {
  return authenticator.notes.length > 0 ? `; ${authenticator.notes.join("; ")}` : "";
}

/**
 * Why an open connection was lost.
 *
 * @param error what ssh2 said; `undefined` if the server hung up
 * @param names what the message names
 * @returns the error
 */
export function lossError(error: Error | undefined, names: SessionNames): PlakarError {
  const action = `Lost the connection to "${names.displayName}"`;
  if (!error) return new PlakarError("network", `${action}: the server hung up`);
  if (/keepalive timeout/i.test(error.message)) {
    return new PlakarError("timeout", `${action}: it does not answer any more`, { cause: error });
  }
  return new PlakarError("network", `${action}: ${shownLine(messageOf(error))}`, { cause: error });
}

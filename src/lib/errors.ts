/**
 * The one error class of the project, and the rules its messages follow.
 *
 * A message names the action, quotes the value and says what the other side answered: sentence case, no
 * full stop. `hint` says what the person can do next. `code` is stable and decides the exit status; text may
 * change between releases. Errors never carry secrets.
 */

/** What kind of failure an error is: stable, documented, mapped to one exit status each. */
export type ErrorCode =
  /** The command line or an option is wrong. */
  | "usage"
  /** A configuration file (ours or OpenSSH's) cannot be understood. */
  | "config"
  /** Stored data does not match its MAC, or cannot be decoded. */
  | "corrupt"
  /** Stored data exists but could not be read. */
  | "unreadable"
  /** The store cannot be opened: missing, not a store, or not reachable. */
  | "no-store"
  /** The passphrase is wrong or missing. */
  | "passphrase"
  /** The store or a file in it was written by a newer format version. */
  | "version"
  /** The repository is locked by somebody else. */
  | "locked"
  /** A snapshot prefix or a path names nothing. */
  | "not-found"
  /** A snapshot prefix names more than one snapshot. */
  | "ambiguous"
  /** Something is in the way of what was to be created. */
  | "exists"
  /** The other side refused access. */
  | "permission"
  /** A host name, TCP connection or SSH transport failed. */
  | "network"
  /** The host key is unknown, changed or revoked. */
  | "host-key"
  /** No authentication method was accepted. */
  | "authentication"
  /** Nothing was heard for too long. */
  | "timeout"
  /** The peer broke the protocol. */
  | "protocol"
  /** What was asked for cannot be done here. */
  | "unsupported"
  /** No space is left where something was to be written. */
  | "no-space"
  /** A file operation failed for another reason. */
  | "io"
  /** The work was finished, but not all of it. */
  | "partial"
  /** A person or a signal stopped the work. */
  | "interrupted";

/** What an error carries beside its message. */
export interface PlakarErrorOptions {
  /** What the person can do next, one sentence without a full stop. */
  hint?: string;
  /** The error that led here. */
  cause?: unknown;
  /** Values of interest to a program, never secrets. */
  data?: Record<string, unknown>;
}

/** A failure that a person can understand and a program can tell from others. */
export class PlakarError extends Error {
  /** The name of the class. */
  override readonly name = "PlakarError";
  /** The stable kind of this failure. */
  readonly code: ErrorCode;
  /** What the person can do next. */
  readonly hint?: string;
  /** Values of interest to a program. */
  readonly data?: Record<string, unknown>;

  /**
   * Makes an error to throw.
   *
   * @param code the stable kind
   * @param message action, quoted value, state
   * @param options hint, cause, data
   */
  constructor(code: ErrorCode, message: string, options: PlakarErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.data = options.data;
  }
}

/**
 * The message of anything thrown, on one line.
 *
 * @param error what was caught
 * @returns its message
 */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s*\n\s*/g, " ");
}

/**
 * Whether something thrown is a {@linkcode PlakarError} of one of these kinds.
 *
 * @param error what was caught
 * @param codes the kinds looked for
 * @returns true if it is one of them
 */
export function isPlakarError(error: unknown, ...codes: ErrorCode[]): error is PlakarError {
  return error instanceof PlakarError && (codes.length === 0 || codes.includes(error.code));
}

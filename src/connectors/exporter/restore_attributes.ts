/** Sets what a snapshot kept of a file's metadata, as far as the target lets it. */

import type { FileInfo } from "../../kloset/file_info.ts";
import { goToPosix } from "../../kloset/file_mode.ts";
import { isPlakarError, messageOf } from "../../lib/errors.ts";
import type { Degradation } from "./exporter.ts";
import type { AttributeSetter, Lost } from "./target.ts";

const PERMISSIONS = 0o7777;
const RUNS_AS_OWNER = 0o6000;

/**
 * Sets owner, mode and times. What the target refuses is lost and said; only a broken connection is thrown.
 * Bits that make a program run as its owner are dropped where that is not the owner it had.
 *
 * @param setter the file
 * @param info what to set
 * @param lost told of what was refused
 */
export async function restoreAttributes(setter: AttributeSetter, info: FileInfo, lost: Lost): Promise<void> {
  let permissions = goToPosix(info.mode) & PERMISSIONS;
  const runsAsOwner = (permissions & RUNS_AS_OWNER) !== 0;
  if (!runsAsOwner && setter.all && await setter.all(info.uid, info.gid, permissions, info.mtime)) return;
  const owner = attempt(setter.owner(info.uid, info.gid), "owner", lost);
  // Changing the owner clears those bits, and they must not be there for another owner.
  if (runsAsOwner && !(await owner)) {
    permissions &= ~RUNS_AS_OWNER;
    lost("mode", "setuid and setgid were dropped, because the owner could not be set");
  }
  await Promise.all([
    owner,
    attempt(setter.mode(permissions), "mode", lost),
    attempt(setter.times(info.mtime), "times", lost),
  ]);
}

/**
 * Sets owner and times of a symbolic link.
 *
 * @param setter the link
 * @param info what to set
 * @param lost told of what was refused
 */
export async function restoreLinkAttributes(
  setter: AttributeSetter,
  info: FileInfo,
  lost: Lost,
): Promise<void> {
  await Promise.all([
    attempt(setter.owner(info.uid, info.gid), "owner", lost),
    attempt(setter.times(info.mtime), "link-times", lost),
  ]);
}

/**
 * Sets times only.
 *
 * @param setter the file
 * @returns the same, for which owners and modes are nothing to be set
 */
export function withoutPermissions(setter: AttributeSetter): AttributeSetter {
  return {
    owner: () => Promise.resolve(),
    mode: () => Promise.resolve(),
    times: (mtime) => setter.times(mtime),
  };
}

/**
 * Waits for a flush. That a target cannot flush is a loss; that it tried and failed is an error.
 *
 * @param flush what was begun
 * @param lost told if the target cannot
 */
export async function awaitFlush(flush: Promise<void>, lost: Lost): Promise<void> {
  try {
    await flush;
  } catch (error) {
    if (!isPlakarError(error, "unsupported")) throw error;
    lost("fsync", messageOf(error));
  }
}

async function attempt(operation: Promise<void>, kind: Degradation["kind"], lost: Lost): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (isPlakarError(error, "network", "timeout", "protocol", "interrupted")) throw error;
    lost(kind, messageOf(error));
    return false;
  }
}

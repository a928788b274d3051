/** Who is measured, and on what. */

import type { Command } from "./measure.ts";
import type { Site } from "./site.ts";

/** The pieces of work, in the order in which they are done. */
export const WORKS = ["first", "unchanged", "edit", "check", "restore"] as const;

/**
 * A piece of work: the first backup into an empty repository, a backup of the same files, one after some of them
 * changed, a check of all data, a restore to an empty directory over SFTP.
 */
export type Work = (typeof WORKS)[number];

/** A program that can do some of the works. */
export interface Contender {
  /** Its name in tables. */
  readonly name: string;
  /** Why it cannot take part here; not set if it can. */
  readonly absent?: string;
  /** Gets ready to work for the first time, in an empty directory of its own. */
  begin(site: Site, directory: string): Promise<Participation>;
}

/** A contender at work in one run: the same repository from the first work to the last. */
export interface Participation extends AsyncDisposable {
  /** The directory of its repository or copy. */
  readonly store: string;
  /** Makes ready for a work, unmeasured, and returns its command; `undefined` if it does not do this work. */
  command(work: Work): Promise<Command | undefined>;
}

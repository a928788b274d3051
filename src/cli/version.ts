/** The program's version. */

/** What `plakar version` prints, and what repositories record as their client. */
export const PROGRAM = "plakar/v0.1.0";

/** When this version was made, as manual pages show it. */
export const RELEASE_DATE = "November 22, 2026";

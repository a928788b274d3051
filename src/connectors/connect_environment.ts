/** What opening a connector may use of the program around it. */

import type { SshEnvironment, SshIo } from "../ssh/mod.ts";

/** The machine, and the person in front of it. */
export interface ConnectEnvironment {
  /** The name of this machine, recorded as the origin of local snapshots. */
  hostname: string;
  /** What SSH may see of the machine. */
  ssh: SshEnvironment;
  /** How to ask and to warn. */
  io: SshIo;
}

/**
 * SSH as OpenSSH does it: `resolveTarget` finds out what a location means, `connect` opens a connection,
 * `connectWithPlan` opens further ones.
 */

export { connect, connectWithPlan, type PlanIo } from "./connect.ts";
export type { SshConnection, SshDescription } from "./connection.ts";
export { type FileFacts, processEnvironment, type SshEnvironment } from "./environment.ts";
export type { SshLocation } from "./options.ts";
export type {
  BuiltinPlan,
  ConnectionLimits,
  OpensshPlan,
  PlannedAuthentication,
  Signer,
  SshPlan,
} from "./plan.ts";
export { NOBODY, type Prompter, type SshIo } from "./prompter.ts";
export { resolveTarget } from "./resolve_target.ts";
export type { SshTarget } from "./target.ts";

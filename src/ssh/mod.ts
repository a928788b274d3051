/**
 * SSH as OpenSSH does it: `resolveTarget` finds out what a location means, `connect` opens a connection,
 * `connectWithPlan` opens further ones.
 */

export type { SshSettings, StrictHostKeyChecking } from "./config/settings.ts";
export type { Tokens } from "./config/tokens.ts";
export { connect, connectWithPlan, type PlanIo } from "./connect.ts";
export type { SshConnection, SshDescription } from "./connection.ts";
export { type FileFacts, processEnvironment, type SshEnvironment } from "./environment.ts";
export type { PrivateKey } from "./keys/private_key.ts";
export type { PublicKey } from "./keys/public_key.ts";
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
export type { Bandwidth } from "./throttled_connection.ts";
export type { OfferedAlgorithms } from "./transport/algorithms.ts";

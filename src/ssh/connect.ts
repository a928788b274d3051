/** Opens connections: the first one, which may ask a person, and further ones from its plan. */

import { AskingAuthenticator } from "./auth/ask.ts";
import { ReplayingAuthenticator } from "./auth/replay.ts";
import type { SshConnection } from "./connection.ts";
import { DEFAULT_ALIVE_INTERVAL, DEFAULT_CONNECT_TIMEOUT, type SshSettings } from "./config/settings.ts";
import { expandPath } from "./config/tokens.ts";
import { processEnvironment, type SshEnvironment } from "./environment.ts";
import { equal } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import { plainKeyOf, readCertificate } from "./keys/certificate.ts";
import { fingerprintOf } from "./keys/public_key.ts";
import { knownHostsName } from "./known_hosts/entry.ts";
import { KnownHosts } from "./known_hosts/known_hosts.ts";
import { refuseRevoked } from "./known_hosts/revoked.ts";
import { verifyHostKey } from "./known_hosts/verify.ts";
import { connectWithOpenssh } from "./openssh/connection.ts";
import type { BuiltinPlan, ConnectionLimits, OpensshPlan, SshPlan } from "./plan.ts";
import { NOBODY, type SshIo } from "./prompter.ts";
import type { SshTarget } from "./target.ts";
import { throttled } from "./throttled_connection.ts";
import { chooseAlgorithms } from "./transport/algorithms.ts";
import { BuiltinConnection } from "./transport/builtin_connection.ts";
import { reach } from "./transport/reach.ts";

/**
 * Opens a connection, asking the person where that is needed.
 *
 * @param target where to
 * @param io how to ask and to warn
 * @returns the connection
 * @throws {PlakarError} whose `data.stage` says how far it came: `name`, `address`, `tcp`, `handshake`, `host-key`,
 * `authentication`
 */
export async function connect(target: SshTarget, io: SshIo): Promise<SshConnection> {
  const connection = target.transport === "openssh"
    ? connectWithOpenssh(opensshPlan(target, io), target.settings.isQuiet ? undefined : io.warn)
    : await connectBuiltin(target, io);
  return throttled(connection, io.bandwidth);
}

function opensshPlan(target: SshTarget, io: SshIo): OpensshPlan {
  const { displayName, host, port, user, settings, opensshArgs: args, ignoresHostKey } = target;
  if (ignoresHostKey) {
    io.warn(`The host key of "${displayName}" is not verified (insecure_ignore_host_key)`);
  }
  return {
    transport: "openssh",
    displayName,
    host,
    port,
    user,
    args: settings.batchMode ? [...args, "-o", "BatchMode=yes"] : args,
    verifiesHostKey: !ignoresHostKey,
    via: target.jumps,
  };
}

async function connectBuiltin(target: SshTarget, io: SshIo): Promise<BuiltinConnection> {
  const { settings, environment, displayName, host, port, user } = target;
  const via = target.via && await connectBuiltin(target.via, io);
  try {
    const limits = limitsOf(settings);
    const files = [...target.userKnownHostsFiles, ...target.globalKnownHostsFiles];
    const knownHosts = await KnownHosts.load(files, environment, io.warn);
    const policy = hostKeyPolicy(target, knownHosts);
    const names = policy.isAlias
      ? [policy.name.toLowerCase()]
      : [knownHostsName(policy.name, port), policy.name.toLowerCase()];
    const destination = {
      displayName,
      host,
      port,
      user,
      limits,
      algorithms: chooseAlgorithms(settings, knownHosts.algorithmsFor(names)),
      via,
      proxyCommand: via ? undefined : target.proxyCommand,
    };
    const { session, algorithms } = await reach(destination, {
      verifyHostKey: async (key, address) => {
        const isLocal = address !== undefined && isLoopback(address);
        if (settings.revokedHostKeys !== undefined) {
          const path = expandPath(settings.revokedHostKeys, target.tokens, environment, "RevokedHostKeys");
          const certificate = readCertificate(key);
          const keys = certificate ? [certificate.key, certificate.authority] : [key];
          await refuseRevoked(keys, path, environment);
        }
        if (isLocal && settings.noHostAuthenticationForLocalhost && !policy.isAlias) return;
        const checked = settings.checkHostIp && !isLocal && address !== host ? address : undefined;
        const hostKeyIo = settings.batchMode ? { ...io, prompter: NOBODY } : io;
        await verifyHostKey(key, { ...policy, address: checked }, hostKeyIo, environment);
      },
      authenticator: () => new AskingAuthenticator(target, io),
      warn: settings.isQuiet ? () => {} : io.warn,
      signal: io.signal,
    });
    const plan: BuiltinPlan = {
      transport: "builtin",
      displayName,
      host,
      port,
      user,
      limits,
      algorithms,
      hostKey: target.ignoresHostKey ? undefined : session.hostKey,
      authentications: session.authentications,
      via: via?.plan,
      proxyCommand: destination.proxyCommand,
    };
    return new BuiltinConnection(session, plan, via);
  } catch (error) {
    await via?.[Symbol.asyncDispose]();
    throw error;
  }
}

function hostKeyPolicy(target: SshTarget, knownHosts: KnownHosts) {
  const { settings, displayName, host, port } = target;
  return {
    displayName,
    name: settings.hostKeyAlias ?? host,
    isAlias: settings.hostKeyAlias !== undefined,
    port,
    strictness: settings.strictHostKeyChecking,
    isHashed: settings.hashKnownHosts,
    userFile: target.userKnownHostsFiles[0],
    authorityAlgorithms: settings.caSignatureAlgorithms,
    ignore: target.ignoresHostKey,
    knownHosts,
  };
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}

function limitsOf(settings: SshSettings): ConnectionLimits {
  const { rekeyLimit } = settings;
  return {
    connectTimeout: (settings.connectTimeout || DEFAULT_CONNECT_TIMEOUT) * 1000,
    connectionAttempts: settings.connectionAttempts,
    keepAliveInterval: (settings.serverAliveInterval ?? DEFAULT_ALIVE_INTERVAL) * 1000,
    keepAliveCountMax: settings.serverAliveCountMax,
    tcpKeepAlive: settings.tcpKeepAlive,
    addressFamily: settings.addressFamily,
    bindAddress: settings.bindAddress,
    rekeyBytes: rekeyLimit.bytes,
    rekeyInterval: rekeyLimit.seconds === undefined ? undefined : rekeyLimit.seconds * 1000,
  };
}

/** What opening a further connection needs beside its plan. */
export interface PlanIo {
  /** Gives up. */
  signal?: AbortSignal;
  /** Tells the person something. */
  warn: (message: string) => void;
  /** Reaches agents; this process does if omitted. */
  environment?: Pick<SshEnvironment, "connectUnix">;
}

/**
 * Opens a further connection from the plan of an earlier one, without asking anybody.
 *
 * @param plan the plan
 * @param io how to warn, and how to reach agents
 * @returns the connection
 */
export async function connectWithPlan(plan: SshPlan, io: PlanIo): Promise<SshConnection> {
  const connection = plan.transport === "openssh" ? connectWithOpenssh(plan) : await replay(plan, io);
  return throttled(connection, plan.bandwidth);
}

async function replay(plan: BuiltinPlan, io: PlanIo): Promise<BuiltinConnection> {
  const via = plan.via && await replay(plan.via, io);
  try {
    const environment = io.environment ?? processEnvironment();
    const { session } = await reach({ ...plan, via, proxyCommand: plan.proxyCommand }, {
      verifyHostKey: (key) => {
        const shownKey = plainKeyOf(key) ?? key;
        const shown = fingerprintOf(shownKey.blob);
        if (!plan.hostKey) {
          io.warn(
            `The host key of "${plan.displayName}" is not verified (insecure_ignore_host_key): ${shown}`,
          );
          return Promise.resolve();
        }
        // A certificate may be renewed meanwhile; the key in it stays.
        if (equal(plan.hostKey.blob, shownKey.blob)) return Promise.resolve();
        const before = fingerprintOf(plan.hostKey.blob);
        throw new PlakarError(
          "host-key",
          `Cannot trust "${plan.displayName}": it shows the host key ${shown}, and showed ${before} when this run began`,
          { hint: "Start again if the server's key was changed on purpose", data: { stage: "host-key" } },
        );
      },
      authenticator: () => new ReplayingAuthenticator(plan.authentications, environment),
      // The banner was shown when the first connection was opened.
      warn: () => {},
      signal: io.signal,
    });
    return new BuiltinConnection(session, plan, via);
  } catch (error) {
    await via?.[Symbol.asyncDispose]();
    throw error;
  }
}

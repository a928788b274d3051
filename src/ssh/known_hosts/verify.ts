/** Decides whether a host key is to be trusted, as OpenSSH decides. */

import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { StrictHostKeyChecking } from "../config/settings.ts";
import type { SshEnvironment } from "../environment.ts";
import { fingerprintOf, type PublicKey, shortTypeName } from "../keys/public_key.ts";
import type { SshIo } from "../prompter.ts";
import { describeEntry, formatKnownHosts, knownHostsName } from "./entry.ts";
import type { HostKeyStatus, KnownHosts } from "./known_hosts.ts";

/** What the decision depends on. */
export interface HostKeyPolicy {
  /** The host as the person typed it, for messages. */
  displayName: string;
  /** The name that known_hosts is searched for: the host, or `HostKeyAlias`. */
  name: string;
  /** Whether `name` is a `HostKeyAlias`. */
  isAlias: boolean;
  /** The port. */
  port: number;
  /** The address connected to, if `CheckHostIP` applies. */
  address?: string;
  /** `StrictHostKeyChecking`. */
  strictness: StrictHostKeyChecking;
  /** `HashKnownHosts`. */
  isHashed: boolean;
  /** Where new keys are added; not at all without it. */
  userFile?: string;
  /** Trust anything and say so: `insecure_ignore_host_key`. */
  ignore: boolean;
  /** What is known. */
  knownHosts: KnownHosts;
}

/**
 * Decides over a host key. Returns if it is trusted.
 *
 * @param key the key the host proved to have
 * @param policy what the decision depends on
 * @param io how to ask and to warn
 * @param environment where new keys are written
 * @throws {PlakarError} `host-key` if it is not trusted
 */
export async function verifyHostKey(
  key: PublicKey,
  policy: HostKeyPolicy,
  io: SshIo,
  environment: SshEnvironment,
): Promise<void> {
  const { displayName, port, strictness, knownHosts } = policy;
  const shown = `${shortTypeName(key.type)} key ${fingerprintOf(key.blob)}`;
  if (policy.ignore) {
    io.warn(`The host key of "${displayName}" is not verified (insecure_ignore_host_key): ${shown}`);
    return;
  }
  const name = policy.isAlias ? policy.name.toLowerCase() : knownHostsName(policy.name, port);
  let status = knownHosts.check(name, key);
  if (status.status === "unknown" && !policy.isAlias && port !== 22) {
    // An entry without the port will do, unless it says something else.
    const withoutPort = knownHosts.check(policy.name.toLowerCase(), key);
    if (withoutPort.status === "known" || withoutPort.status === "revoked") status = withoutPort;
  }
  if (status.status === "revoked") throw revoked(displayName, shown, status);
  if (status.status === "changed") throw changed(policy, name, shown, status);
  await checkAddress(key, policy, status, io);
  if (status.status === "known") return;
  await acceptNew(key, policy, name, shown, io);
  await remember(key, policy, name, io, environment);
  if (strictness !== "ask") io.warn(`Trusted "${displayName}" for the first time: ${shown}`);
}

function revoked(
  displayName: string,
  shown: string,
  status: HostKeyStatus & { status: "revoked" },
): PlakarError {
  return new PlakarError(
    "host-key",
    `Cannot trust "${displayName}": its ${shown} is revoked by ${status.entry.file}:${status.entry.line}`,
    { hint: "Ask the server's administrator which key is the right one" },
  );
}

function changed(
  policy: HostKeyPolicy,
  name: string,
  shown: string,
  { entry }: HostKeyStatus & { status: "changed" },
): PlakarError {
  return new PlakarError(
    "host-key",
    `Cannot trust "${policy.displayName}": its host key has changed; it shows the ${shown}, and ` +
      `${entry.file}:${entry.line} has the ${shortTypeName(entry.key.type)} key ${
        fingerprintOf(entry.key.blob)
      }`,
    {
      hint:
        "Somebody may be listening in. If the server's administrator confirms the new key, remove the old " +
        `one: ssh-keygen -f "${entry.file}" -R "${name}"`,
      data: { file: entry.file, line: entry.line },
    },
  );
}

/** `CheckHostIP`: the address must not be known with another key. */
async function checkAddress(
  key: PublicKey,
  policy: HostKeyPolicy,
  byName: HostKeyStatus,
  io: SshIo,
): Promise<void> {
  if (policy.address === undefined || policy.isAlias) return;
  const status = policy.knownHosts.check(knownHostsName(policy.address, policy.port), key);
  if (status.status === "revoked") {
    throw revoked(policy.displayName, fingerprintOf(key.blob), status);
  }
  if (status.status !== "changed") return;
  const message = `The address ${policy.address} of "${policy.displayName}" is known with another key: ` +
    describeEntry(status.entry);
  if (policy.strictness === "yes" || byName.status !== "known") throw new PlakarError("host-key", message);
  io.warn(message);
  if (policy.strictness !== "ask") return;
  if (!await io.prompter.confirm(`${message}. Continue connecting?`)) {
    throw new PlakarError("host-key", message);
  }
}

async function acceptNew(
  key: PublicKey,
  policy: HostKeyPolicy,
  name: string,
  shown: string,
  io: SshIo,
): Promise<void> {
  const { displayName, port, strictness } = policy;
  const scan = port === 22 ? `ssh-keyscan ${policy.name}` : `ssh-keyscan -p ${port} ${policy.name}`;
  const refuse = (state: string) => {
    const authority = policy.knownHosts.authoritiesFor(name)[0];
    return new PlakarError("host-key", `Cannot trust "${displayName}": ${state}`, {
      hint: authority
        ? `${authority.file}:${authority.line} trusts a certificate authority for it, and host certificates need ` +
          "the ssh program: use transport=openssh"
        : `Check the fingerprint, then connect once with ssh, or run: ${scan} >> ~/.ssh/known_hosts, or use -o ` +
          "StrictHostKeyChecking=accept-new to trust it now",
      data: { fingerprint: fingerprintOf(key.blob) },
    });
  };
  if (strictness === "yes") throw refuse(`its ${shown} is not known, and StrictHostKeyChecking is "yes"`);
  if (strictness !== "ask") return;
  const answer = await io.prompter.confirm(
    `The authenticity of host "${displayName}" (port ${port}) cannot be established. Its ${shown} is not known. ` +
      "Continue connecting?",
  );
  if (answer === undefined) throw refuse(`its ${shown} is not known, and there is no terminal to ask on`);
  if (!answer) throw refuse(`its ${shown} was not accepted`);
}

async function remember(
  key: PublicKey,
  policy: HostKeyPolicy,
  name: string,
  io: SshIo,
  environment: SshEnvironment,
): Promise<void> {
  if (policy.userFile === undefined) return;
  const names = [name];
  if (policy.address !== undefined && !policy.isAlias) {
    names.push(knownHostsName(policy.address, policy.port));
  }
  try {
    const existing = await environment.readFile(policy.userFile);
    const separator = existing && existing.length > 0 && existing[existing.length - 1] !== 0x0a ? "\n" : "";
    const lines = formatKnownHosts([...new Set(names)], key, policy.isHashed);
    await environment.append(policy.userFile, separator + lines);
  } catch (error) {
    io.warn(
      `The host key of "${policy.displayName}" cannot be remembered in "${policy.userFile}": ${
        messageOf(error)
      }`,
    );
  }
}

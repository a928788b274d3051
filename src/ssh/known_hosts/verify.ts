/** Decides whether a host key is to be trusted, as OpenSSH decides. */

import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { StrictHostKeyChecking } from "../config/settings.ts";
import type { SshEnvironment } from "../environment.ts";
import { readCertificate } from "../keys/certificate.ts";
import { fingerprintOf, isCertificateType, type PublicKey, shortTypeName } from "../keys/public_key.ts";
import type { SshIo } from "../prompter.ts";
import { objectToAddress } from "./check_address.ts";
import { formatKnownHosts, type KnownHostsEntry, knownHostsName } from "./entry.ts";
import { judgeCertificate } from "./host_certificate.ts";
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
  /** `CASignatureAlgorithms`. */
  authorityAlgorithms?: string;
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
 * A certificate that does not count is treated as the plain key in it.
 *
 * @param key the key or certificate that the host showed
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
  const certificate = readCertificate(key);
  if (!certificate && isCertificateType(key.type)) {
    throw new PlakarError("host-key", `Cannot trust "${policy.displayName}": its certificate cannot be read`);
  }
  const plain = certificate?.key ?? key;
  const shown = `${shortTypeName(plain.type)} key ${fingerprintOf(plain.blob)}`;
  if (policy.ignore) {
    io.warn(`The host key of "${policy.displayName}" is not verified (insecure_ignore_host_key): ${shown}`);
    return;
  }
  if (!certificate) return await verifyPlainKey(plain, shown, policy, io, environment);
  const verdict = judgeCertificate(certificate, {
    names: namesOf(policy),
    principal: policy.name,
    knownHosts: policy.knownHosts,
    authorityAlgorithms: policy.authorityAlgorithms,
  }, Math.floor(Date.now() / 1000));
  const named = `certificate "${certificate.id}"`;
  switch (verdict.status) {
    case "trusted":
      return;
    case "forged":
      throw new PlakarError(
        "host-key",
        `Cannot trust "${policy.displayName}": its ${named} is not signed by the authority it names`,
      );
    case "revoked":
      throw revoked(policy.displayName, `${shown}, or the authority of its ${named},`, verdict.entry);
    case "ignored": {
      const note = `${shown} (its ${named} does not count: ${verdict.reason})`;
      return await verifyPlainKey(plain, note, policy, io, environment);
    }
  }
}

/** The names under which known_hosts may have the host: the second will do unless the first says otherwise. */
function namesOf({ name, isAlias, port }: HostKeyPolicy): string[] {
  const lower = name.toLowerCase();
  return isAlias || port === 22 ? [lower] : [knownHostsName(name, port), lower];
}

async function verifyPlainKey(
  key: PublicKey,
  shown: string,
  policy: HostKeyPolicy,
  io: SshIo,
  environment: SshEnvironment,
): Promise<void> {
  const { displayName, strictness, knownHosts, address } = policy;
  const [name, withoutPort] = namesOf(policy);
  let status = knownHosts.check(name, key);
  if (status.status === "unknown" && withoutPort !== undefined) {
    const other = knownHosts.check(withoutPort, key);
    if (other.status === "known" || other.status === "revoked") status = other;
  }
  if (status.status === "revoked") throw revoked(displayName, shown, status.entry);
  if (status.status === "changed") throw changed(policy, name, shown, status);
  const addressName = address === undefined ? undefined : knownHostsName(address, policy.port);
  const byAddress = addressName === undefined ? undefined : knownHosts.check(addressName, key);
  if (byAddress?.status === "revoked") throw revoked(displayName, shown, byAddress.entry);
  const names = status.status === "unknown" ? [name] : [];
  if (addressName !== undefined && byAddress?.status === "unknown") names.push(addressName);
  if (status.status === "unknown") await acceptNew(key, policy, shown, io);
  if (names.length > 0) await remember(key, policy, names, io, environment);
  if (status.status === "unknown" && strictness !== "ask") {
    io.warn(`Trusted "${displayName}" for the first time: ${shown}`);
  }
  if (address !== undefined && byAddress?.status === "changed") {
    await objectToAddress(address, byAddress.entry, policy, io);
  }
}

function revoked(displayName: string, shown: string, { file, line }: KnownHostsEntry): PlakarError {
  return new PlakarError(
    "host-key",
    `Cannot trust "${displayName}": its ${shown} is revoked by ${file}:${line}`,
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

async function acceptNew(
  key: PublicKey,
  policy: HostKeyPolicy,
  shown: string,
  io: SshIo,
): Promise<void> {
  const { displayName, port, strictness } = policy;
  const scan = port === 22 ? `ssh-keyscan ${policy.name}` : `ssh-keyscan -p ${port} ${policy.name}`;
  const refuse = (state: string) =>
    new PlakarError("host-key", `Cannot trust "${displayName}": ${state}`, {
      hint:
        `Check the fingerprint, then connect once with ssh, or run: ${scan} >> ~/.ssh/known_hosts, or use -o ` +
        "StrictHostKeyChecking=accept-new to trust it now",
      data: { fingerprint: fingerprintOf(key.blob) },
    });
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
  names: string[],
  io: SshIo,
  environment: SshEnvironment,
): Promise<void> {
  if (policy.userFile === undefined) return;
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

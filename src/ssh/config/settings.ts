/** The values of ssh_config as a connection needs them: typed, with OpenSSH's defaults. */

import type { ConfigValues } from "./evaluate.ts";
import { type RekeyLimit, rekeyLimitOf } from "./rekey_limit.ts";
import { parseTime } from "./time.ts";

/** What to do about host keys that are not in a known_hosts file. */
export type StrictHostKeyChecking = "yes" | "ask" | "accept-new" | "no";

/** Seconds to wait for a server if `ConnectTimeout` says nothing: ssh waits as long as the system does. */
export const DEFAULT_CONNECT_TIMEOUT = 30;

/** Seconds between keepalives if `ServerAliveInterval` says nothing: ssh would not notice a line that is dead. */
export const DEFAULT_ALIVE_INTERVAL = 15;

/** Everything that ssh_config says about a host. Paths are as configured: tokens are not replaced yet. */
export interface SshSettings {
  /** `HostName`. */
  hostName?: string;
  /** `Port`. */
  port: number;
  /** `User`. */
  user?: string;
  /** `IdentityFile`; `undefined` if none is configured, empty for `none`. */
  identityFiles?: readonly string[];
  /** `CertificateFile`. */
  certificateFiles: readonly string[];
  /** `IdentitiesOnly`. */
  identitiesOnly: boolean;
  /** `IdentityAgent`. */
  identityAgent?: string;
  /** `UserKnownHostsFile`. */
  userKnownHostsFiles: readonly string[];
  /** `GlobalKnownHostsFile`; `undefined` for the system's. */
  globalKnownHostsFiles?: readonly string[];
  /** `RevokedHostKeys`. */
  revokedHostKeys?: string;
  /** `HashKnownHosts`. */
  hashKnownHosts: boolean;
  /** `HostKeyAlias`. */
  hostKeyAlias?: string;
  /** `StrictHostKeyChecking`. */
  strictHostKeyChecking: StrictHostKeyChecking;
  /** `CheckHostIP`. */
  checkHostIp: boolean;
  /** `NoHostAuthenticationForLocalhost`. */
  noHostAuthenticationForLocalhost: boolean;
  /** `CASignatureAlgorithms`. */
  caSignatureAlgorithms?: string;
  /** `HostKeyAlgorithms`. */
  hostKeyAlgorithms?: string;
  /** `KexAlgorithms`. */
  kexAlgorithms?: string;
  /** `Ciphers`. */
  ciphers?: string;
  /** `MACs`. */
  macs?: string;
  /** `PubkeyAcceptedAlgorithms`. */
  pubkeyAcceptedAlgorithms?: string;
  /** `PreferredAuthentications`. */
  preferredAuthentications: readonly string[];
  /** `PubkeyAuthentication`. */
  pubkeyAuthentication: boolean;
  /** `PasswordAuthentication`. */
  passwordAuthentication: boolean;
  /** `KbdInteractiveAuthentication`. */
  kbdInteractiveAuthentication: boolean;
  /** `NumberOfPasswordPrompts`. */
  numberOfPasswordPrompts: number;
  /** `RefuseConnection`: why no connection is wanted. */
  refuseConnection?: string;
  /** `BatchMode`. */
  batchMode: boolean;
  /** Whether `LogLevel` is so low that no login banner is shown. */
  isQuiet: boolean;
  /** `ProxyJump`, with no value for `none`. */
  proxyJump?: string;
  /** `ProxyCommand`, with no value for `none`. */
  proxyCommand?: string;
  /** `ConnectTimeout` in seconds. */
  connectTimeout?: number;
  /** `ConnectionAttempts`. */
  connectionAttempts: number;
  /** `ServerAliveInterval` in seconds; `undefined` if not configured. */
  serverAliveInterval?: number;
  /** `ServerAliveCountMax`. */
  serverAliveCountMax: number;
  /** `TCPKeepAlive`. */
  tcpKeepAlive: boolean;
  /** `StdinNull`, which would keep SFTP's bytes from ssh. */
  stdinNull: boolean;
  /** `ForkAfterAuthentication`, with which ssh would not end when it is told to. */
  forkAfterAuthentication: boolean;
  /** `Compression`. */
  compression: boolean;
  /** `RekeyLimit`. */
  rekeyLimit: RekeyLimit;
  /** `BindAddress`. */
  bindAddress?: string;
  /** `AddressFamily`. */
  addressFamily: "any" | "inet" | "inet6";
}

/**
 * Types the values.
 *
 * @param values what the configuration says
 * @returns the settings
 */
export function settingsOf(values: ConfigValues): SshSettings {
  const word = (name: string) => values.get(name)?.[0];
  const flag = (name: string, otherwise: boolean) => {
    const value = word(name)?.toLowerCase();
    return value === undefined ? otherwise : value !== "no" && value !== "false";
  };
  const number = (name: string, otherwise: number) => Number(word(name) ?? otherwise);
  const time = (name: string) => parseTime(word(name) ?? "");
  const unlessNone = (name: string) => word(name)?.toLowerCase() === "none" ? undefined : word(name);
  const files = (name: string) => values.get(name)?.filter((file) => file.toLowerCase() !== "none");
  return {
    hostName: word("hostname"),
    port: number("port", 22),
    user: word("user"),
    identityFiles: files("identityfile"),
    certificateFiles: files("certificatefile") ?? [],
    identitiesOnly: flag("identitiesonly", false),
    identityAgent: word("identityagent"),
    userKnownHostsFiles: files("userknownhostsfile") ?? ["~/.ssh/known_hosts", "~/.ssh/known_hosts2"],
    globalKnownHostsFiles: files("globalknownhostsfile"),
    revokedHostKeys: unlessNone("revokedhostkeys"),
    hashKnownHosts: flag("hashknownhosts", false),
    hostKeyAlias: word("hostkeyalias"),
    strictHostKeyChecking: strictness(word("stricthostkeychecking")),
    checkHostIp: flag("checkhostip", false),
    noHostAuthenticationForLocalhost: flag("nohostauthenticationforlocalhost", false),
    caSignatureAlgorithms: word("casignaturealgorithms"),
    hostKeyAlgorithms: word("hostkeyalgorithms"),
    kexAlgorithms: word("kexalgorithms"),
    ciphers: word("ciphers"),
    macs: word("macs"),
    pubkeyAcceptedAlgorithms: word("pubkeyacceptedalgorithms"),
    preferredAuthentications: word("preferredauthentications")?.split(",") ??
      ["publickey", "keyboard-interactive", "password"],
    pubkeyAuthentication: flag("pubkeyauthentication", true),
    passwordAuthentication: flag("passwordauthentication", true),
    kbdInteractiveAuthentication: flag("kbdinteractiveauthentication", true),
    numberOfPasswordPrompts: number("numberofpasswordprompts", 3),
    refuseConnection: word("refuseconnection"),
    batchMode: flag("batchmode", false),
    isQuiet: /^(quiet|fatal|error)$/i.test(word("loglevel") ?? ""),
    proxyJump: unlessNone("proxyjump"),
    proxyCommand: unlessNone("proxycommand"),
    connectTimeout: time("connecttimeout"),
    connectionAttempts: Math.max(1, number("connectionattempts", 1)),
    serverAliveInterval: time("serveraliveinterval"),
    serverAliveCountMax: number("serveralivecountmax", 3),
    tcpKeepAlive: flag("tcpkeepalive", true),
    stdinNull: flag("stdinnull", false),
    forkAfterAuthentication: flag("forkafterauthentication", false),
    compression: flag("compression", false),
    rekeyLimit: rekeyLimitOf(values.get("rekeylimit") ?? []),
    bindAddress: word("bindaddress"),
    addressFamily: family(word("addressfamily")),
  };
}

function strictness(value: string | undefined): StrictHostKeyChecking {
  switch (value?.toLowerCase()) {
    case "yes":
    case "true":
      return "yes";
    case "no":
    case "false":
    case "off":
      return "no";
    case "accept-new":
      return "accept-new";
    default:
      return "ask";
  }
}

function family(value: string | undefined): "any" | "inet" | "inet6" {
  const lower = value?.toLowerCase();
  return lower === "inet" || lower === "inet6" ? lower : "any";
}

/** The directives of ssh_config that mean something to the program ssh, and nothing to the built-in SSH. */

import { directiveName, DIRECTIVES } from "./directives.ts";

/** Their names, up to OpenSSH 10. */
export const OTHER_DIRECTIVES: readonly string[] = [
  "AddKeysToAgent",
  "BindInterface",
  "CanonicalDomains",
  "CanonicalizeFallbackLocal",
  "CanonicalizeHostname",
  "CanonicalizeMaxDots",
  "CanonicalizePermittedCNAMEs",
  "ChannelTimeout",
  "ClearAllForwardings",
  "ControlMaster",
  "ControlPath",
  "ControlPersist",
  "DynamicForward",
  "EnableEscapeCommandline",
  "EnableSSHKeysign",
  "EscapeChar",
  "ExitOnForwardFailure",
  "FingerprintHash",
  "ForwardAgent",
  "ForwardX11",
  "ForwardX11Timeout",
  "ForwardX11Trusted",
  "GatewayPorts",
  "GSSAPIAuthentication",
  "GSSAPIClientIdentity",
  "GSSAPIDelegateCredentials",
  "GSSAPIKexAlgorithms",
  "GSSAPIKeyExchange",
  "GSSAPIRenewalForcesRekey",
  "GSSAPIServerIdentity",
  "GSSAPITrustDns",
  "HostbasedAcceptedAlgorithms",
  "HostbasedAuthentication",
  "IgnoreUnknown",
  "IPQoS",
  "KbdInteractiveDevices",
  "KnownHostsCommand",
  "LocalCommand",
  "LocalForward",
  "LogVerbose",
  "ObscureKeystrokeTiming",
  "PermitLocalCommand",
  "PermitRemoteOpen",
  "PKCS11Provider",
  "ProxyUseFdpass",
  "RemoteCommand",
  "RemoteForward",
  "RequestTTY",
  "RequiredRSASize",
  "SecurityKeyProvider",
  "SendEnv",
  "SessionType",
  "SetEnv",
  "StreamLocalBindMask",
  "StreamLocalBindUnlink",
  "SyslogFacility",
  "Tag",
  "Tunnel",
  "TunnelDevice",
  "UpdateHostKeys",
  "VerifyHostKeyDNS",
  "VersionAddendum",
  "VisualHostKey",
  "WarnWeakCrypto",
  "XAuthLocation",
];

const OTHERS: ReadonlySet<string> = new Set(OTHER_DIRECTIVES.map((name) => name.toLowerCase()));

/**
 * Whether ssh_config has a directive.
 *
 * @param name a name in any case
 * @returns true if it has, with or without an effect here
 */
export function isDirective(name: string): boolean {
  const known = directiveName(name);
  return known in DIRECTIVES || OTHERS.has(known);
}

/** The names of all directives, for suggestions. */
export const ALL_DIRECTIVES: readonly string[] = [...Object.keys(DIRECTIVES), ...OTHER_DIRECTIVES];

/** What a snapshot records of the machine it was made on, and what connectors see of it. */

import { processEnvironment } from "../ssh/environment.ts";
import type { ConnectEnvironment } from "../connectors/connect_environment.ts";
import { isSecret } from "../config/secrets.ts";
import type { Invocation } from "./invocation.ts";
import { PROGRAM } from "./version.ts";

/** Go's names of what the platform calls otherwise. */
const GO_ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

/**
 * The name of this machine.
 *
 * @returns its host name, `localhost` where it may not be known
 */
export function hostname(): string {
  try {
    return Deno.hostname();
  } catch {
    return "localhost";
  }
}

/**
 * What connectors may use of the program around them.
 *
 * @param invocation the command's run
 * @returns the machine, and the person in front of it
 */
export function connectEnvironment({ global, terminal, output, signal }: Invocation): ConnectEnvironment {
  const { "limit-upload": upload, "limit-download": download } = global;
  return {
    hostname: hostname(),
    ssh: processEnvironment(),
    io: {
      prompter: terminal,
      warn: (message) => output.warn(message),
      trace: (message) => output.trace("ssh", message),
      signal,
      bandwidth: upload || download ? { upload, download } : undefined,
    },
  };
}

/**
 * The context of a snapshot, in plakar's order.
 *
 * @param words the command line
 * @returns pairs of name and value
 */
export function snapshotContext(words: readonly string[]): [key: string, value: string][] {
  const cpus = String(navigator.hardwareConcurrency);
  return [
    ["Hostname", hostname()],
    ["Username", Deno.env.get("USER") ?? Deno.env.get("LOGNAME") ?? (Deno.uid() === 0 ? "root" : "")],
    ["OperatingSystem", Deno.build.os],
    ["MachineID", machineId()],
    ["CommandLine", commandLine(words)],
    ["ProcessID", String(Deno.pid)],
    ["Architecture", GO_ARCHITECTURES[Deno.build.arch] ?? Deno.build.arch],
    ["NumCPU", cpus],
    ["MaxProcs", cpus],
    ["Client", PROGRAM],
  ];
}

/** The identifier that systemd gives a machine; other systems have none in a file. */
function machineId(): string {
  try {
    return Deno.readTextFileSync("/etc/machine-id").trim();
  } catch {
    return "";
  }
}

/** The command line without the values of options that are secret: snapshots are read by others. */
function commandLine(words: readonly string[]): string {
  const shown = words.map((word) => {
    const [, key, rest] = /^(?:-{1,2}o=)?([A-Za-z_]+)=(.*)$/s.exec(word) ?? [];
    return key !== undefined && isSecret(key) ? word.slice(0, -rest.length || undefined) + "********" : word;
  });
  return ["plakar", ...shown].join(" ");
}

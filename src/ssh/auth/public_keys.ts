/** The keys of a target, in the order in which they are offered to the server. */

import { type AgentIdentity, listIdentities } from "../agent/agent_client.ts";
import { equal, toHex } from "../../lib/bytes.ts";
import { messageOf, PlakarError } from "../../lib/errors.ts";
import { readCertificate } from "../keys/certificate.ts";
import { parsePublicKeyFile, type PublicKey } from "../keys/public_key.ts";
import { publicHalfOf } from "../keys/public_half.ts";
import type { Signer } from "../plan.ts";
import type { SshIo } from "../prompter.ts";
import type { SshTarget } from "../target.ts";
import { type KeyFile, readKeyFile, unlockKeyFile } from "./key_file.ts";

/** A key, or a certificate, that can be offered. */
export interface Candidate {
  /** What it is, for messages. */
  label: string;
  /** What is offered. */
  key: PublicKey;
  /** What signs; asked for only once the server accepts the key. `undefined` if it cannot be had. */
  signer(): Promise<Signer | undefined>;
}

/** Names of keys in `~/.ssh` that are tried if none are configured. */
const DEFAULT_NAMES = ["id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk"];

/** Finds the keys of a target. */
export class PublicKeys {
  readonly #target: SshTarget;
  readonly #io: SshIo;
  readonly #note: (problem: string) => void;
  readonly #offered = new Set<string>();

  /**
   * Takes what the search depends on.
   *
   * @param target whom to log in to
   * @param io how to ask
   * @param note told why a key is not used
   */
  constructor(target: SshTarget, io: SshIo, note: (problem: string) => void) {
    this.#target = target;
    this.#io = io;
    this.#note = note;
  }

  /**
   * The candidates, each once.
   *
   * @returns named keys, keys of ssh_config, keys of the agent, default keys; certificates before their keys
   */
  async *candidates(): AsyncGenerator<Candidate> {
    const agent = await this.#agentIdentities();
    yield* this.#candidates(agent);
    if (this.#offered.size > 0) return;
    const { agentPath } = this.#target;
    if (agentPath === undefined) this.#note("there is no key to try, and no agent");
    else if (agent.length === 0) {
      this.#note(`there is no key to try: the agent "${agentPath}" shows none, it may be locked`);
    }
  }

  async *#candidates(agent: AgentIdentity[]): AsyncGenerator<Candidate> {
    const { explicitIdentities, identityFiles, settings, environment } = this.#target;
    const certificates = await this.#certificateFiles();
    const inMemory = this.#keyText();
    if (inMemory) yield* this.#fileCandidates(inMemory, agent, certificates);
    for (const path of explicitIdentities) {
      if (await environment.readFile(path).catch(() => undefined) === undefined) {
        throw new PlakarError(
          "config",
          `Cannot use the key "${path}": there is no such file, or it cannot be read`,
        );
      }
      yield* this.#pathCandidates(path, agent, certificates, true);
    }
    for (const path of identityFiles ?? []) yield* this.#pathCandidates(path, agent, certificates);
    const isRestricted = settings.identitiesOnly;
    if (!isRestricted) { for (const identity of agent) yield* this.#agentCandidate(identity, certificates); }
    if (identityFiles !== undefined || explicitIdentities.length > 0 || inMemory) return;
    for (const name of DEFAULT_NAMES) {
      yield* this.#pathCandidates(`${environment.home}/.ssh/${name}`, agent, certificates);
    }
    if (await environment.facts(`${environment.home}/.ssh/id_dsa`)) {
      this.#note(
        `the key "${environment.home}/.ssh/id_dsa" is not used: DSA keys are refused by current servers`,
      );
    }
  }

  #keyText(): KeyFile | undefined {
    const { privateKeyText: text } = this.#target;
    if (text === undefined) return undefined;
    return { path: "ssh_private_key", text, publicKey: publicHalfOf(text) };
  }

  async *#pathCandidates(
    path: string,
    agent: AgentIdentity[],
    certificates: PublicKey[],
    isExplicit = false,
  ): AsyncGenerator<Candidate> {
    const file = await readKeyFile(path, this.#target.environment);
    if (!file) return yield* this.#publicOnly(path, agent, certificates);
    if ("problem" in file) {
      if ((file.isExposed || isExplicit) && !this.#target.settings.isQuiet) this.#io.warn(file.problem);
      return this.#note(file.problem);
    }
    const sibling = await this.#readPublicFile(`${path}-cert.pub`);
    yield* this.#fileCandidates(file, agent, sibling ? [...certificates, sibling] : certificates);
  }

  /** `IdentityFile` may name a key that only the agent has, with its public half in a file. */
  async *#publicOnly(
    path: string,
    agent: AgentIdentity[],
    certificates: PublicKey[],
  ): AsyncGenerator<Candidate> {
    const key = await this.#readPublicFile(`${path}.pub`);
    const identity = key && agent.find((one) => equal(one.blob, key.blob));
    if (!identity) return;
    const sibling = await this.#readPublicFile(`${path}-cert.pub`);
    yield* this.#agentCandidate(identity, sibling ? [...certificates, sibling] : certificates);
  }

  async *#fileCandidates(
    file: KeyFile,
    agent: AgentIdentity[],
    certificates: PublicKey[],
  ): AsyncGenerator<Candidate> {
    let unlocked: Signer | undefined;
    if (!file.publicKey) {
      // Nothing can be offered before the file is decrypted.
      unlocked = await this.#unlock(file);
      if (unlocked?.type !== "key") return;
    }
    const key = file.publicKey ?? (unlocked?.type === "key" ? unlocked.key : undefined);
    if (!key) return;
    const held = agent.find((identity) => equal(identity.blob, key.blob));
    const signer = async () => {
      if (held && this.#target.agentPath !== undefined) return this.#agentSigner(held);
      return unlocked ??= await this.#unlock(file);
    };
    const label = `the key "${file.path}"`;
    for (const certificate of certificates) {
      const read = readCertificate(certificate);
      if (!read || !equal(read.key.blob, key.blob)) continue;
      this.#noteValidity(read);
      yield* this.#once({ label: `the certificate "${read.id}" of ${label}`, key: certificate, signer });
    }
    for (const identity of agent) {
      const read = readCertificate(identity);
      if (read && equal(read.key.blob, key.blob)) yield* this.#agentCandidate(identity, []);
    }
    yield* this.#once({ label, key, signer });
  }

  /** A key of the agent, and the certificates in files that are about it. */
  async *#agentCandidate(identity: AgentIdentity, certificates: PublicKey[]): AsyncGenerator<Candidate> {
    const label = `the agent's key "${identity.comment}"`;
    const signer = () => Promise.resolve(this.#agentSigner(identity));
    for (const certificate of certificates) {
      const read = readCertificate(certificate);
      if (!read || !equal(read.key.blob, identity.blob)) continue;
      this.#noteValidity(read);
      yield* this.#once({ label: `the certificate "${read.id}" of ${label}`, key: certificate, signer });
    }
    const certificate = readCertificate(identity);
    if (certificate) this.#noteValidity(certificate);
    yield* this.#once({ label, key: identity, signer });
  }

  *#once(candidate: Candidate): Generator<Candidate> {
    const id = toHex(candidate.key.blob);
    if (this.#offered.has(id)) return;
    this.#offered.add(id);
    yield candidate;
  }

  #agentSigner(identity: AgentIdentity): Signer {
    const { type, blob } = identity;
    return { type: "agent", path: this.#target.agentPath ?? "", identity: { type, blob } };
  }

  #noteValidity(certificate: { id: string; validAfter: bigint; validBefore: bigint }): void {
    const now = BigInt(Math.floor(Date.now() / 1000));
    if (now >= certificate.validBefore) this.#note(`the certificate "${certificate.id}" has expired`);
    if (now < certificate.validAfter) this.#note(`the certificate "${certificate.id}" is not valid yet`);
  }

  async #unlock(file: KeyFile): Promise<Signer | undefined> {
    const { user, displayName } = this.#target;
    const key = await unlockKeyFile(file, `to log in to "${displayName}" as "${user}"`, this.#io.prompter);
    if (!("problem" in key)) return { type: "key", key };
    this.#note(key.problem);
  }

  async #agentIdentities(): Promise<AgentIdentity[]> {
    const { agentPath, environment } = this.#target;
    if (agentPath === undefined) return [];
    try {
      const agent = { path: agentPath, connect: (path: string) => environment.connectUnix(path) };
      return await listIdentities(agent, this.#io.signal);
    } catch (error) {
      this.#io.signal?.throwIfAborted();
      this.#note(messageOf(error));
      return [];
    }
  }

  async #certificateFiles(): Promise<PublicKey[]> {
    const found: PublicKey[] = [];
    for (const path of this.#target.certificateFiles) {
      const key = await this.#readPublicFile(path);
      if (key) found.push(key);
      else this.#note(`the certificate file "${path}" cannot be read`);
    }
    return found;
  }

  async #readPublicFile(path: string): Promise<PublicKey | undefined> {
    const bytes = await this.#target.environment.readFile(path).catch(() => undefined);
    return bytes && parsePublicKeyFile(new TextDecoder().decode(bytes));
  }
}

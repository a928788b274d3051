/** Talks to an SSH agent (draft-miller-ssh-agent): lists its keys and has it sign. */

import { messageOf, PlakarError } from "../../lib/errors.ts";
import { type PublicKey, publicKeyOf } from "../keys/public_key.ts";
import { shownLine } from "../transport/shown.ts";
import { WireReader, WireWriter } from "../wire.ts";

/** A key an agent holds. */
export interface AgentIdentity extends PublicKey {
  /** What the agent calls it, fit to be shown. */
  readonly comment: string;
}

const FAILURE = 5;
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;

/** Agents answer in kilobytes; more than this is no agent. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/** How long an agent may take over its list, in milliseconds. A signature may wait for a person's touch. */
const LIST_TIMEOUT = 10_000;
const SIGN_TIMEOUT = 120_000;

/** How an agent is reached. */
export interface AgentAddress {
  /** The path of its socket. */
  path: string;
  /** Connects to the socket. */
  connect: (path: string) => Promise<Deno.Conn>;
  /** Milliseconds for the list of keys; a default if omitted. */
  listTimeout?: number;
  /** Milliseconds for a signature; a default if omitted. */
  signTimeout?: number;
}

/**
 * Lists the keys an agent holds.
 *
 * @param agent the agent
 * @param signal gives up
 * @returns its keys, certificates among them
 * @throws {PlakarError} `authentication` if it does not answer or refuses
 */
export async function listIdentities(agent: AgentAddress, signal?: AbortSignal): Promise<AgentIdentity[]> {
  const request = Uint8Array.of(REQUEST_IDENTITIES);
  const answer = new WireReader(await ask(agent, request, agent.listTimeout ?? LIST_TIMEOUT, signal));
  if (answer.byte() !== IDENTITIES_ANSWER) {
    throw agentError(agent, "it refuses to list its keys; it may be locked");
  }
  const identities: AgentIdentity[] = [];
  try {
    for (let left = answer.uint32(); left > 0; left--) {
      const key = publicKeyOf(answer.string().slice());
      const comment = shownLine(answer.string());
      if (key) identities.push({ ...key, comment });
    }
  } catch (cause) {
    throw agentError(agent, "its list of keys cannot be read", cause);
  }
  return identities;
}

/**
 * Has an agent sign.
 *
 * @param agent the agent
 * @param key the key or certificate, as the agent lists it
 * @param algorithm the signature algorithm
 * @param data what to sign
 * @param signal gives up
 * @returns the signature blob
 * @throws {PlakarError} `authentication` if it does not answer or refuses
 */
export async function signWithAgent(
  agent: AgentAddress,
  key: PublicKey,
  algorithm: string,
  data: Uint8Array,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const flags = algorithm.startsWith("rsa-sha2-256") ? 2 : algorithm.startsWith("rsa-sha2-512") ? 4 : 0;
  const request = new WireWriter().byte(SIGN_REQUEST).string(key.blob).string(data).uint32(flags).bytes();
  const answer = new WireReader(await ask(agent, request, agent.signTimeout ?? SIGN_TIMEOUT, signal));
  const type = answer.byte();
  if (type === FAILURE) throw agentError(agent, "it refuses to sign");
  if (type !== SIGN_RESPONSE) throw agentError(agent, `its answer has the unknown type ${type}`);
  return answer.string().slice();
}

function agentError(agent: AgentAddress, state: string, cause?: unknown): PlakarError {
  return new PlakarError("authentication", `Cannot use the SSH agent "${agent.path}": ${state}`, {
    cause,
    hint: 'Check it with "ssh-add -l", or do without it: -o IdentityAgent=none',
  });
}

/** Sends one message on a connection of its own and reads the answer. */
async function ask(
  agent: AgentAddress,
  message: Uint8Array,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  let socket: Deno.Conn;
  try {
    socket = await agent.connect(agent.path);
  } catch (error) {
    throw agentError(agent, `it cannot be reached: ${messageOf(error)}`, error);
  }
  const stop = signal
    ? AbortSignal.any([signal, AbortSignal.timeout(timeout)])
    : AbortSignal.timeout(timeout);
  const close = () => {
    try {
      socket.close();
    } catch {
      // Closed already.
    }
  };
  stop.addEventListener("abort", close);
  try {
    stop.throwIfAborted();
    await writeAll(socket, new WireWriter().string(message).bytes());
    const length = new WireReader(await readAll(socket, 4)).uint32();
    if (length < 1 || length > MAX_MESSAGE) throw agentError(agent, `its answer is ${length} bytes long`);
    return await readAll(socket, length);
  } catch (error) {
    signal?.throwIfAborted();
    if (stop.aborted) throw agentError(agent, `it did not answer within ${timeout / 1000} seconds`);
    if (error instanceof PlakarError) throw error;
    throw agentError(agent, `it hung up: ${messageOf(error)}`, error);
  } finally {
    stop.removeEventListener("abort", close);
    close();
  }
}

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
}

async function readAll(socket: Deno.Conn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const read = await socket.read(bytes.subarray(at));
    if (read === null) throw new Error("the connection ended");
    at += read;
  }
  return bytes;
}

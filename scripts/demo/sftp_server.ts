/** An SSH server for the demonstration: it serves one directory over SFTP to the holder of one key. */

import {
  type Authentication,
  loadSsh2Server,
  type PublicKey,
  type Ssh2ServerLibrary,
} from "./ssh2_server.ts";
import { serveFiles } from "./served_files.ts";

/** A running server. */
export interface SftpServer {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** Its host key as known_hosts names it: type and base64. */
  readonly hostKey: string;
  /** The private key that lets a client in. */
  readonly userKey: string;
  /** Stops listening. */
  close(): void;
}

/**
 * Starts a server on a free port of the loopback interface, with keys made for it alone.
 *
 * @param root the directory that clients see as `/`
 * @returns the running server
 */
export async function startSftpServer(root: string): Promise<SftpServer> {
  const { Server, utils } = await loadSsh2Server();
  const [hostKey, userKey] = [newKeyPair(utils), newKeyPair(utils)];
  const allowed = utils.parseKey(userKey.public);
  if (allowed instanceof Error) throw allowed;

  const server = new Server({ hostKeys: [hostKey.private] }, (client) => {
    client.on("authentication", (attempt) => {
      if (isAllowed(attempt, allowed)) attempt.accept();
      else attempt.reject(["publickey"]);
    });
    client.on("session", (accept) => accept().on("sftp", (accept) => serveFiles(accept(), root)));
    // A client that goes away is no concern of the server.
    client.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    hostKey: hostKey.public.trim(),
    userKey: userKey.private,
    close: () => void server.close(),
  };
}

/** One key in two hundred is written so that the library cannot read it again. */
function newKeyPair(utils: Ssh2ServerLibrary["utils"]): { private: string; public: string } {
  for (;;) {
    const pair = utils.generateKeyPairSync("ed25519");
    if (!(utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

function isAllowed(attempt: Authentication, allowed: PublicKey): boolean {
  if (attempt.method !== "publickey" || !attempt.key?.data.equals(allowed.getPublicSSH())) return false;
  if (!attempt.blob || !attempt.signature) return true;
  return allowed.verify(attempt.blob, attempt.signature, attempt.hashAlgo) === true;
}

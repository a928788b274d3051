/**
 * Public key authentication (RFC 4252 section 7) with signatures made elsewhere.
 *
 * ssh2 signs only with keys it parsed itself, at once, and in the forms it knows. Certificates, keys in
 * hardware tokens, agents that take their time and elliptic-curve keys with a leading zero need more, so the
 * two messages are built here.
 */

import { Buffer } from "node:buffer";
import { PlakarError } from "../../lib/errors.ts";
import type { PublicKey } from "../keys/public_key.ts";
import { WireWriter } from "../wire.ts";
import type { Ssh2, Ssh2Client, Ssh2Key, Ssh2Protocol } from "./ssh2.ts";

const USERAUTH_REQUEST = 50;

/** A key to offer to the server. */
export interface PublicKeyOffer {
  /** The signature algorithm. */
  algorithm: string;
  /** The key or certificate. */
  key: PublicKey;
  /** Signs; called only if the server accepts the key. Gives the signature blob. */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** Offers keys on one connection. */
export class PublicKeyAuth {
  readonly #ssh2: Ssh2;
  readonly #protocol: Ssh2Protocol;
  readonly #offers = new WeakMap<object, PublicKeyOffer>();
  #onSigned: (error?: unknown) => void = () => {};

  /**
   * Takes over the public key messages of a connection.
   *
   * @param ssh2 the library
   * @param client a connection on which `connect` was called
   */
  constructor(ssh2: Ssh2, client: Ssh2Client) {
    this.#ssh2 = ssh2;
    this.#protocol = client._protocol;
    this.#protocol.authPK = (user, key, _algorithm, sign) => this.#send(user, key, sign !== undefined);
  }

  /**
   * An offer in the form that ssh2 takes.
   *
   * @param offer the key
   * @param onSigned told when a signature was sent, or why it could not be made
   * @returns what goes into an attempt of the type `publickey`
   */
  wrap(offer: PublicKeyOffer, onSigned: (error?: unknown) => void): Ssh2Key {
    this.#onSigned = onSigned;
    const key: Ssh2Key & { isPrivateKey(): boolean } = Object.create(this.#standIn());
    // ssh2 hands the key back to authPK; its type only decides that no RSA rules apply.
    Object.defineProperty(key, "type", { value: offer.algorithm });
    key.isPrivateKey = () => true;
    this.#offers.set(key, offer);
    return key;
  }

  /** ssh2 takes only objects that its own parser made. */
  #standIn(): Ssh2Key {
    const blob = new WireWriter().string("ssh-ed25519").string(new Uint8Array(32)).bytes();
    const parsed = this.#ssh2.utils.parseKey(`ssh-ed25519 ${Buffer.from(blob).toString("base64")}`);
    if (parsed instanceof Error) {
      throw new PlakarError("unsupported", "Cannot authenticate with keys", { cause: parsed });
    }
    return Array.isArray(parsed) ? parsed[0] : parsed;
  }

  #send(user: string, key: Ssh2Key, isSigned: boolean): void {
    const offer = this.#offers.get(key);
    const session = this.#protocol._kex?.sessionID;
    if (!offer || !session) {
      throw new PlakarError("protocol", "Cannot authenticate: no keys have been agreed on");
    }
    const request = new WireWriter().byte(USERAUTH_REQUEST).string(user).string("ssh-connection")
      .string("publickey").byte(isSigned ? 1 : 0).string(offer.algorithm).string(offer.key.blob).bytes();
    if (!isSigned) return this.#write(request);
    const onSigned = this.#onSigned;
    offer.sign(new WireWriter().string(session).raw(request).bytes()).then((signature) => {
      onSigned();
      this.#write(new WireWriter().raw(request).string(signature).bytes());
    }).catch(onSigned);
  }

  #write(payload: Uint8Array): void {
    const protocol = this.#protocol;
    if (protocol._kexinit !== undefined) {
      throw new PlakarError("protocol", "Cannot authenticate: the server exchanges keys in the middle of it");
    }
    const { write } = protocol._packetRW;
    const packet = write.alloc(payload.length);
    packet.set(payload, write.allocStart);
    protocol._authsQueue.push("publickey");
    protocol._cipher.encrypt(write.finalize(packet));
  }
}

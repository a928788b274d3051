/**
 * Host certificates with ssh2, which knows plain host keys only.
 *
 * A certificate stands in the place of the host key: it is what the exchange hash is made over, and the key in
 * it made the signature (PROTOCOL.certkeys). ssh2 uses one value for both, and one name for the type of what is
 * shown and the algorithm of the signature; here each gets its own. Whether the certificate is to be trusted is
 * not decided here: the verifier gets the whole of it.
 */

import { Buffer } from "node:buffer";
import { PlakarError } from "../../lib/errors.ts";
import { plainKeyOf } from "../keys/certificate.ts";
import { isCertificateType, plainKeyType, publicKeyOf } from "../keys/public_key.ts";
import type { Ssh2Client, Ssh2KeyExchange } from "./ssh2.ts";

/**
 * Offers host key algorithms, certificates among them. To be called when `connect` has just been: ssh2 makes its
 * offer when it hears of the server.
 *
 * @param client the connection
 * @param algorithms host key algorithms, most wanted first
 */
export function offerHostKeys(client: Ssh2Client, algorithms: readonly string[]): void {
  const protocol = client._protocol;
  const { kex, cs, sc } = protocol._offer.lists;
  const arrays = ({ cipher, mac, compress, lang }: typeof cs) => ({
    cipher: cipher.array,
    mac: mac.array,
    compress: compress.array,
    lang: lang.array,
  });
  const Offer = protocol._offer.constructor;
  protocol._offer = new Offer({
    kex: kex.array,
    serverHostKey: [...algorithms],
    cs: arrays(cs),
    sc: arrays(sc),
  });
}

/**
 * Lets the server of an exchange show a certificate, if that was agreed on.
 *
 * @param exchange an exchange that has just been agreed on
 */
export function takeCertificate(exchange: Ssh2KeyExchange): void {
  if (isCertificateType(exchange.negotiated.serverHostKey)) splitHostKey(exchange);
}

function splitHostKey(exchange: Ssh2KeyExchange): void {
  const { negotiated } = exchange;
  const signatureAlgorithm = plainKeyType(negotiated.serverHostKey);
  // Until the end of the exchange, this is compared with the type of what the server shows.
  if (signatureAlgorithm.startsWith("rsa-")) negotiated.serverHostKey = "ssh-rsa-cert-v01@openssh.com";
  let shown: Uint8Array | undefined;
  const finish = exchange.finish.bind(exchange);
  exchange.finish = (...args) => {
    // From here on, it is compared with the algorithm of the signature.
    negotiated.serverHostKey = signatureAlgorithm;
    return finish(...args);
  };
  let isHashed = false;
  Object.defineProperty(exchange, "_hostKey", {
    set: (blob: Uint8Array) => {
      shown = blob;
    },
    // It is read for the exchange hash first, and then for the signature. Any other order would find the
    // signature wrong.
    get: () => {
      if (!isHashed) {
        isHashed = true;
        return shown;
      }
      return keyIn(shown);
    },
  });
}

function keyIn(blob: Uint8Array | undefined): Uint8Array {
  const certificate = blob && publicKeyOf(blob);
  const key = certificate && plainKeyOf(certificate);
  if (key) return Buffer.from(key.blob);
  throw new PlakarError("protocol", "Cannot read the certificate of the host");
}

// Host certificates (OpenSSH PROTOCOL.certkeys) below a library that knows plain host keys only: what is hashed into the
// key exchange is the certificate (RFC 4253 §8), what verifies its signature is the plain key in it.

import type { Exchange } from 'ssh2/lib/protocol/Protocol.js';

/** The plain key of a certificate that is trusted; of a plain key just whether it is. */
export type HostKeyVerdict = boolean | Buffer;

/** @param plainKey As SSH encodes it, and as the certificate says it. */
export function acceptCertified(exchange: Exchange, plainKey: Buffer): void {
  const fields = 4 + plainKey.readUInt32BE(0);
  const type = plainKey.toString('latin1', 4, fields);
  exchange.negotiated.serverHostKey = type;
  // The library reads the type by `utf8Slice` and takes what follows by `slice`; hashing looks at the bytes themselves.
  exchange._hostKey = Object.assign(Buffer.from(exchange._hostKey), {
    utf8Slice: () => type,
    slice: () => plainKey.subarray(fields),
  });
}

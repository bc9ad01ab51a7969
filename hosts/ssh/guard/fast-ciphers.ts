// Two properties of the library's ciphers that are changed for speed, after every key exchange. Half of what a bulk
// transfer cost was Node making a key of the same bytes for every packet.

import { createSecretKey } from 'node:crypto';
import type Protocol from 'ssh2/lib/protocol/Protocol.js';
import type { CipherState } from 'ssh2/lib/protocol/Protocol.js';

/** What the library hands to Node with every packet: of AES-GCM, ChaCha20 and HMAC, either way. */
const keyNames = [
  '_encKey',
  '_encKeyMain',
  '_encKeyPktLen',
  '_decipherKey',
  '_decKeyMain',
  '_decKeyPktLen',
  '_macKey',
] as const;

/** Blocks of our ciphers have 16 bytes, or 8. */
const blockBytes = 16;
const paddingBytesMin = 4;

/** Keys become what Node takes at once. */
export function prepareKeys(cipher: CipherState): void {
  for (const name of keyNames) {
    const key = cipher[name];
    if (Buffer.isBuffer(key)) cipher[name] = createSecretKey(key);
  }
}

/**
 * Whether nothing will point into what a target sent next once that is parsed: under AES-GCM alone, other ciphers may keep a view
 * until the rest of a packet comes. None of them takes over in the middle of it: a target's new keys stand behind its answer to our
 * share of them, which is not sent before its offer was parsed.
 */
export function keepsNoView(protocol: Protocol): boolean {
  const isBetweenExchanges = protocol._kex !== undefined && protocol._kexinit === undefined;
  return isBetweenExchanges && protocol._decipher._decipherKey !== undefined;
}

/** More than the library takes as one packet. */
let space = Buffer.alloc(40 * 1024);

/**
 * Plain packets of all connections are made in one buffer: nothing comes between a packet and its encryption, which makes
 * a copy. Whoever writes must copy the plain length, too. Under encryption the padding need not be unpredictable; it
 * must not be what another connection left behind.
 */
export function preparePackets(cipher: CipherState): void {
  cipher.allocPacket = (payloadBytes) => {
    // Whether the length is encrypted with the rest differs.
    const encrypted = (cipher._aadLen === 0 ? 5 : 1) + payloadBytes;
    const rest = blockBytes - (encrypted % blockBytes);
    const padding = rest < paddingBytesMin ? rest + blockBytes : rest;
    const bytes = 5 + payloadBytes + padding;
    if (space.length < bytes) space = Buffer.alloc(bytes);
    const packet = space.subarray(0, bytes);
    packet.writeUInt32BE(bytes - 4);
    packet[4] = padding;
    return packet.fill(0, bytes - padding);
  };
}

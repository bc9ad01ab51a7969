// The first packet of a key exchange, sent before it is known which one (RFC 4253 §7): Dropbear's clients guess.

import type Protocol from 'ssh2/lib/protocol/Protocol.js';
import { FieldReader } from './fields.ts';

const cookieBytes = 16;

/**
 * The library takes every guess for a wrong one, and waits for the packet that it dropped: it holds the agreed name
 * against the first letter of it. What it says is asked again here.
 */
export function readGuesses(protocol: Protocol): void {
  let guessed = false;
  Object.defineProperty(protocol, '_skipNextInboundPacket', {
    get: () => guessed && !isRight(protocol),
    set: (value: boolean) => {
      guessed = value;
    },
  });
}

/** Both sides prefer the same exchange and the same kind of host key. */
function isRight({ _kex: exchange }: Protocol): boolean {
  if (exchange === undefined) return false;
  const own = preferred(exchange._kexinit);
  const peers = preferred(exchange._remoteKexinit);
  return own.every((name, list) => name !== undefined && name === peers[list]);
}

function preferred(keyExchangeInit: Buffer): readonly (string | undefined)[] {
  const fields = new FieldReader(keyExchangeInit, 1 + cookieBytes);
  return [fields.names()[0], fields.names()[0]];
}

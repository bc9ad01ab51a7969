// OpenSSH before 10 prefers counter mode with HMAC to AES-GCM, which takes a third less of the gateway's CPU. A client that knows
// both and moves much is asked for other keys once, with GCM alone on offer: what it knows it has said by then.

import type Protocol from 'ssh2/lib/protocol/Protocol.js';
import type { Negotiated, OfferedWay, Offer } from 'ssh2/lib/protocol/Protocol.js';
import { FieldReader } from './fields.ts';

/** Of other clients nothing is known of what they make of an exchange in the middle of a transfer. */
const changes = /^SSH-2\.0-OpenSSH_/;
/** Less is not worth an exchange. */
const bulkBytes = 1024 * 1024;
/** Of SSH_MSG_KEXINIT, behind the cookie. */
const listsOffset = 17;

const isCheap = (cipher: string): boolean => cipher.endsWith('-gcm@openssh.com');

export class CipherChange {
  readonly #protocol: Protocol;
  #peerKnows = false;
  #wanted = false;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
  }

  /** @param payload The peer's SSH_MSG_KEXINIT. */
  heard(payload: Buffer): void {
    const fields = new FieldReader(payload, listsOffset);
    fields.names();
    fields.names();
    this.#peerKnows = fields.names().some(isCheap) && fields.names().some(isCheap);
  }

  agreed({ cs, sc }: Negotiated): void {
    const isClient = changes.test(this.#protocol._remoteIdentRaw?.toString('latin1') ?? '');
    const isDear = [cs, sc].some(({ cipher }) => !isCheap(cipher));
    this.#wanted = isClient && isDear && this.#peerKnows;
  }

  /** True once, when it is time to ask; what is offered from then on has changed. */
  isDue(moved: { readonly bytesRead: number; readonly bytesWritten: number }): boolean {
    if (!this.#wanted || moved.bytesRead + moved.bytesWritten < bulkBytes) return false;
    // What is chosen from must be what was sent.
    if (this.#protocol._kexinit !== undefined) return false;
    this.#wanted = false;
    this.#offerCheap();
    return true;
  }

  #offerCheap(): void {
    const { lists, constructor } = this.#protocol._offer;
    const way = ({ cipher, mac, compress, lang }: OfferedWay): Offer['cs'] => ({
      cipher: cipher.array.filter(isCheap),
      mac: mac.array,
      compress: compress.array,
      lang: lang.array,
    });
    const { kex, serverHostKey, cs, sc } = lists;
    const names = kex.buffer.toString('latin1').split(',');
    const offer = new constructor({
      ...{ kex: names, serverHostKey: serverHostKey.array, cs: way(cs), sc: way(sc) },
    });
    // The library is not to choose all that it sends.
    offer.lists.kex.array = kex.array;
    this.#protocol._offer = offer;
  }
}

import { Duplex } from 'node:stream';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { Outbox } from '../../../../hosts/postgres/session/outbox.ts';

interface Peer {
  readonly socket: Duplex;
  readonly text: () => string;
  /** Takes all that was written so far and what comes by that. */
  readonly accept: () => void;
}

function slowPeer(): Peer {
  const chunks: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(Buffer.from(chunk));
      waiting.push(done);
    },
  });
  const accept = (): void => {
    for (let done = waiting.shift(); done !== undefined; done = waiting.shift()) done();
  };
  return { socket, text: () => Buffer.concat(chunks).toString(), accept };
}

describe('bytes for one peer', () => {
  it('are written together, in order, at the flush', () => {
    const peer = slowPeer();
    const outbox = new Outbox(peer.socket, 1024);
    for (const word of ['one ', 'two ', 'three']) outbox.push(Buffer.from(word));
    expect(peer.text()).toBe('');
    expect(outbox.flush()).toBe(true);
    peer.accept();
    expect(peer.text()).toBe('one two three');
  });

  it('keep their order and gaps when they are views of one chunk', () => {
    const peer = slowPeer();
    const outbox = new Outbox(peer.socket, 1024);
    const chunk = Buffer.from('abcDROPPEDdefghi');
    outbox.push(chunk.subarray(0, 3));
    outbox.push(chunk.subarray(10, 13));
    outbox.push(Buffer.from('-'));
    outbox.push(chunk.subarray(13, 16));
    outbox.push(chunk.subarray(0, 1));
    outbox.flush();
    peer.accept();
    expect(peer.text()).toBe('abcdef-ghia');
  });

  it('are the same bytes whether chunks are passed in parts or pushed as views, in any mixture', () => {
    const chunk = Buffer.from('abcdefghijklmnopqrstuvwxyz').subarray(2);
    const step = fc.record({ start: fc.nat(24), length: fc.nat(6), passes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const peer = slowPeer();
        const outbox = new Outbox(peer.socket, 1024);
        let expected = '';
        let at = 0;
        for (const { start, length, passes } of steps) {
          // Every other one begins where the last ended, as frames do.
          const from = start % 2 === 0 ? at : start;
          at = Math.min(chunk.length, from + length);
          expected += chunk.toString('utf8', from, at);
          if (passes) outbox.pass(chunk, from, at);
          else outbox.push(chunk.subarray(from, at));
        }
        outbox.flush();
        peer.accept();
        expect(peer.text()).toBe(expected);
      }),
    );
  });

  it('say when the peer is slow, and a drain follows', async () => {
    const peer = slowPeer();
    const outbox = new Outbox(peer.socket, 0);
    outbox.push(Buffer.alloc(peer.socket.writableHighWaterMark + 1));
    expect(outbox.flush()).toBe(false);
    const drained = new Promise((resolve) => peer.socket.once('drain', resolve));
    peer.accept();
    await drained;
    expect(outbox.flush()).toBe(true);
  });

  it('are dropped when the peer is gone', () => {
    const peer = slowPeer();
    const outbox = new Outbox(peer.socket, 1024);
    peer.socket.destroy();
    outbox.push(Buffer.from('late'));
    expect(() => outbox.flush()).not.toThrow();
    expect(peer.text()).toBe('');
  });
});

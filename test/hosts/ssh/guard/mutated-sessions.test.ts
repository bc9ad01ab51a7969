// Sessions with wrong bytes in them, in plain packets and under encryption: each ends by itself, or goes on, and the
// server serves the next.

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  about,
  channelRequest,
  data,
  exec,
  loggedIn,
  openRequest,
  passwordRequest,
  run,
  serviceRequest,
} from '../../../support/ssh/raw-client.ts';
import { FieldWriter, RawPeer, dialPlain } from '../../../support/ssh/raw-peer.ts';
import type { SmallServer } from '../../../support/ssh/small-server.ts';
import { password, startSmallServer } from '../../../support/ssh/small-server.ts';

let server: SmallServer;
beforeAll(async () => {
  server = await startSmallServer({ limits: { loginSecondsMax: 2 } });
});
afterAll(async () => {
  await server.close();
});

const login = () => ({ port: server.port, username: 'ada', password });

/** What an ordinary client says, one message after the other. */
const transcript: readonly FieldWriter[] = [
  serviceRequest(),
  passwordRequest('ada', password),
  openRequest(),
  channelRequest(0, 'env').text('LANG').text('C'),
  channelRequest(0, 'pty-req').text('vt').uint32(80).uint32(24).uint32(0).uint32(0).text('\0'),
  exec(0, 'cat'),
  data(0, 'hello'),
  about(93, 0).uint32(100),
  new FieldWriter(80).text('tcpip-forward').boolean(true).text('localhost').uint32(0),
  about(96, 0),
  about(97, 0),
];

interface Mutation {
  readonly at: number;
  readonly offset: number;
  readonly bytes: Buffer;
  readonly how: 'replace' | 'insert' | 'cut';
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat(transcript.length - 1),
  offset: fc.nat(60),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  how: fc.constantFrom('replace', 'insert', 'cut'),
});

function mutated(payload: Buffer, { offset, bytes, how }: Mutation): Buffer {
  const at = Math.min(offset, payload.length);
  const behind = how === 'replace' ? at + bytes.length : at;
  const rest = how === 'cut' ? Buffer.alloc(0) : payload.subarray(behind);
  return Buffer.concat([payload.subarray(0, at), how === 'cut' ? Buffer.alloc(0) : bytes, rest]);
}

/** Over when the server has said or done what it does about it. */
async function settled(peer: RawPeer): Promise<void> {
  peer.send(new FieldWriter(80).text('are you there').boolean(true));
  await Promise.race([peer.next(82), peer.closed]);
}

it('under encryption', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      using peer = await RawPeer.dial(server.port);
      transcript.forEach((fields, at) => {
        const all = mutations.filter((each) => each.at === at);
        peer.send(all.reduce(mutated, fields.payload()));
      });
      await settled(peer);
    }),
    { numRuns: 150 },
  );
  using peer = await loggedIn(login());
  expect(await run(peer, 'echo well')).toBe('well\n');
});

it('around the packets themselves', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(9), fc.nat(255), fc.nat(20), async (offset, value, at) => {
      using peer = await RawPeer.dial(server.port);
      transcript.forEach((fields, index) => {
        peer.sendPacket(fields.payload(), (packet) => {
          if (index === at % transcript.length) packet[offset] = value;
        });
      });
      peer.socket.end();
      await peer.closed;
    }),
    { numRuns: 80 },
  );
  using peer = await loggedIn(login());
  expect(await run(peer, 'echo well')).toBe('well\n');
});

it('before there are keys', async () => {
  await fc.assert(
    fc.asyncProperty(mutation, fc.boolean(), async (change, whole) => {
      const socket = await dialPlain(server.port);
      let written = 0;
      using peer = new RawPeer(socket, {
        rewrite: (bytes) => {
          written += 1;
          if (written !== 1 + (change.at % 3)) return bytes;
          const packet = mutated(Buffer.from(bytes), { ...change, offset: change.offset * 5 });
          return whole ? packet : packet.subarray(0, packet.length - 1);
        },
      });
      setTimeout(() => socket.end(), 30);
      await peer.closed;
    }),
    { numRuns: 80 },
  );
  using peer = await loggedIn(login());
  expect(await run(peer, 'echo well')).toBe('well\n');
});

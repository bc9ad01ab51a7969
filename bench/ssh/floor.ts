// The CPU that carrying 100 MB as SSH's packets takes in Node at the least, to hold the gateway's against.

import { fork } from 'node:child_process';
import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';

import { packet } from './floor-packet.ts';

const transferBytes = 100_000_000;
/** As `bin/sallyport` has them. */
const execArgv = [
  ...['--max-semi-space-size=32', '--initial-old-space-size=256'],
  ...['--external-memory-accounted-in-global-limit', '--disable-warning=ExperimentalWarning'],
];

/** Seconds, of each of `count` transfers behind two that warm up. */
export async function floorSeconds(count: number): Promise<readonly number[]> {
  const sealed = sealedPacket();
  const packets = Math.ceil(transferBytes / packet.encryptedBytes);
  const source = createServer((socket) => {
    const all = Array.from({ length: packets }, () => sealed);
    void pipeline(Readable.from(all, { objectMode: false }), socket);
  });
  source.listen(0, '127.0.0.1');
  await once(source, 'listening');
  const relay = fork(new URL('./floor-process.ts', import.meta.url), { execArgv });
  try {
    relay.send((source.address() as AddressInfo).port);
    const [port] = (await once(relay, 'message')) as [number];
    const samples: number[] = [];
    for (let transfer = 0; transfer < count + 2; transfer += 1) {
      const spent = once(relay, 'message') as Promise<[number]>;
      const caller = connect(port, '127.0.0.1').resume();
      await once(caller, 'close');
      samples.push((await spent)[0]);
    }
    return samples.slice(2);
  } finally {
    relay.kill();
    source.close();
  }
}

function sealedPacket(): Buffer {
  const length = Buffer.alloc(packet.lengthBytes);
  length.writeUInt32BE(packet.encryptedBytes);
  const cipher = createCipheriv(packet.algorithm, packet.key, packet.iv);
  cipher.setAAD(length);
  const encrypted = cipher.update(Buffer.alloc(packet.encryptedBytes, 'sallyport bench '));
  cipher.final();
  return Buffer.concat([length, encrypted, cipher.getAuthTag()]);
}

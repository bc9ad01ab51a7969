// The least that carrying SSH's packets takes in Node: bytes from one socket are deciphered, enciphered and written to another,
// with AES-128-GCM and packets as OpenSSH makes them, and nothing else. Prints its port, and after each transfer its CPU.

import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { packet } from './floor-packet.ts';

const { lengthBytes, encryptedBytes, tagBytes, iv, algorithm } = packet;
const key = createSecretKey(packet.key);
const packetBytes = lengthBytes + encryptedBytes + tagBytes;

process.once('message', (sourcePort: number) => {
  const server = createServer({ noDelay: true }, (caller) => {
    const source = connect({ port: sourcePort, host: '127.0.0.1', noDelay: true });
    relay(source, caller);
  });
  server.listen(0, '127.0.0.1', () => {
    process.send?.((server.address() as AddressInfo).port);
  });
});

function relay(source: Socket, caller: Socket): void {
  const before = process.cpuUsage();
  const split = Buffer.alloc(packetBytes);
  let held = 0;
  source.on('data', (chunk: Buffer) => {
    caller.cork();
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + packetBytes - held);
      at += piece.length;
      if (piece.length === packetBytes) {
        carry(piece, caller);
        continue;
      }
      split.set(piece, held);
      held = (held + piece.length) % packetBytes;
      if (held === 0) carry(split, caller);
    }
    caller.uncork();
    if (caller.writableNeedDrain) source.pause();
  });
  caller.on('drain', () => source.resume());
  source.once('end', () => {
    const { user, system } = process.cpuUsage(before);
    process.send?.((user + system) / 1_000_000);
    caller.end();
  });
}

function carry(bytes: Buffer, to: Socket): void {
  const length = Buffer.from(bytes.subarray(0, lengthBytes));
  const decipher = createDecipheriv(algorithm, key, iv);
  decipher.setAAD(length);
  decipher.setAuthTag(bytes.subarray(lengthBytes + encryptedBytes));
  const plain = decipher.update(bytes.subarray(lengthBytes, lengthBytes + encryptedBytes));
  decipher.final();
  const cipher = createCipheriv(algorithm, key, iv);
  cipher.setAAD(length);
  to.write(length);
  to.write(cipher.update(plain));
  cipher.final();
  to.write(cipher.getAuthTag());
}

// Every packet that real clients and a real server exchanged is read and shown; requests are written back byte for byte.

import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { PacketReader } from '../../../../../hosts/ssh/files/sftp/packet-reader.ts';
import { packetTypes } from '../../../../../hosts/ssh/files/sftp/packet-types.ts';
import {
  decodeSftpRequest,
  encodeSftpRequest,
} from '../../../../../hosts/ssh/files/sftp/request.ts';
import { traceSftp } from '../../../../support/sftp-trace.ts';

const folder = new URL('../../../../transcripts/sftp/', import.meta.url);

interface Entry {
  readonly from: 'client' | 'target';
  readonly trace: string;
  readonly packet: Buffer;
}

function read(file: string): readonly Entry[] {
  const lines = readFileSync(new URL(file, folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return lines.flatMap((line, index): Entry[] => {
    if (index % 2 === 1) return [];
    const packet = Buffer.from((lines[index + 1] ?? '').trim(), 'hex');
    return [{ from: line.startsWith('C') ? 'client' : 'target', trace: line.slice(2), packet }];
  });
}

const bulky: ReadonlySet<number | undefined> = new Set([packetTypes.init, packetTypes.write]);

describe.each(readdirSync(folder))('%s', (file) => {
  const entries = read(file);

  it('is shown as it was when it was recorded', () => {
    expect(entries.map(({ packet }) => traceSftp(packet))).toEqual(
      entries.map(({ trace }) => trace),
    );
    expect(entries.length).toBeGreaterThan(50);
  });

  it('has requests that are written as they were read', () => {
    const requests = entries.filter(
      ({ from, packet }) => from === 'client' && !bulky.has(packet[4]),
    );
    for (const { packet } of requests) {
      expect(encodeSftpRequest(decodeSftpRequest(packet)).toString('hex')).toBe(
        packet.toString('hex'),
      );
    }
  });

  it.each(['client', 'target'] as const)('is cut into the same packets: %s', (from) => {
    const packets = entries.filter((entry) => entry.from === from).map(({ packet }) => packet);
    const stream = Buffer.concat(packets);
    for (const size of [1, 7, 100, stream.length]) {
      const reader = new PacketReader({ from, packetBytesMax: 100_000 });
      const pieces: Buffer[] = [];
      const found: string[] = [];
      for (let offset = 0; offset < stream.length; offset += size) {
        reader.push(stream.subarray(offset, offset + size));
        for (let piece = reader.next(); piece !== undefined; piece = reader.next()) {
          pieces.push(piece.bytes);
          if (piece.bytesLeft === 0) found.push(Buffer.concat(pieces.splice(0)).toString('hex'));
        }
      }
      expect(found).toEqual(packets.map((packet) => packet.toString('hex')));
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { PacketReader } from '../../../../../hosts/ssh/files/sftp/packet-reader.ts';
import {
  decodeSftpRequest,
  decodeWriteHead,
  encodeSftpRequest,
  encodeWrite,
  type RequestKind,
  type SftpRequest,
} from '../../../../../hosts/ssh/files/sftp/request.ts';
import {
  decodeDataHead,
  decodeSftpResponse,
  encodeData,
  encodeSftpResponse,
  type SftpResponse,
} from '../../../../../hosts/ssh/files/sftp/response.ts';
import {
  decodeSftpVersion,
  encodeSftpVersion,
} from '../../../../../hosts/ssh/files/sftp/version.ts';
import { RefusedRequest } from '../../../../../hosts/ssh/files/rules.ts';

const id = fc.nat(0xffff_ffff);
const uint32 = id;
const offset = fc.maxSafeNat();
const path = fc
  .string({ maxLength: 30, unit: 'binary' })
  .filter((text) => !text.includes('\0') && text.isWellFormed());
const handle = fc.string({
  maxLength: 256,
  unit: fc.nat(255).map((byte) => String.fromCharCode(byte)),
});
const attributes = fc.record(
  {
    size: offset,
    owner: fc.record({ user: uint32, group: uint32 }),
    permissions: uint32,
    times: fc.record({ access: uint32, modification: uint32 }),
  },
  { requiredKeys: [] },
);
const ids = fc.array(uint32, { maxLength: 5 }).map((list) => {
  const bytes = Buffer.alloc(4 * list.length);
  list.forEach((value, index) => bytes.writeUInt32BE(value, 4 * index));
  return bytes;
});

const kindOf = <T extends RequestKind>(...kinds: readonly T[]): fc.Arbitrary<T> =>
  fc.constantFrom(...kinds);

const requests: readonly fc.Arbitrary<SftpRequest>[] = [
  fc.record({
    kind: kindOf(
      'lstat',
      'stat',
      'opendir',
      'remove',
      'rmdir',
      'realpath',
      'readlink',
      'statvfs',
      'expand-path',
      'home-directory',
    ),
    id,
    path,
  }),
  fc.record({ kind: kindOf('setstat', 'mkdir', 'lsetstat'), id, path, attributes }),
  fc.record({ kind: kindOf('rename', 'posix-rename', 'hardlink', 'symlink'), id, path, to: path }),
  fc.record({ kind: kindOf('open'), id, path, flags: uint32, attributes }),
  fc.record({ kind: kindOf('close', 'fstat', 'readdir', 'fsync', 'fstatvfs'), id, handle }),
  fc.record({ kind: kindOf('fsetstat'), id, handle, attributes }),
  fc.record({ kind: kindOf('read'), id, handle, offset, bytes: uint32 }),
  fc.record({
    kind: kindOf('copy-data'),
    id,
    handle,
    offset,
    bytes: offset,
    toHandle: handle,
    toOffset: offset,
  }),
  fc.record({ kind: kindOf('users-groups-by-id'), id, users: ids, groups: ids }),
  fc.record({ kind: kindOf('limits'), id }),
];

const responses: readonly fc.Arbitrary<SftpResponse>[] = [
  fc.record({ kind: fc.constant('status'), id, code: uint32, message: path }),
  fc.record({ kind: fc.constant('handle'), id, handle: handle.filter((text) => text !== '') }),
  fc.record({ kind: fc.constant('attrs'), id, attributes }),
  fc.record({
    kind: fc.constant('name'),
    id,
    names: fc.array(fc.record({ name: path.map((text) => Buffer.from(text)), attributes }), {
      maxLength: 4,
    }),
  }),
  fc.record({
    kind: fc.constant('extended-reply'),
    id,
    body: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  }),
];

describe('a request', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.oneof(...requests), (request) => {
        expect(decodeSftpRequest(encodeSftpRequest(request))).toEqual(request);
      }),
      { numRuns: 200 },
    );
  });

  it('that is cut off anywhere, or goes on, is refused', () => {
    fc.assert(
      fc.property(fc.oneof(...requests), fc.nat(200), (request, cut) => {
        const packet = encodeSftpRequest(request);
        const short = packet.subarray(0, 5 + (cut % (packet.length - 5)));
        expect(() => decodeSftpRequest(short)).toThrow(RefusedRequest);
        expect(() => decodeSftpRequest(Buffer.concat([packet, Buffer.alloc(1)]))).toThrow(
          RefusedRequest,
        );
      }),
    );
  });

  it('to write is read by its head', () => {
    fc.assert(
      fc.property(id, handle, offset, fc.string(), (number, name, at, text) => {
        const content = Buffer.from(text);
        const head = { id: number, handle: name, offset: at, bytes: content.length };
        const packet = encodeWrite(head, content);
        expect(decodeWriteHead(packet.subarray(0, packet.length - content.length))).toEqual(head);
        packet.writeUInt32BE(packet.length - 3, 0);
        expect(() => decodeWriteHead(packet)).toThrow(RefusedRequest);
      }),
    );
  });
});

describe('a response', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.oneof(...responses), (response) => {
        expect(decodeSftpResponse(encodeSftpResponse(response))).toEqual(response);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    [
      'a status without message',
      '0000000965000000010000 0002',
      { kind: 'status', id: 1, code: 2, message: '' },
    ],
    [
      'attributes that are extended',
      '0000001b 69 00000001 80000000 00000001 00000003616263 0000000364 6566',
      { kind: 'attrs', id: 1, attributes: {} },
    ],
  ])('may be %s', (_, hex, response) => {
    const packet = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    packet.writeUInt32BE(packet.length - 4, 0);
    expect(decodeSftpResponse(packet)).toEqual(response);
  });

  it.each([
    ['names that are not there', '68 00000001 ffffffff'],
    ['extended attributes that are not there', '69 00000001 80000000 ffffffff'],
    ['a handle that runs past the packet', '66 00000001 00000005 41'],
    ['a size beyond 2^53', '69 00000001 00000001 ffffffffffffffff'],
    ['no number', '65 0000'],
  ])('with %s is broken', (_, hex) => {
    const packet = Buffer.concat([Buffer.alloc(4), Buffer.from(hex.replaceAll(' ', ''), 'hex')]);
    packet.writeUInt32BE(packet.length - 4, 0);
    expect(() => decodeSftpResponse(packet)).toThrow(
      expect.objectContaining({ rule: 'target-packet-malformed' }),
    );
  });

  it('with data is read by its head', () => {
    const packet = encodeData(7, Buffer.from('content'));
    expect(decodeDataHead(packet.subarray(0, 13))).toEqual({ id: 7, bytes: 7 });
    packet.writeUInt32BE(packet.length - 3, 0);
    expect(() => decodeDataHead(packet)).toThrow(
      expect.objectContaining({ rule: 'target-packet-malformed' }),
    );
  });
});

describe('a version', () => {
  it('is read as it was written', () => {
    const extensions = [
      ['a', '1'],
      ['b\xff', ''],
    ] as const;
    for (const type of ['init', 'version'] as const) {
      const packet = encodeSftpVersion(type, { version: 3, extensions });
      expect(decodeSftpVersion(packet)).toEqual({ version: 3, extensions });
      expect(() => decodeSftpVersion(packet.subarray(0, -1))).toThrow(RefusedRequest);
    }
  });
});

describe('PacketReader', () => {
  const packets = [
    encodeSftpRequest({ kind: 'stat', id: 1, path: '/a' }),
    encodeWrite({ id: 2, handle: 'H', offset: 0, bytes: 300 }, Buffer.alloc(300, 1)),
    encodeWrite({ id: 3, handle: '', offset: 0, bytes: 0 }, Buffer.alloc(0)),
    encodeSftpRequest({ kind: 'limits', id: 4 }),
  ];
  const stream = Buffer.concat(packets);

  /** Whole packets, put together from their pieces. */
  function readAll(chunks: readonly Buffer[], packetBytesMax = 1000): string[] {
    const reader = new PacketReader({ from: 'client', packetBytesMax });
    const found: Buffer[][] = [];
    for (const chunk of chunks) {
      reader.push(chunk);
      for (let piece = reader.next(); piece !== undefined; piece = reader.next()) {
        if (piece.opens) found.push([]);
        found.at(-1)?.push(piece.bytes);
      }
    }
    return found.map((pieces) => Buffer.concat(pieces).toString('hex'));
  }

  it('gives the same packets whole, byte by byte, and cut at every place', () => {
    const whole = packets.map((packet) => packet.toString('hex'));
    expect(readAll([stream])).toEqual(whole);
    expect(readAll(Array.from(stream, (byte) => Buffer.from([byte])))).toEqual(whole);
    for (let cut = 1; cut < stream.length; cut += 1) {
      expect(readAll([stream.subarray(0, cut), stream.subarray(cut)])).toEqual(whole);
    }
  });

  it('gives the head of what has content in one piece', () => {
    const reader = new PacketReader({ from: 'client', packetBytesMax: 1000 });
    const packet = packets[1] ?? stream;
    const pieces: number[] = [];
    for (const byte of packet) {
      reader.push(Buffer.from([byte]));
      for (let piece = reader.next(); piece !== undefined; piece = reader.next()) {
        pieces.push(piece.headBytes);
        expect(piece.bytesLeft).toBe(300 - pieces.length + 1);
      }
    }
    expect(pieces).toEqual([26, ...Array.from({ length: 300 }, () => 0)]);
    expect(reader.idle).toBe(true);
  });

  it('takes a head that cannot be right for a packet without content', () => {
    const packet = encodeWrite(
      { id: 1, handle: 'x'.repeat(257), offset: 0, bytes: 9 },
      Buffer.alloc(9),
    );
    const reader = new PacketReader({ from: 'client', packetBytesMax: 1000 });
    reader.push(packet);
    expect(reader.next()).toMatchObject({ headBytes: packet.length, bytesLeft: 0 });
  });

  it.each(['00000000', '000003e9', 'ffffffff'])(
    'refuses the length %s before anything follows it',
    (hex) => {
      const reader = new PacketReader({ from: 'client', packetBytesMax: 1000 });
      reader.push(Buffer.from(hex, 'hex'));
      for (let again = 0; again < 2; again += 1) {
        expect(() => reader.next()).toThrow(expect.objectContaining({ rule: 'packet-length' }));
      }
    },
  );

  it('refuses a chunk before the last one was read', () => {
    const reader = new PacketReader({ from: 'client', packetBytesMax: 1000 });
    reader.push(stream);
    expect(() => {
      reader.push(stream);
    }).toThrow('push before');
  });
});

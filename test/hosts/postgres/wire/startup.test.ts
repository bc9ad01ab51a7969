import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeStartupPacket,
  encodeCancelRequest,
  encodeGssRequest,
  encodeQuery,
  encodeSslRequest,
  encodeStartup,
  StartupReader,
} from '../../../../hosts/postgres/wire/index.ts';

const packet = (version: number, body: string): Buffer => {
  const bytes = Buffer.alloc(8 + Buffer.byteLength(body, 'latin1'));
  bytes.writeInt32BE(bytes.length, 0);
  bytes.writeInt32BE(version, 4);
  bytes.write(body, 8, 'latin1');
  return bytes;
};
const v3 = 0x30000;
const refused = (code: string): unknown => expect.objectContaining({ name: 'WireError', code });

describe('decodeStartupPacket', () => {
  it('reads the requests that come before a startup message', () => {
    expect(decodeStartupPacket(encodeSslRequest())).toEqual({ kind: 'ssl' });
    expect(decodeStartupPacket(encodeGssRequest())).toEqual({ kind: 'gss' });
    const secretKey = Buffer.from('01020304', 'hex');
    const cancel = encodeCancelRequest({ processId: 7, secretKey });
    expect(decodeStartupPacket(cancel)).toEqual({ kind: 'cancel', processId: 7, secretKey });
  });

  it('reads the parameters that decide, and keeps the others', () => {
    const parameters = [
      ['user', 'ada'],
      ['database', 'shop/main'],
      ['application_name', 'psql'],
      ['options', '-c search_path=x'],
      ['replication', 'database'],
      ['client_encoding', 'UTF8'],
    ] as const;
    expect(decodeStartupPacket(encodeStartup(parameters))).toEqual({
      kind: 'startup',
      version: v3,
      parameters,
      user: 'ada',
      database: 'shop/main',
      applicationName: 'psql',
      options: '-c search_path=x',
      replication: 'database',
      negotiation: undefined,
    });
  });

  it('matches names without case, so that a second spelling hides nothing', () => {
    const startup = packet(v3, 'USER\0ada\0Options\0-c a=b\0REPLICATION\0true\0\0');
    expect(decodeStartupPacket(startup)).toMatchObject({
      user: 'ada',
      options: '-c a=b',
      replication: 'true',
    });
    const twice = packet(v3, 'user\0ada\0User\0root\0\0');
    expect(() => decodeStartupPacket(twice)).toThrow(refused('message-malformed'));
  });

  it('takes an empty database for none', () => {
    const startup = packet(v3, 'user\0ada\0database\0\0\0');
    expect(decodeStartupPacket(startup)).toMatchObject({ database: undefined });
  });

  it('offers 3.2 to a newer minor version, and what was asked for without protocol options', () => {
    const newer = encodeStartup(
      [
        ['user', 'ada'],
        ['_pq_.feature', '1'],
      ],
      0x30003,
    );
    const unrecognized = ['_pq_.feature'];
    expect(decodeStartupPacket(newer)).toMatchObject({
      version: 0x30002,
      negotiation: { version: 0x30002, unrecognized },
    });
    const option = encodeStartup([['_pq_.feature', '1']]);
    expect(decodeStartupPacket(option)).toMatchObject({
      version: v3,
      negotiation: { version: v3, unrecognized },
    });
    const known = encodeStartup([['user', 'ada']], 0x30002);
    expect(decodeStartupPacket(known)).toMatchObject({ version: 0x30002, negotiation: undefined });
  });

  it.each([
    ['protocol 2.0', packet(0x20000, '\0')],
    ['protocol 4.0', packet(0x40000, '\0')],
    ['protocol 0.0', packet(0, '\0')],
    ['an unknown request code', packet(80877105, '')],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeStartupPacket(bytes)).toThrow(refused('protocol-unsupported'));
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a length alone', Buffer.from('00000004', 'hex')],
    ['a length that is not the size', Buffer.from('0000000904d2162f', 'hex')],
    ['bytes behind an SSLRequest', packet(80877103, 'x')],
    ['bytes behind a GSSENCRequest', packet(80877104, '\0\0\0\0')],
    ['a cancel key of 3 bytes', packet(80877102, '\0\0\0\x01abc')],
    ['a cancel key of 257 bytes', packet(80877102, `\0\0\0\x01${'k'.repeat(257)}`)],
    ['no terminator', packet(v3, 'user\0ada\0')],
    ['no parameters at all', packet(v3, '')],
    ['a name without a value', packet(v3, 'user\0')],
    ['an unterminated value', packet(v3, 'user\0ada')],
    ['bytes behind the terminator', packet(v3, 'user\0ada\0\0\0')],
    ['a hidden second list', packet(v3, 'user\0ada\0\0options\0-c x\0\0')],
    ['a name given twice', packet(v3, 'user\0ada\0user\0ada\0\0')],
    ['a name that is not ASCII', packet(v3, 'user\0ada\0opt\xc4\xb1ons\0x\0\0')],
    ['a name with a space', packet(v3, 'user \0ada\0\0')],
    ['a value that is not UTF-8', packet(v3, 'user\0ad\xff\0\0')],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeStartupPacket(bytes)).toThrow(refused('message-malformed'));
  });

  it('gives back what was encoded', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
    const name = fc.stringMatching(/^[a-z][a-z0-9_.]{0,20}$/);
    const list = fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key });
    fc.assert(
      fc.property(list, (parameters) => {
        expect(decodeStartupPacket(encodeStartup(parameters))).toMatchObject({ parameters });
      }),
    );
  });

  it('refuses to write what would be read as other parameters', () => {
    expect(() => encodeStartup([['user', 'ada\0options\0-c x']])).toThrow('NUL');
    expect(() => encodeStartup([['', 'ada']])).toThrow('without a name');
  });
});

describe('StartupReader', () => {
  const startup = encodeStartup([['user', 'ada']]);

  it('cuts packets, however they are chunked', () => {
    const stream = Buffer.concat([encodeSslRequest(), startup]);
    for (const size of [1, 3, 8, 9, stream.length]) {
      const reader = new StartupReader(1000);
      const packets: string[] = [];
      for (let offset = 0; offset < stream.length; offset += size) {
        reader.push(stream.subarray(offset, offset + size));
        const next = reader.next()?.toString('hex');
        if (next !== undefined) packets.push(next);
      }
      for (let next = reader.next(); next !== undefined; next = reader.next()) {
        packets.push(next.toString('hex'));
      }
      expect(packets).toEqual([encodeSslRequest().toString('hex'), startup.toString('hex')]);
    }
  });

  it('shows bytes that were pipelined behind an SSLRequest', () => {
    const reader = new StartupReader(1000);
    reader.push(Buffer.concat([encodeSslRequest(), startup]));
    reader.next();
    expect(reader.unread).toBe(startup.length);
  });

  it('hands over what follows the startup message', () => {
    const reader = new StartupReader(1000);
    reader.push(Buffer.concat([startup, encodeQuery('select 1')]));
    reader.next();
    expect(reader.take()).toEqual(encodeQuery('select 1'));
    expect(reader.unread).toBe(0);
  });

  it.each([
    ['ffffffff', 'message-malformed'],
    ['00000000', 'message-malformed'],
    ['00000007', 'message-malformed'],
    ['000003e9', 'message-too-large'],
    ['7fffffff', 'message-too-large'],
    ['16030100', 'message-too-large'],
  ])('refuses the length %s as soon as it is there', (length, code) => {
    const reader = new StartupReader(1000);
    reader.push(Buffer.from(length, 'hex'));
    expect(() => reader.next()).toThrow(refused(code));
  });
});

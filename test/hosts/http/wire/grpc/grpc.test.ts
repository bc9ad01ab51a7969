import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  encodeGrpcMessage,
  GrpcMessageCounter,
  GrpcMessageError,
  grpcPath,
  grpcTimeoutMs,
  isGrpcType,
  statusOf,
} from '../../../../../hosts/http/wire/grpc/index.ts';

describe('grpcPath', () => {
  it('gives the service with its package, and the method', () => {
    expect(grpcPath('/shop.v1.Orders/Place')).toEqual({
      service: 'shop.v1.Orders',
      method: 'Place',
    });
    expect(grpcPath('/Orders/place_2')).toEqual({ service: 'Orders', method: 'place_2' });
  });

  it.each([
    '',
    '/',
    '/a',
    'a/b',
    '//b',
    '/a/',
    '/a/b/',
    '/a/b/c',
    '/a//b',
    '/.a/b',
    '/a./b',
    '/a..b/c',
    '/a/b.c',
    '/a/b?x',
    '/a/%62',
    '/a%2fb/c',
    '/a/b c',
    '/a/ü',
    '/a/..',
    '/1a/b',
    '/a-b/c',
    '/a/b\n',
  ])('knows no method in %j', (path) => {
    expect(grpcPath(path)).toBeUndefined();
  });
});

describe('encodeGrpcMessage', () => {
  it('leaves printable ASCII and percent-encodes the rest', () => {
    expect(encodeGrpcMessage('no: 5 % ü\n')).toBe('no: 5 %25 %C3%BC%0A');
  });

  it('is undone by decoding, and never holds what a header may not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const encoded = encodeGrpcMessage(message);
        expect(encoded).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeURIComponent(encoded)).toBe(message.toWellFormed());
      }),
    );
  });
});

describe('statusOf', () => {
  it.each([
    [['grpc-status', '0'], 0],
    [['x', 'y', 'grpc-status', '16', 'grpc-message', 'm'], 16],
    [[], undefined],
    [['grpc-message', 'grpc-status', 'grpc-x', '0'], undefined],
    [['grpc-status', '0', 'grpc-status', '7'], undefined],
    [['grpc-status', '0', 'grpc-status', '0'], undefined],
    [['grpc-status', '00'], undefined],
    [['grpc-status', '17'], undefined],
    [['grpc-status', ''], undefined],
    [['grpc-status', ' 0'], undefined],
    [['grpc-status', '+0'], undefined],
    [['grpc-status', '-1'], undefined],
    [['grpc-status', '0, 7'], undefined],
  ])('of %j is %j', (fields, status) => {
    expect(statusOf(fields)).toBe(status);
  });
});

describe('grpcTimeoutMs', () => {
  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3_000],
    ['99999999m', 99_999_999],
    ['5000u', 5],
    ['1000000n', 1],
    ['0S', 0],
    ['', undefined],
    ['1', undefined],
    ['S', undefined],
    ['123456789S', undefined],
    ['1s', undefined],
    ['-1S', undefined],
    ['1 S', undefined],
    ['1.5S', undefined],
  ])('of %j is %j', (value, ms) => {
    expect(grpcTimeoutMs(value)).toBe(ms);
  });
});

describe('isGrpcType', () => {
  it('takes gRPC and its formats, and nothing that begins like it', () => {
    const yes = ['application/grpc', 'application/grpc+proto', 'application/grpc;charset=x'];
    const no = [
      undefined,
      '',
      'application/grpc-web',
      'application/grpcx',
      'text/application/grpc',
    ];
    expect(yes.filter(isGrpcType)).toEqual(yes);
    expect(no.filter(isGrpcType)).toEqual([]);
  });
});

const message = (bytes: number, flag = 0): Buffer => {
  const framed = Buffer.alloc(5 + bytes, 0xff);
  framed.writeUInt8(flag, 0);
  framed.writeUInt32BE(bytes, 1);
  return framed;
};

/** What it counted, or the rule that refused. */
function count(body: Buffer, sizes: readonly number[], messageBytesMax = 1_000): unknown {
  const counter = new GrpcMessageCounter(messageBytesMax);
  try {
    for (let at = 0, turn = 0; at < body.length; turn += 1) {
      const size = sizes[turn % sizes.length] ?? body.length;
      counter.push(body.subarray(at, at + size));
      at += size;
    }
    counter.end();
  } catch (error) {
    if (!(error instanceof GrpcMessageError)) throw error;
    return error.rule;
  }
  return [counter.messages, counter.bytes];
}

describe('GrpcMessageCounter', () => {
  it('counts the same messages however the body is cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 8 }), sizes, (lengths, chunkSizes) => {
        const body = Buffer.concat(lengths.map((bytes) => message(bytes, bytes % 2)));
        const expected = [lengths.length, body.length];
        expect(count(body, [])).toEqual(expected);
        expect(count(body, [1])).toEqual(expected);
        expect(count(body, chunkSizes)).toEqual(expected);
      }),
    );
  });

  it.each([
    ['a flag that does not exist', message(0, 2), 'compressed-flag'],
    ['a text', Buffer.from('{"json":true}'), 'compressed-flag'],
    ['a message over the limit', message(1_001), 'message-too-large'],
    ['the longest length there is', Buffer.from('00ffffffff', 'hex'), 'message-too-large'],
    ['a prefix that is cut', message(0).subarray(0, 4), 'message-cut'],
    ['a message that is cut', message(9).subarray(0, 13), 'message-cut'],
    ['a byte behind the last message', Buffer.concat([message(1), Buffer.of(0)]), 'message-cut'],
  ])('refuses %s', (_, body, rule) => {
    expect(count(body, [])).toBe(rule);
    expect(count(body, [1])).toBe(rule);
  });
});

import { once } from 'node:events';
import type { Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  contentDecoder,
  defaultDecodeLimits,
  MaskError,
  type DecodeLimits,
} from '../../../../hosts/http/masking/index.ts';
import { every, whole, type Cut } from './support.ts';

const decoderOf = (coding: string, limits: DecodeLimits): Transform => {
  const decoder = contentDecoder(coding, limits);
  if (decoder === undefined || 'kind' in decoder) throw new Error('no decoder');
  return decoder;
};

const decode = async (
  coding: string,
  coded: Buffer,
  cut: Cut = whole,
  limits: DecodeLimits = defaultDecodeLimits,
): Promise<Buffer | string> => {
  const decoder = decoderOf(coding, limits);
  try {
    for (const chunk of cut(coded)) decoder.write(chunk);
    decoder.end();
    return await buffer(decoder);
  } catch (error) {
    if (error instanceof MaskError) return error.code;
    throw error;
  }
};

/** At the speed of the others: the strongest compression is not what is tested. */
const encodeBrotli = (body: Buffer): Buffer =>
  brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });

const codings = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', encodeBrotli],
  ['zstd', zstdCompressSync],
] as const;

describe.each(codings)('contentDecoder of %s', (coding, encode) => {
  const body = Buffer.from('{"email":"ada@example.com"}\n'.repeat(500));
  const coded = encode(body);

  it('decodes, however the body is cut', async () => {
    expect(await decode(coding, coded)).toEqual(body);
    expect(await decode(coding.toUpperCase(), coded, every(1))).toEqual(body);
    expect(await decode(coding, coded, every(7))).toEqual(body);
  });

  it('decodes what is read slowly', async () => {
    const large = Buffer.alloc(3_000_000, body);
    const limits = { ...defaultDecodeLimits, ratioMax: 100_000 };
    const decoded = await decode(coding, encode(large), whole, limits);
    expect(large.equals(Buffer.from(decoded))).toBe(true);
  });

  it('takes an empty body for what it is', async () => {
    expect(await decode(coding, Buffer.alloc(0), () => [])).toHaveLength(0);
  });

  it.each([
    ['is cut', coded.subarray(0, -1)],
    ['is half', coded.subarray(0, coded.length >> 1)],
    ['is followed by a byte', Buffer.concat([coded, Buffer.from([0])])],
    ['is followed by text', Buffer.concat([coded, Buffer.from('{"email":"x"}')])],
    ['is not coded', body],
    ['is of another coding', encode === gzipSync ? encodeBrotli(body) : gzipSync(body)],
  ])('refuses a body that %s', async (_, bytes) => {
    expect(await decode(coding, bytes)).toBe('content-malformed');
    expect(await decode(coding, bytes, every(1))).toBe('content-malformed');
  });

  it('stops a bomb at the ratio', async () => {
    const bomb = encode(Buffer.alloc(8 * 1024 * 1024));
    expect(await decode(coding, bomb)).toBe('content-too-large');
    expect(await decode(coding, bomb, every(100))).toBe('content-too-large');
  });

  it('counts only what a bomb has used of itself, so that nothing goes on of one that comes at once', async () => {
    const bomb = encode(Buffer.alloc(64 * 1024 * 1024));
    const decoder = decoderOf(coding, defaultDecodeLimits);
    let bytes = 0;
    decoder.on('data', (piece: Buffer) => (bytes += piece.length));
    const stopped = once(decoder, 'error');
    decoder.end(bomb);
    await stopped;
    expect(bytes).toBe(0);
  });

  it('stops a body at its bound of bytes', async () => {
    const limits = { ...defaultDecodeLimits, bytesMax: body.length };
    expect(await decode(coding, coded, whole, limits)).toEqual(body);
    const less = { ...limits, bytesMax: body.length - 1 };
    expect(await decode(coding, coded, whole, less)).toBe('content-too-large');
  });
});

describe('contentDecoder', () => {
  it.each([undefined, '', 'identity', ' Identity '])('has nothing to do for %p', (coding) => {
    expect(contentDecoder(coding, defaultDecodeLimits)).toBeUndefined();
  });

  it.each(['gzip, gzip', 'compress', 'br;q=1', 'aws-chunked', 'gzip,'])(
    'takes no body of coding %p',
    (coding) => {
      expect(contentDecoder(coding, defaultDecodeLimits)).toMatchObject({ kind: 'unmaskable' });
    },
  );

  it('refuses deflate without its zlib frame, which some clients would read', async () => {
    expect(await decode('deflate', deflateRawSync('{"email":"x"}'))).toBe('content-malformed');
  });
});

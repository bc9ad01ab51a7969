// Small bodies that unpack to very large JSON documents: what a hostile origin sends.

import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { constants, createBrotliCompress, createGzip } from 'node:zlib';

export type BombEncoding = 'gzip' | 'br';

const megabyte = Buffer.alloc(1024 * 1024, ' ');
const made = new Map<string, Promise<Buffer>>();

/** A document of `megabytes` of white space and a pair of brackets; made once per size. */
export function bomb(encoding: BombEncoding, megabytes: number): Promise<Buffer> {
  const name = `${encoding} ${megabytes}`;
  const body = made.get(name) ?? compress(encoding, megabytes);
  made.set(name, body);
  return body;
}

async function compress(encoding: BombEncoding, megabytes: number): Promise<Buffer> {
  const compressor =
    encoding === 'gzip'
      ? createGzip({ level: 9 })
      : createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  const document = function* (): Generator<Buffer> {
    yield Buffer.from('[');
    for (let count = 0; count < megabytes; count += 1) yield megabyte;
    yield Buffer.from(']');
  };
  return buffer(Readable.from(document(), { objectMode: false }).pipe(compressor));
}

// The bytes that a payload comes to when it is judged: what a target may get, to the byte, and nothing else.

import type { HeaderField, RawRequest } from '../../../hosts/http/wire/index.ts';
import { canonicalise, serialiseHead } from '../../../hosts/http/wire/index.ts';
import { splitRequest } from '../../support/http-heads.ts';
import { readChunks } from './answers.ts';
import { decodeFields, framesIn, frameType, preface } from './http2-frames.ts';

interface Sent {
  readonly raw: RawRequest;
  readonly body: (framing: 'none' | 'length' | 'chunked') => string;
}

/** Stands for the signed name of the caller, which is another one in each session. */
export const anyAssertion = 'sallyport-assertion: any';

export const withoutAssertion = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/^sallyport-assertion: [\w.-]+$/gm, anyAssertion);

/** @param authority Of the target. */
export function judgedBytes(sentBytes: Buffer, authority: string): string {
  const isHttp2 = sentBytes.subarray(0, preface.length).equals(preface);
  const sent = isHttp2 ? sentHttp2(sentBytes) : sentHttp1(sentBytes);
  const result = canonicalise(sent.raw);
  if (result.kind === 'refused') return `refused: ${result.rule}`;
  const { request } = result;
  const { framing } = request;
  const body = sent.body(framing.kind);
  const head = serialiseHead(
    {
      ...request,
      fields: request.fields.filter(([name]) => name !== 'authorization'),
      framing: framing.kind === 'none' ? framing : { kind: 'length', bytes: body.length },
    },
    addedFields(request.authority),
    authority,
  );
  const bytes = withoutAssertion(Buffer.concat([head, Buffer.from(body, 'latin1')]));
  // No server is trusted to send nothing behind the head.
  return request.method === 'HEAD'
    ? bytes.replace('connection: keep-alive', 'connection: close')
    : bytes;
}

const addedFields = (asked: string): readonly HeaderField[] => [
  ['x-forwarded-for', '127.0.0.1'],
  ['x-forwarded-host', asked],
  ['x-forwarded-proto', 'https'],
  ['sallyport-assertion', 'any'],
];

function sentHttp1(bytes: Buffer): Sent {
  const end = bytes.indexOf('\r\n\r\n') + 4;
  const { rawHeaders, ...raw } = splitRequest(bytes.toString('latin1', 0, end));
  return {
    // Node's parser hands values on without the space around them.
    raw: { ...raw, rawHeaders: rawHeaders.map((each) => each.replace(/^[\t ]+|[\t ]+$/g, '')) },
    body: (framing) => {
      if (framing === 'chunked') return readChunks(bytes, end)?.text ?? '';
      return framing === 'none' ? '' : bytes.toString('latin1', end);
    },
  };
}

function sentHttp2(bytes: Buffer): Sent {
  const frames = framesIn(bytes.subarray(preface.length));
  const block = frames.find(({ type }) => type === frameType.headers);
  const fields = decodeFields(block?.payload ?? Buffer.alloc(0));
  const pseudo = new Map(fields.filter(([name]) => name.startsWith(':')));
  const data = frames.filter(({ type }) => type === frameType.data);
  return {
    raw: {
      version: '2',
      method: pseudo.get(':method') ?? '',
      target: pseudo.get(':path') ?? '',
      authority: pseudo.get(':authority'),
      scheme: 'https',
      namedScheme: pseudo.get(':scheme'),
      rawHeaders: fields.filter(([name]) => !name.startsWith(':')).flat(),
      endsWithHead: data.length === 0,
    },
    body: () => Buffer.concat(data.map(({ payload }) => payload)).toString('latin1'),
  };
}

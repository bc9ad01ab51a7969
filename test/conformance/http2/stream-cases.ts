// Streams: identifiers, states, how many at once, and requests that end otherwise than they said (RFC 9113 §5, §8.1).

import type { Field } from '../../adversarial/http/http2-frames.ts';
import { encodeFields, flag, frameType } from '../../adversarial/http/http2-frames.ts';
import type { Http2Case } from './case.ts';
import { data, frame, headers, replaced, uint32 } from './case.ts';

const { endHeaders, endStream } = flag;
const type = frameType;

const stateCases: readonly Http2Case[] = [
  {
    section: '5.1',
    name: 'DATA on an idle stream',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [data('hello')],
  },
  {
    section: '5.1',
    name: 'RST_STREAM on an idle stream',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [frame(type.reset, uint32(8))],
  },
  {
    section: '5.1',
    name: 'WINDOW_UPDATE on an idle stream',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [frame(type.windowUpdate, uint32(1))],
  },
  {
    section: '5.1',
    name: 'CONTINUATION on an idle stream',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ get }) => [frame(type.continuation, get.payload, { flags: endHeaders })],
  },
  {
    section: '5.1',
    name: 'DATA behind the end of a request',
    expect: 'connection error STREAM_CLOSED',
    frames: ({ get }) => [get, data('hello')],
  },
  {
    section: '5.1',
    name: 'HEADERS behind the end of a request',
    expect: 'connection error STREAM_CLOSED',
    frames: ({ get }) => [get, get],
  },
  {
    section: '5.1',
    name: 'CONTINUATION behind the end of a request',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ get }) => [get, frame(type.continuation, [], { flags: endHeaders })],
  },
  {
    section: '5.1',
    name: 'DATA behind RST_STREAM',
    expect: 'ignored',
    frames: ({ post }) => [post, frame(type.reset, uint32(8)), data('hello')],
  },
  {
    section: '5.1',
    name: 'HEADERS behind RST_STREAM',
    expect: 'ignored',
    frames: ({ post, get }) => [post, frame(type.reset, uint32(8)), get],
  },
  {
    section: '5.1',
    name: 'RST_STREAM twice',
    expect: 'ignored',
    frames: ({ post }) => [post, frame(type.reset, uint32(8)), frame(type.reset, uint32(8))],
  },
  {
    section: '5.1.1',
    name: 'an even stream identifier',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ get }) => [{ ...get, stream: 2 }],
  },
  {
    section: '5.1.1',
    name: 'an identifier below one that was used',
    expect: 'ignored',
    on: 3,
    frames: ({ get }) => [
      { ...get, stream: 5 },
      { ...get, stream: 3 },
    ],
  },
  {
    section: '5.1.2',
    name: 'one stream more than may be open at once',
    expect: 'stream error REFUSED_STREAM',
    on: 201,
    frames: ({ post }) => [
      ...Array.from({ length: 101 }, (_, index) => ({ ...post, stream: 2 * index + 1 })),
      frame(type.reset, uint32(8), { on: 3 }),
    ],
  },
];

const length = (value: string): Field => ['content-length', value];

const messageCases: readonly Http2Case[] = [
  {
    section: '8.1',
    name: 'trailers, which go no further',
    expect: 'served',
    frames: ({ post }) => [post, data('hello', 0), headers(encodeFields([['x-sum', '1']]))],
  },
  {
    section: '8.1',
    name: 'a second header block that ends nothing',
    expect: 'stream error PROTOCOL_ERROR',
    frames: ({ post }) => [
      post,
      data('hello', 0),
      headers(encodeFields([['x-sum', '1']]), endHeaders),
    ],
  },
  {
    section: '8.1',
    name: 'pseudo headers in trailers',
    expect: 'stream error PROTOCOL_ERROR',
    frames: ({ post }) => [post, data('hello', 0), headers(encodeFields([[':path', '/admin']]))],
  },
  {
    section: '8.1.1',
    name: 'a length above the one of the body',
    expect: 'stream error PROTOCOL_ERROR',
    frames: ({ fields }) => [
      headers(encodeFields([...replaced(fields, ':method', 'POST'), length('6')]), endHeaders),
      data('hello'),
    ],
  },
  {
    section: '8.1.1',
    name: 'a length below the one of the body',
    expect: 'connection error INTERNAL_ERROR',
    frames: ({ fields }) => [
      headers(encodeFields([...replaced(fields, ':method', 'POST'), length('4')]), endHeaders),
      data('hello'),
    ],
  },
  {
    section: '8.1.1',
    name: 'a length below the one of a body in pieces',
    expect: 'connection error INTERNAL_ERROR',
    frames: ({ fields }) => [
      headers(encodeFields([...replaced(fields, ':method', 'POST'), length('6')]), endHeaders),
      ...[data('hel', 0), data('lo', 0), data('!!')],
    ],
  },
  {
    section: '8.1.1',
    name: 'a length of nothing with a body',
    expect: 'connection error INTERNAL_ERROR',
    frames: ({ fields }) => [
      headers(encodeFields([...replaced(fields, ':method', 'POST'), length('0')]), endHeaders),
      data('hello'),
    ],
  },
  {
    section: '8.1.1',
    name: 'a length and no body',
    expect: 'stream error PROTOCOL_ERROR',
    frames: ({ fields }) => [
      headers(encodeFields([...fields, length('5')]), endHeaders | endStream),
    ],
  },
];

export const streamCases = [...stateCases, ...messageCases];

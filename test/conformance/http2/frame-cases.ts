// Frames: the preface, their sizes, their types on the wrong stream, and what they hold (RFC 9113 §3.4, §4, §6).

import {
  encodeFields,
  encodeFrame,
  flag,
  frameType,
  preface,
  settingsFrame,
} from '../../adversarial/http/http2-frames.ts';
import type { Http2Case } from './case.ts';
import { data, frame, headers, onConnection, replaced, setting, uint32 } from './case.ts';

const { endHeaders, endStream, padded, priority, ack } = flag;
const type = frameType;
const frameBytesMax = 16_384;
const windowMax = 2 ** 31 - 1;

const prefaceCases: readonly Http2Case[] = [
  {
    section: '3.4',
    name: 'another preface',
    expect: 'connection error INTERNAL_ERROR',
    isBare: true,
    frames: () => [Buffer.from('PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'), settingsFrame()],
  },
  {
    section: '3.4',
    name: 'HTTP/1.1 instead of a preface',
    expect: 'connection error INTERNAL_ERROR',
    isBare: true,
    frames: () => [Buffer.from('GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n')],
  },
  {
    section: '3.4',
    name: 'a preface without SETTINGS behind it',
    expect: 'connection error PROTOCOL_ERROR',
    isBare: true,
    frames: ({ get }) => [preface, encodeFrame(get)],
  },
];

const shapeCases: readonly Http2Case[] = [
  {
    section: '4.1',
    name: 'a frame of an unknown type on the connection',
    expect: 'ignored',
    frames: () => [frame(0xfe, [1, 2, 3], { on: 0 })],
  },
  {
    section: '4.1',
    name: 'a frame of an unknown type inside a request',
    expect: 'served',
    frames: ({ post }) => [post, frame(0xfe, [1, 2, 3]), data('hello')],
  },
  {
    section: '4.1',
    name: 'flags without a meaning',
    expect: 'served',
    frames: ({ get }) => [{ ...get, flags: get.flags | 0xd2 }],
  },
  {
    section: '4.1',
    name: 'the reserved bit of a stream identifier',
    expect: 'served',
    frames: ({ get }) => {
      const bytes = encodeFrame(get);
      bytes.writeUInt8(bytes.readUInt8(5) | 0x80, 5);
      return [bytes];
    },
  },
  {
    section: '4.2',
    name: 'DATA over the largest size',
    expect: 'connection error FRAME_SIZE_ERROR',
    frames: ({ post }) => [post, data(Buffer.alloc(frameBytesMax + 1))],
  },
  {
    section: '4.2',
    name: 'DATA of the largest size',
    expect: 'served',
    frames: ({ post }) => [post, data(Buffer.alloc(frameBytesMax))],
  },
  {
    section: '4.2',
    name: 'HEADERS over the largest size',
    expect: 'connection error FRAME_SIZE_ERROR',
    frames: ({ fields }) => [
      headers(encodeFields([...fields, ['x', 'a'.repeat(16_300)], ['y', 'a'.repeat(300)]])),
    ],
  },
  {
    section: '4.3',
    name: 'PING inside a header block',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ get }) => [{ ...get, flags: endStream }, onConnection(type.ping, Array(8).fill(0))],
  },
  {
    section: '4.3',
    name: 'HEADERS of another stream inside a header block',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ get }) => [
      { ...get, flags: endStream },
      { ...get, stream: 3 },
    ],
  },
  {
    section: '4.3',
    name: 'an unknown frame inside a header block',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ get }) => [{ ...get, flags: endStream }, frame(0xfe)],
  },
];

const bodyCases: readonly Http2Case[] = [
  {
    section: '6.1',
    name: 'DATA on stream 0',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [data('hello', endStream, 0)],
  },
  {
    section: '6.1',
    name: 'DATA with padding',
    expect: 'served',
    frames: ({ post }) => [
      post,
      frame(type.data, [3, 104, 105, 0, 0, 0], { flags: endStream | padded }),
    ],
  },
  {
    section: '6.1',
    name: 'DATA with more padding than there is',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ post }) => [post, frame(type.data, [9, 104, 105], { flags: endStream | padded })],
  },
  {
    section: '6.1',
    name: 'DATA with padding and no length of it',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ post }) => [post, frame(type.data, [], { flags: endStream | padded })],
  },
  {
    section: '6.2',
    name: 'HEADERS on stream 0',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ get }) => [{ ...get, stream: 0 }],
  },
  {
    section: '6.2',
    name: 'HEADERS with padding and priority',
    expect: 'served',
    frames: ({ get: { flags, payload } }) => [
      headers(
        Buffer.concat([Buffer.of(2, 0, 0, 0, 0, 15), payload, Buffer.alloc(2)]),
        flags | padded | priority,
      ),
    ],
  },
  {
    section: '6.2',
    name: 'HEADERS with more padding than there is',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [headers(Buffer.of(200, 0x82), endHeaders | endStream | padded)],
  },
  {
    section: '6.3',
    name: 'PRIORITY on stream 0',
    expect: 'ignored',
    frames: () => [onConnection(type.priority, [0, 0, 0, 0, 1])],
  },
  {
    section: '6.3',
    name: 'PRIORITY of four bytes',
    expect: 'connection error FRAME_SIZE_ERROR',
    frames: () => [frame(type.priority, [0, 0, 0, 0])],
  },
  {
    section: '6.3',
    name: 'PRIORITY of a stream that is idle',
    expect: 'ignored',
    frames: () => [frame(type.priority, [0, 0, 0, 0, 1])],
  },
  {
    section: '5.3.1',
    name: 'PRIORITY on itself',
    expect: 'ignored',
    frames: () => [frame(type.priority, [0, 0, 0, 1, 1])],
  },
  {
    section: '6.4',
    name: 'RST_STREAM on stream 0',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [onConnection(type.reset, uint32(8))],
  },
  {
    section: '6.4',
    name: 'RST_STREAM of three bytes',
    expect: 'connection error FRAME_SIZE_ERROR',
    frames: ({ post }) => [post, frame(type.reset, [0, 0, 8])],
  },
];

const settingsCases: readonly Http2Case[] = [
  {
    section: '6.5',
    name: 'SETTINGS on a stream',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [frame(type.settings)],
  },
  {
    section: '6.5',
    name: 'SETTINGS of five bytes',
    expect: 'connection error FRAME_SIZE_ERROR',
    frames: () => [onConnection(type.settings, [0, 3, 0, 0, 0])],
  },
  {
    section: '6.5',
    name: 'an acknowledgement with settings in it',
    expect: 'connection error FRAME_SIZE_ERROR',
    frames: () => [onConnection(type.settings, [0, 3, 0, 0, 0, 9], ack)],
  },
  {
    section: '6.5.2',
    name: 'ENABLE_PUSH of 2',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [setting(2, 2)],
  },
  {
    section: '6.5.2',
    name: 'INITIAL_WINDOW_SIZE over 2^31-1',
    expect: 'connection error FLOW_CONTROL_ERROR',
    frames: () => [setting(4, 2 ** 31)],
  },
  {
    section: '6.5.2',
    name: 'MAX_FRAME_SIZE under 2^14',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [setting(5, frameBytesMax - 1)],
  },
  {
    section: '6.5.2',
    name: 'MAX_FRAME_SIZE over 2^24-1',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [setting(5, 2 ** 24)],
  },
  {
    section: '6.5.2',
    name: 'a setting that nobody knows',
    expect: 'ignored',
    frames: () => [setting(0xff, 1)],
  },
  {
    section: '6.5.2',
    name: 'one setting twice, the last of which counts',
    expect: 'ignored',
    frames: () => [onConnection(type.settings, [0, 4, ...uint32(1), 0, 4, ...uint32(65_535)])],
  },
  {
    section: 'RFC 8441 §3',
    name: 'ENABLE_CONNECT_PROTOCOL of 2',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [setting(8, 2)],
  },
  {
    section: 'RFC 9218 §2.1',
    name: 'NO_RFC7540_PRIORITIES of 2',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [setting(9, 2)],
  },
  {
    section: '6.5',
    name: 'more settings than anyone needs',
    expect: 'connection error ENHANCE_YOUR_CALM',
    frames: () => [
      onConnection(type.settings, Array.from({ length: 64 }, () => [0, 3, ...uint32(9)]).flat()),
    ],
  },
];

const controlCases: readonly Http2Case[] = [
  {
    section: '6.6',
    name: 'PUSH_PROMISE from a client',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ post, get }) => [
      post,
      frame(type.pushPromise, Buffer.concat([Buffer.of(0, 0, 0, 2), get.payload]), {
        flags: endHeaders,
      }),
    ],
  },
  {
    section: '6.7',
    name: 'PING on a stream',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [frame(type.ping, Buffer.alloc(8))],
  },
  {
    section: '6.7',
    name: 'PING of seven bytes',
    expect: 'connection error FRAME_SIZE_ERROR',
    frames: () => [onConnection(type.ping, Array(7).fill(0))],
  },
  {
    section: '6.7',
    name: 'an answer to a PING that nobody sent',
    expect: 'connection error INTERNAL_ERROR',
    frames: () => [onConnection(type.ping, Array(8).fill(0), ack)],
  },
  {
    section: '6.8',
    name: 'GOAWAY on a stream',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [frame(type.goAway, Buffer.alloc(8))],
  },
  {
    section: '6.8',
    name: 'GOAWAY of seven bytes',
    expect: 'connection error FRAME_SIZE_ERROR',
    frames: () => [onConnection(type.goAway, Array(7).fill(0))],
  },
  {
    section: '6.9',
    name: 'WINDOW_UPDATE of three bytes',
    expect: 'connection error FRAME_SIZE_ERROR',
    frames: () => [onConnection(type.windowUpdate, [0, 0, 1])],
  },
  {
    section: '6.9',
    name: 'WINDOW_UPDATE of nothing, for the connection',
    expect: 'connection error PROTOCOL_ERROR',
    frames: () => [onConnection(type.windowUpdate, uint32(0))],
  },
  {
    section: '6.9',
    name: 'WINDOW_UPDATE of nothing, for a stream',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ post }) => [post, frame(type.windowUpdate, uint32(0))],
  },
  {
    section: '6.9.1',
    name: 'a window of the connection over 2^31-1',
    expect: 'connection error FLOW_CONTROL_ERROR',
    frames: () => [onConnection(type.windowUpdate, uint32(windowMax))],
  },
  {
    section: '6.9.1',
    name: 'a window of a stream over 2^31-1',
    expect: 'connection error FLOW_CONTROL_ERROR',
    frames: ({ post }) => [post, frame(type.windowUpdate, uint32(windowMax))],
  },
  {
    section: '6.9.2',
    name: 'a new INITIAL_WINDOW_SIZE that brings a window over 2^31-1',
    expect: 'connection error FLOW_CONTROL_ERROR',
    frames: ({ post }) => [
      post,
      frame(type.windowUpdate, uint32(1_000_000)),
      setting(4, windowMax),
    ],
  },
  {
    section: '6.9.1',
    name: 'DATA over the window, which nobody has read',
    expect: 'connection error FLOW_CONTROL_ERROR',
    frames: ({ fields }) => [
      headers(encodeFields(replaced(fields, ':path', '/a//b')), endHeaders),
      ...Array.from({ length: 9 }, () => data(Buffer.alloc(frameBytesMax), 0)),
    ],
  },
  {
    section: '6.10',
    name: 'a header block in pieces',
    expect: 'served',
    frames: ({ get: { payload } }) => [
      headers(payload.subarray(0, 9), endStream),
      frame(type.continuation, payload.subarray(9, 30)),
      frame(type.continuation, payload.subarray(30), { flags: endHeaders }),
    ],
  },
  {
    section: '6.10',
    name: 'CONTINUATION behind the end of a header block',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ post }) => [post, frame(type.continuation, [], { flags: endHeaders })],
  },
  {
    section: '6.10',
    name: 'CONTINUATION on another stream',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ get }) => [
      { ...get, flags: endStream },
      frame(type.continuation, [], { flags: endHeaders, on: 3 }),
    ],
  },
  {
    section: '6.10',
    name: 'CONTINUATION on stream 0',
    expect: 'connection error PROTOCOL_ERROR',
    frames: ({ get }) => [
      { ...get, flags: endStream },
      frame(type.continuation, [], { flags: endHeaders, on: 0 }),
    ],
  },
];

export const frameCases = [
  ...[...prefaceCases, ...shapeCases, ...bodyCases],
  ...[...settingsCases, ...controlCases],
];

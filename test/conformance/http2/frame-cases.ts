// Frames: the preface, their shapes, and those that make requests (RFC 9113 §3.4, §4, §6.1 to §6.4).

import {
  encodeFields,
  encodeFrame,
  flag,
  frameType,
  preface,
  settingsFrame,
} from '../../adversarial/http/http2-frames.ts';
import type { Http2Case } from './case.ts';
import { data, frame, headers, onConnection, uint32 } from './case.ts';

const { endHeaders, endStream, padded, priority } = flag;
const type = frameType;
const frameBytesMax = 16_384;

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
    frames: ({ get }) => [
      { ...get, flags: endStream },
      onConnection(type.ping, Array<number>(8).fill(0)),
    ],
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

export const frameCases = [...prefaceCases, ...shapeCases, ...bodyCases];

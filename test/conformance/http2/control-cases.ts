// Frames that govern the connection and its streams (RFC 9113 §6.5 to §6.10).

import { flag, frameType } from '../../adversarial/http/http2-frames.ts';
import type { Http2Case } from './case.ts';
import { frame, headers, onConnection, setting, uint32 } from './case.ts';

const { endHeaders, endStream, ack } = flag;
const type = frameType;
const frameBytesMax = 16_384;
const windowMax = 2 ** 31 - 1;

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
    frames: () => [onConnection(type.ping, Array<number>(7).fill(0))],
  },
  {
    section: '6.7',
    name: 'an answer to a PING that nobody sent',
    expect: 'connection error INTERNAL_ERROR',
    frames: () => [onConnection(type.ping, Array<number>(8).fill(0), ack)],
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
    frames: () => [onConnection(type.goAway, Array<number>(7).fill(0))],
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

export const governingCases = [...settingsCases, ...controlCases];

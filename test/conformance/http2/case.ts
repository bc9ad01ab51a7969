// One case of HTTP/2's conformance: frames that a caller sends, and what the gateway has to make of them.

import type { Field, Frame } from '../../adversarial/http/http2-frames.ts';
import { encodeFields, flag, frameType } from '../../adversarial/http/http2-frames.ts';

/** RFC 9113 §7. */
export const errorNames = [
  ...['NO_ERROR', 'PROTOCOL_ERROR', 'INTERNAL_ERROR', 'FLOW_CONTROL_ERROR', 'SETTINGS_TIMEOUT'],
  ...['STREAM_CLOSED', 'FRAME_SIZE_ERROR', 'REFUSED_STREAM', 'CANCEL', 'COMPRESSION_ERROR'],
  ...['CONNECT_ERROR', 'ENHANCE_YOUR_CALM', 'INADEQUATE_SECURITY', 'HTTP_1_1_REQUIRED'],
] as const;

export type ErrorName = (typeof errorNames)[number];

/** What the stream under test comes to; unless the connection ends, a request behind it is served. */
export type Outcome =
  | `connection error ${ErrorName}`
  /** Without a GOAWAY. */
  | 'closed'
  | `stream error ${ErrorName}`
  /** A status with problem details, and the rule that they name. */
  | `refused ${number} ${string}`
  | 'served'
  /** Nothing was said on the stream. */
  | 'ignored';

export interface Http2Case {
  /** Of RFC 9113 unless another is named. */
  readonly section: string;
  readonly name: string;
  readonly expect: Outcome;
  /** A buffer is written as it is. */
  readonly frames: (good: Good) => readonly (Frame | Buffer)[];
  /** The stream whose fate is told; 1 unless another is named. */
  readonly on?: number;
  /** Without the preface and the settings in front. */
  readonly isBare?: true;
}

/** A request that is served. */
export interface Good {
  /** Pseudo headers first. */
  readonly fields: readonly Field[];
  /** Of GET: no body. */
  readonly get: Frame;
  /** Of POST: body to follow. */
  readonly post: Frame;
}

export const stream = 1;

export function goodRequest(authority: string, authorization: string): Good {
  const fieldsOf = (method: string): readonly Field[] => [
    ...[pseudo('method', method), pseudo('scheme', 'https'), pseudo('authority', authority)],
    pseudo('path', '/small'),
    ['authorization', authorization],
  ];
  return {
    fields: fieldsOf('GET'),
    get: headers(encodeFields(fieldsOf('GET'))),
    post: headers(encodeFields(replaced(fieldsOf('POST'), ':path', '/upload')), flag.endHeaders),
  };
}

export const pseudo = (name: string, value: string): Field => [`:${name}`, value];

/** With another value, or without the field. */
export const replaced = (
  fields: readonly Field[],
  name: string,
  value: string | undefined,
): readonly Field[] =>
  fields.flatMap((field): readonly Field[] => {
    if (field[0] !== name) return [field];
    return value === undefined ? [] : [[name, value]];
  });

export const frame = (
  type: number,
  payload: Buffer | number[] = [],
  { flags = 0, on = stream }: { readonly flags?: number; readonly on?: number } = {},
): Frame => ({ type, flags, stream: on, payload: Buffer.from(payload) });

export const headers = (
  block: Buffer,
  flags: number = flag.endHeaders | flag.endStream,
  on = stream,
): Frame => frame(frameType.headers, block, { flags, on });

export const data = (
  payload: string | Buffer,
  flags: number = flag.endStream,
  on = stream,
): Frame => frame(frameType.data, Buffer.from(payload as string, 'latin1'), { flags, on });

export const onConnection = (type: number, payload: number[] = [], flags = 0): Frame =>
  frame(type, payload, { flags, on: 0 });

/** A number of four bytes. */
export const uint32 = (value: number): number[] => [
  ...[value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255],
];

export const setting = (id: number, value: number): Frame =>
  onConnection(frameType.settings, [id >> 8, id & 255, ...uint32(value)]);

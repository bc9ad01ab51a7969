// One codec a message: decode, and encode where a message is written too. Fuzzed, and walked through by unit tests.

import { strict as assert } from 'node:assert';
import * as wire from '../../../hosts/postgres/wire/index.ts';
import type { Target } from '../target.ts';

export interface Codec {
  readonly name: string;
  readonly check: (frame: Buffer) => void;
  /** True for a message whose last field is "the rest": cut short or lengthened it is still one. */
  readonly isOpenEnded?: (frame: Buffer) => boolean;
}

/** decode then encode gives the same bytes: nothing is lost, and no two spellings mean the same. */
const exact = <Message>(
  decode: (frame: Buffer) => Message,
  encode: (message: Message) => Buffer,
): Codec['check'] => {
  return (frame) => {
    const encoded = encode(decode(frame));
    assert(encoded.equals(frame), `encoded again: ${encoded.toString('hex')}`);
  };
};

const always = (): boolean => true;

export const frontendCodecs: readonly Codec[] = [
  { name: 'decodeBind', check: exact(wire.decodeBind, wire.encodeBind) },
  { name: 'decodeBodyless', check: exact(wire.decodeBodyless, wire.encodeBodyless) },
  { name: 'decodeClose', check: exact(wire.decodeClose, wire.encodeClose) },
  {
    name: 'decodeCopyData',
    check: exact(wire.decodeCopyData, wire.encodeCopyData),
    isOpenEnded: always,
  },
  { name: 'decodeCopyFail', check: exact(wire.decodeCopyFail, wire.encodeCopyFail) },
  { name: 'decodeDescribe', check: exact(wire.decodeDescribe, wire.encodeDescribe) },
  { name: 'decodeExecute', check: exact(wire.decodeExecute, wire.encodeExecute) },
  { name: 'decodeFunctionCall', check: exact(wire.decodeFunctionCall, wire.encodeFunctionCall) },
  { name: 'decodeParse', check: exact(wire.decodeParse, wire.encodeParse) },
  { name: 'decodePassword', check: exact(wire.decodePassword, wire.encodePassword) },
  { name: 'decodeQuery', check: exact(wire.decodeQuery, ({ text }) => wire.encodeQuery(text)) },
  {
    name: 'decodeSaslInitialResponse',
    check: exact(wire.decodeSaslInitialResponse, wire.encodeSaslInitialResponse),
  },
  {
    name: 'decodeSaslResponse',
    check: exact(wire.decodeSaslResponse, wire.encodeSaslResponse),
    isOpenEnded: always,
  },
];

const authenticationCode = (frame: Buffer): number => frame.readInt32BE(5);

const rewritten = (row: wire.FrameView, columns: readonly wire.ReplacedColumn[]): Buffer => {
  const rewriter = new wire.RowRewriter(columns);
  rewriter.rewrite(row);
  return rewriter.take();
};

const checkRow = (frame: Buffer): void => {
  const table = wire.columnTable();
  const row = { buffer: frame, start: 0, end: frame.length };
  const columns = wire.decodeDataRow(row, table);
  assert(rewritten(row, []).equals(frame));
  const all = (write: wire.ReplacedColumn['write']): readonly wire.ReplacedColumn[] =>
    Array.from({ length: columns }, (_, column) => ({ column, write }));
  const same = all(({ buffer, start, end }, out) => {
    out.bytes(buffer.subarray(start, end));
    return true;
  });
  assert(rewritten(row, same).equals(frame));
  const masked = rewritten(
    row,
    all(() => false),
  );
  assert.equal(masked.length, 7 + 4 * columns);
  assert.equal(
    wire.decodeDataRow({ buffer: masked, start: 0, end: masked.length }, table),
    columns,
  );
};

export const backendCodecs: readonly Codec[] = [
  {
    name: 'decodeAuthentication',
    check: exact(wire.decodeAuthentication, wire.encodeAuthentication),
    isOpenEnded: (frame) => [8, 11, 12].includes(authenticationCode(frame)),
  },
  {
    name: 'decodeBackendKeyData',
    check: exact(wire.decodeBackendKeyData, wire.encodeBackendKeyData),
    isOpenEnded: always,
  },
  {
    name: 'decodeCommandComplete',
    check: exact(wire.decodeCommandComplete, wire.encodeCommandComplete),
  },
  { name: 'decodeCopyResponse', check: exact(wire.decodeCopyResponse, wire.encodeCopyResponse) },
  { name: 'decodeDataRow', check: checkRow },
  {
    name: 'decodeFunctionCallResponse',
    check: exact(wire.decodeFunctionCallResponse, wire.encodeFunctionCallResponse),
  },
  {
    name: 'decodeNegotiateProtocolVersion',
    check: exact(wire.decodeNegotiateProtocolVersion, wire.encodeNegotiateProtocolVersion),
  },
  {
    name: 'decodeNotificationResponse',
    check: exact(wire.decodeNotificationResponse, ({ processId, channelBytes, payloadBytes }) =>
      wire.encodeNotificationResponse({ processId, channel: channelBytes, payload: payloadBytes }),
    ),
  },
  {
    name: 'decodeParameterDescription',
    check: exact(wire.decodeParameterDescription, wire.encodeParameterDescription),
  },
  {
    name: 'decodeParameterStatus',
    check: exact(wire.decodeParameterStatus, ({ name, valueBytes }) =>
      wire.encodeParameterStatus(name, valueBytes),
    ),
  },
  { name: 'decodeReadyForQuery', check: exact(wire.decodeReadyForQuery, wire.encodeReadyForQuery) },
  {
    name: 'decodeRowDescription',
    check: exact(wire.decodeRowDescription, wire.encodeRowDescription),
  },
  {
    name: 'decodeServerReport',
    check: exact(wire.decodeServerReport, ({ kind, fields }) =>
      wire.encodeServerReport(kind, fields),
    ),
  },
];

const isRefusal = (error: unknown): boolean => error instanceof wire.WireError;

/** Makes the header tell the truth. */
const repairFrame = (input: Buffer): Buffer => {
  if (input.length < 5) return input;
  const copy = Buffer.from(input);
  copy.writeInt32BE(copy.length - 1, 1);
  return copy;
};

const traceTarget = (name: string, direction: wire.Direction): Target => ({
  name,
  check: (frame) => {
    const line = wire.traceFrame(direction, frame);
    assert(!line.includes('\n') && !line.includes('\0'));
  },
  isRefusal,
  repair: repairFrame,
});

const spelled = ([name, value]: wire.StartupParameter): string =>
  `-c ${`${name}=${value}`.replace(/[\\ \t\n\v\f\r]/g, '\\$&')}`;

/** What was read means the same when it is written again with every special character escaped. */
const optionsTarget: Target = {
  name: 'decodeStartupOptions',
  check: (input) => {
    const settings = wire.decodeStartupOptions(input.toString('utf8'));
    const again = wire.decodeStartupOptions(settings.map(spelled).join(' '));
    assert.deepEqual(again, settings);
  },
  isRefusal,
};

export const codecTargets: readonly Target[] = [
  ...[...frontendCodecs, ...backendCodecs].map(({ name, check }): Target => ({
    name,
    check,
    isRefusal,
    repair: repairFrame,
  })),
  optionsTarget,
  traceTarget('traceFrontendFrame', 'frontend'),
  traceTarget('traceBackendFrame', 'backend'),
];

// One readable line for a message: the golden value of tests and transcripts. It shows what must never be logged.

import { decodeAuthentication } from './authentication.ts';
import { decodeBackendKeyData } from './backend-key-data.ts';
import { decodeBind } from './bind.ts';
import { decodeBodyless } from './bodyless.ts';
import { decodeCommandComplete } from './command-complete.ts';
import { decodeCopyData, decodeCopyFail } from './copy-data.ts';
import { decodeCopyResponse } from './copy-response.ts';
import { columnTable, decodeDataRow } from './data-row.ts';
import { decodeClose, decodeDescribe } from './describe.ts';
import { decodeServerReport } from './error-response.ts';
import { decodeExecute } from './execute.ts';
import { decodeFunctionCall, decodeFunctionCallResponse } from './function-call.ts';
import {
  messageName,
  type BackendName,
  type Direction,
  type FrontendName,
} from './message-types.ts';
import { decodeNegotiateProtocolVersion } from './negotiate-protocol-version.ts';
import { decodeNotificationResponse } from './notification-response.ts';
import { decodeParameterStatus } from './parameter-status.ts';
import { decodeParse } from './parse.ts';
import { decodeQuery } from './query.ts';
import { decodeReadyForQuery } from './ready-for-query.ts';
import { decodeParameterDescription, decodeRowDescription } from './row-description.ts';
import { WireError } from './wire-error.ts';

type Fields = readonly unknown[];
type Tracer = (frame: Buffer) => Fields;

const valuesOf = (message: object): Fields => Object.values(message) as Fields;

const none: Tracer = (frame) => {
  decodeBodyless(frame);
  return [];
};

const rowValues: Tracer = (frame) => {
  const table = columnTable();
  const columns = decodeDataRow({ buffer: frame, start: 0, end: frame.length }, table);
  return Array.from({ length: columns }, (_, column) => {
    const [offset = 0, length = -1] = table.subarray(2 * column, 2 * column + 2);
    return length < 0 ? null : frame.subarray(offset, offset + length);
  });
};

const report: Tracer = (frame) =>
  decodeServerReport(frame).fields.map(({ letter, value }) => `${letter}=${value}`);

const frontendTracers: Readonly<Record<FrontendName, Tracer>> = {
  bind: (frame) => {
    const bind = decodeBind(frame);
    const { portal, statement, parameterFormats, parameters, resultFormats } = bind;
    return [portal, statement, parameterFormats, parameters, resultFormats];
  },
  close: (frame) => valuesOf(decodeClose(frame)),
  copyData: (frame) => [decodeCopyData(frame)],
  copyDone: none,
  copyFail: (frame) => [decodeCopyFail(frame)],
  describe: (frame) => valuesOf(decodeDescribe(frame)),
  execute: (frame) => valuesOf(decodeExecute(frame)),
  flush: none,
  functionCall: (frame) => {
    const call = decodeFunctionCall(frame);
    return [call.functionOid, call.parameterFormats, call.parameters, call.resultFormat];
  },
  parse: (frame) => {
    const { name, text, parameterTypes } = decodeParse(frame);
    return [name, text, parameterTypes];
  },
  // A secret, in whichever of the three shapes.
  password: () => [],
  query: (frame) => [decodeQuery(frame).text],
  sync: none,
  terminate: none,
};

const backendTracers: Readonly<Record<BackendName, Tracer>> = {
  authentication: (frame) => valuesOf(decodeAuthentication(frame)),
  backendKeyData: (frame) => [decodeBackendKeyData(frame).processId],
  bindComplete: none,
  closeComplete: none,
  commandComplete: (frame) => [decodeCommandComplete(frame)],
  copyBothResponse: (frame) => valuesOf(decodeCopyResponse(frame)),
  copyData: (frame) => [decodeCopyData(frame)],
  copyDone: none,
  copyInResponse: (frame) => valuesOf(decodeCopyResponse(frame)),
  copyOutResponse: (frame) => valuesOf(decodeCopyResponse(frame)),
  dataRow: rowValues,
  emptyQueryResponse: none,
  errorResponse: report,
  functionCallResponse: (frame) => [decodeFunctionCallResponse(frame)],
  negotiateProtocolVersion: (frame) => valuesOf(decodeNegotiateProtocolVersion(frame)),
  noData: none,
  noticeResponse: report,
  notificationResponse: (frame) => {
    const { processId, channel, payloadBytes } = decodeNotificationResponse(frame);
    return [processId, channel, payloadBytes];
  },
  parameterDescription: (frame) => [decodeParameterDescription(frame)],
  parameterStatus: (frame) => {
    const { name, value } = decodeParameterStatus(frame);
    return [name, value];
  },
  parseComplete: none,
  portalSuspended: none,
  readyForQuery: (frame) => [decodeReadyForQuery(frame)],
  rowDescription: (frame) =>
    decodeRowDescription(frame).map((field) => {
      const origin = `${field.tableOid}.${field.columnNumber}`;
      return `${field.name}:${origin}:${field.typeOid}:${field.format}`;
    }),
};

const printable = /^[\x20-\x7e]*$/;

const show = (value: unknown): string => {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `[${value.map(show).join(' ')}]`;
  if (!Buffer.isBuffer(value)) return JSON.stringify(value);
  const text = value.toString('latin1');
  return printable.test(text) ? JSON.stringify(text) : `0x${value.toString('hex')}`;
};

const tracers: Readonly<Record<Direction, Readonly<Record<string, Tracer>>>> = {
  frontend: frontendTracers,
  backend: backendTracers,
};

/** `F query 14 "select 1"`: sender, message, bytes, fields. Throws WireError on what cannot be decoded. */
export const traceFrame = (direction: Direction, frame: Buffer): string => {
  const name = messageName(direction, frame[0] ?? 0);
  const tracer = name === undefined ? undefined : tracers[direction][name];
  if (name === undefined || tracer === undefined) {
    throw new WireError('message-unknown', 'message of an unknown type');
  }
  const fields = tracer(frame);
  const sender = direction === 'frontend' ? 'F' : 'B';
  return [sender, name, frame.length, ...fields.map(show)].join(' ');
};

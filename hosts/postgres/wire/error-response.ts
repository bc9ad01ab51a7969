// ErrorResponse (B) 'E' and NoticeResponse (B) 'N': fields of a letter and a String. PostgreSQL "Error and Notice Message Fields".

import { lossyText, openFrame } from './body-reader.ts';
import { frameBody, type Text } from './body-writer.ts';
import { backend } from './message-types.ts';
import { malformed } from './wire-error.ts';

/** Letters that are acted on; a server may send others. */
export const reportFields = {
  severity: 'S',
  /** The severity untranslated. */
  severityName: 'V',
  code: 'C',
  message: 'M',
  detail: 'D',
  hint: 'H',
  position: 'P',
  internalPosition: 'p',
  internalQuery: 'q',
  where: 'W',
  schema: 's',
  table: 't',
  column: 'c',
  dataType: 'd',
  constraint: 'n',
  file: 'F',
  line: 'L',
  routine: 'R',
} as const;

export interface ReportField {
  readonly letter: string;
  readonly value: string;
  /** A view into the frame. */
  readonly valueBytes: Buffer;
}

/** In the order sent. Statement text, rows and values are in here: never to be logged. */
export interface ServerReport {
  readonly kind: 'error' | 'notice';
  readonly fields: readonly ReportField[];
}

export const decodeServerReport = (frame: Buffer): ServerReport => {
  const kind = frame[0] === backend.errorResponse ? 'error' : 'notice';
  const body = openFrame(frame, kind === 'error' ? backend.errorResponse : backend.noticeResponse);
  const fields: ReportField[] = [];
  for (let byte = body.uint8(); byte !== 0; byte = body.uint8()) {
    const valueBytes = body.cstring();
    fields.push({ letter: String.fromCharCode(byte), value: lossyText(valueBytes), valueBytes });
  }
  body.finish();
  return { kind, fields };
};

/** The first field with the letter. */
export const reportField = (
  report: ServerReport,
  name: keyof typeof reportFields,
): string | undefined => report.fields.find((field) => field.letter === reportFields[name])?.value;

interface RawField {
  readonly letter: string;
  readonly value: Text;
  readonly valueBytes?: Buffer;
}

export const encodeServerReport = (
  kind: ServerReport['kind'],
  fields: readonly RawField[],
): Buffer => {
  const body = frameBody(256);
  for (const { letter, value, valueBytes } of fields) {
    const byte = letter.charCodeAt(0);
    // A zero would end the list and hide the fields behind it.
    if (letter.length !== 1 || byte === 0 || byte > 0xff) throw malformed('field without a letter');
    body.uint8(byte).text(valueBytes ?? value);
  }
  return body.uint8(0).frame(kind === 'error' ? backend.errorResponse : backend.noticeResponse);
};

export interface OwnReport {
  readonly severity: 'ERROR' | 'FATAL' | 'PANIC' | 'WARNING' | 'NOTICE' | 'INFO' | 'LOG' | 'DEBUG';
  /** SQLSTATE, 5 characters. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  /** In characters from 1. */
  readonly position?: string;
  readonly where?: string;
  readonly routine?: string;
}

const ownFields = ['code', 'message', 'detail', 'hint', 'position', 'where', 'routine'] as const;

const encodeOwn = (kind: ServerReport['kind'], report: OwnReport): Buffer => {
  const fields: RawField[] = [
    { letter: reportFields.severity, value: report.severity },
    { letter: reportFields.severityName, value: report.severity },
  ];
  for (const name of ownFields) {
    const value = report[name];
    if (value !== undefined) fields.push({ letter: reportFields[name], value });
  }
  return encodeServerReport(kind, fields);
};

export const encodeErrorResponse = (report: OwnReport): Buffer => encodeOwn('error', report);

export const encodeNoticeResponse = (report: OwnReport): Buffer => encodeOwn('notice', report);

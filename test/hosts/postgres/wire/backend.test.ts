import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as wire from '../../../../hosts/postgres/wire/index.ts';

const frame = (type: string, body: string): Buffer => {
  const bytes = Buffer.concat([Buffer.from(type), Buffer.alloc(4), Buffer.from(body, 'latin1')]);
  bytes.writeInt32BE(bytes.length - 1, 1);
  return bytes;
};

const refused = (code: wire.WireErrorCode): unknown => expect.objectContaining({ code });

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
const oid = fc.nat({ max: 0xffffffff });
const int16 = fc.integer({ min: -0x8000, max: 0x7fff });

describe('RowDescription', () => {
  it('comes back as it was written', () => {
    const field = fc.record({
      name: text,
      tableOid: oid,
      columnNumber: int16,
      typeOid: oid,
      typeSize: int16,
      typeModifier: fc.integer(),
      format: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), (fields) => {
        const decoded = wire.decodeRowDescription(wire.encodeRowDescription(fields));
        expect(decoded.map(({ nameBytes, ...rest }) => ({ ...rest, bytes: nameBytes }))).toEqual(
          fields.map((given) => ({ ...given, bytes: Buffer.from(given.name) })),
        );
      }),
    );
  });

  it('keeps the bytes of a name that is not UTF-8', () => {
    const numbers = '\0\0\x40\0\0\x02\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0';
    const described = frame('T', `\0\x01caf\xe9\0${numbers}`);
    const [field] = wire.decodeRowDescription(described);
    expect(field).toMatchObject({ name: 'caf\ufffd', tableOid: 0x4000, columnNumber: 2 });
    expect(wire.encodeRowDescription(field === undefined ? [] : [field])).toEqual(described);
  });
});

describe('ErrorResponse and NoticeResponse', () => {
  it('are written with the fields that clients show', () => {
    const error = wire.encodeErrorResponse({
      severity: 'ERROR',
      code: '42501',
      message: 'denied by policy',
      detail: 'rules.postgres.production',
      hint: 'ask for approval',
    });
    expect(wire.traceFrame('backend', error)).toBe(
      'B errorResponse 90 "S=ERROR" "V=ERROR" "C=42501" "M=denied by policy" ' +
        '"D=rules.postgres.production" "H=ask for approval"',
    );
    const report = wire.decodeServerReport(error);
    expect(report.kind).toBe('error');
    expect(wire.reportField(report, 'code')).toBe('42501');
    expect(wire.reportField(report, 'where')).toBeUndefined();
    const notice = wire.encodeNoticeResponse({
      severity: 'NOTICE',
      code: '00000',
      message: 'held',
    });
    expect(wire.decodeServerReport(notice).kind).toBe('notice');
  });

  it('keep unknown fields and bytes that are not UTF-8', () => {
    const error = frame('E', 'SERROR\0Mcaf\xe9\0Zfuture\0\0');
    const { kind, fields } = wire.decodeServerReport(error);
    expect(fields.map(({ letter, value }) => letter + value)).toEqual([
      'SERROR',
      'Mcaf\ufffd',
      'Zfuture',
    ]);
    expect(wire.encodeServerReport(kind, fields)).toEqual(error);
  });

  it('refuse to write a message that would end early', () => {
    const report = { severity: 'ERROR', code: '42501', message: 'a\0Mb' } as const;
    expect(() => wire.encodeErrorResponse(report)).toThrow(refused('message-malformed'));
    for (const letter of ['', '\0', 'MM', '\u0100']) {
      expect(() => wire.encodeServerReport('error', [{ letter, value: 'x' }])).toThrow(
        refused('message-malformed'),
      );
    }
  });
});

describe('other messages of a server', () => {
  it('Authentication tells its kinds apart, and knows no others', () => {
    const ask = wire.encodeAuthentication({ kind: 'sasl', mechanisms: ['SCRAM-SHA-256'] });
    expect(wire.decodeAuthentication(ask)).toEqual({ kind: 'sasl', mechanisms: ['SCRAM-SHA-256'] });
    for (const code of ['\0\0\0\x01', '\0\0\0\x06', '\0\0\0\x0d', '\xff\xff\xff\xff']) {
      expect(() => wire.decodeAuthentication(frame('R', code))).toThrow(refused('message-unknown'));
    }
  });

  it('BackendKeyData holds keys of 4 to 256 bytes', () => {
    for (const length of [4, 32, 256]) {
      const key = { processId: -7, secretKey: Buffer.alloc(length, 1) };
      expect(wire.decodeBackendKeyData(wire.encodeBackendKeyData(key))).toEqual(key);
    }
    for (const length of [0, 3, 257]) {
      const key = wire.encodeBackendKeyData({ processId: 1, secretKey: Buffer.alloc(length, 1) });
      expect(() => wire.decodeBackendKeyData(key)).toThrow(refused('message-malformed'));
    }
  });

  it('CommandComplete holds the tag', () => {
    for (const tag of ['SELECT 10', 'INSERT 0 3', 'CREATE TABLE', '']) {
      expect(wire.decodeCommandComplete(wire.encodeCommandComplete(tag))).toBe(tag);
    }
  });

  it('ReadyForQuery has three states', () => {
    for (const status of ['idle', 'transaction', 'failed'] as const) {
      expect(wire.decodeReadyForQuery(wire.encodeReadyForQuery(status))).toBe(status);
    }
  });

  it.each([
    ['ReadyForQuery in a fourth state', () => wire.decodeReadyForQuery(frame('Z', 'X'))],
    [
      'RowDescription count beyond the body',
      () => wire.decodeRowDescription(frame('T', '\xff\xff')),
    ],
    ['ErrorResponse without an end', () => wire.decodeServerReport(frame('E', 'SERROR\0'))],
    ['ErrorResponse with an open field', () => wire.decodeServerReport(frame('E', 'SERROR'))],
    [
      'Authentication with a short salt',
      () => wire.decodeAuthentication(frame('R', '\0\0\0\x05abc')),
    ],
    [
      'Authentication SASL without an end',
      () => wire.decodeAuthentication(frame('R', '\0\0\0\x0aX\0')),
    ],
    ['AuthenticationOk with a body', () => wire.decodeAuthentication(frame('R', '\0\0\0\0x'))],
    ['CopyOutResponse of format 2', () => wire.decodeCopyResponse(frame('H', '\x02\0\0'))],
    [
      'CopyOutResponse count beyond the body',
      () => wire.decodeCopyResponse(frame('H', '\0\x7f\xff')),
    ],
    [
      'NegotiateProtocolVersion with a negative count',
      () => wire.decodeNegotiateProtocolVersion(frame('v', '\0\x03\0\0\xff\xff\xff\xff')),
    ],
    [
      'NegotiateProtocolVersion with a huge count',
      () => wire.decodeNegotiateProtocolVersion(frame('v', '\0\x03\0\0\x7f\xff\xff\xff')),
    ],
    ['ParameterStatus with one text', () => wire.decodeParameterStatus(frame('S', 'name\0'))],
    [
      'NotificationResponse cut',
      () => wire.decodeNotificationResponse(frame('A', '\0\0\0\x01c\0')),
    ],
    [
      'FunctionCallResponse of length -2',
      () => wire.decodeFunctionCallResponse(frame('V', '\xff\xff\xff\xfe')),
    ],
  ])('%s is refused', (_, decode) => {
    expect(decode).toThrow(refused('message-malformed'));
  });
});

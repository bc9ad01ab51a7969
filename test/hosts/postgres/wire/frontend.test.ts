import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import * as wire from '../../../../hosts/postgres/wire/index.ts';

/** A frame of a type letter and a body: latin1 text, so that every byte can be written. */
const frame = (type: string, body: string): Buffer => {
  const bytes = Buffer.concat([Buffer.from(type), Buffer.alloc(4), Buffer.from(body, 'latin1')]);
  bytes.writeInt32BE(bytes.length - 1, 1);
  return bytes;
};

const malformed = expect.objectContaining({ name: 'WireError', code: 'message-malformed' });

const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
const oid = fc.nat({ max: 0xffffffff });
const formats = fc.array(fc.constantFrom(0, 1), { maxLength: 5 });

const roundTrips = <Message>(
  message: fc.Arbitrary<Message>,
  encode: (message: Message) => Buffer,
  decode: (frame: Buffer) => unknown,
): void => {
  fc.assert(
    fc.property(message, (value) => {
      expect(decode(encode(value))).toEqual(value);
    }),
  );
};

describe('messages of a client', () => {
  it('come back as they were written', () => {
    roundTrips(text, wire.encodeQuery, (query) => wire.decodeQuery(query).text);
    roundTrips(text, wire.encodeCopyFail, wire.decodeCopyFail);
    roundTrips(bytes, wire.encodeCopyData, wire.decodeCopyData);
    roundTrips(bytes, wire.encodeSaslResponse, wire.decodeSaslResponse);
    roundTrips(text, wire.encodePassword, (password) => wire.decodePassword(password).toString());
    const named = fc.record({ kind: fc.constantFrom('statement', 'portal'), name: text });
    roundTrips(named, wire.encodeDescribe, wire.decodeDescribe);
    roundTrips(named, wire.encodeClose, wire.decodeClose);
    const execute = fc.record({ portal: text, rowsMax: fc.integer() });
    roundTrips(execute, wire.encodeExecute, wire.decodeExecute);
    const initial = fc.record({ mechanism: text, response: fc.option(bytes) });
    roundTrips(initial, wire.encodeSaslInitialResponse, wire.decodeSaslInitialResponse);
  });

  it('Parse comes back as it was written', () => {
    const parse = fc.record({ name: text, text, parameterTypes: fc.array(oid) });
    roundTrips(parse, wire.encodeParse, (written) => {
      const { textBytes, ...rest } = wire.decodeParse(written);
      expect(textBytes.toString()).toBe(rest.text);
      return rest;
    });
  });

  const bound = fc.array(fc.option(bytes), { maxLength: 5 }).chain((parameters) =>
    fc
      .constantFrom(0, 1, parameters.length)
      .chain((length) => fc.array(fc.constantFrom(0, 1), { minLength: length, maxLength: length }))
      .map((parameterFormats) => ({ parameters, parameterFormats })),
  );

  it('Bind comes back as it was written', () => {
    const names = fc.record({ portal: text, statement: text, resultFormats: formats });
    const bind = fc.tuple(names, bound).map(([rest, values]) => ({ ...rest, ...values }));
    roundTrips(bind, wire.encodeBind, wire.decodeBind);
  });

  it('FunctionCall comes back as it was written', () => {
    const head = fc.record({ functionOid: oid, resultFormat: fc.constantFrom(0, 1) });
    const call = fc.tuple(head, bound).map(([rest, values]) => ({ ...rest, ...values }));
    roundTrips(call, wire.encodeFunctionCall, wire.decodeFunctionCall);
  });

  it('keep a byte order mark: dropping it would show other text than the server reads', () => {
    expect(wire.decodeQuery(wire.encodeQuery('\ufeffselect 1')).text).toBe('\ufeffselect 1');
  });

  it('show the text as sent, as a view', () => {
    const query = wire.encodeQuery('select \u00e9');
    const { textBytes } = wire.decodeQuery(query);
    expect(textBytes.toString('latin1')).toBe('select \u00c3\u00a9');
    expect(textBytes.buffer).toBe(query.buffer);
  });
});

describe('malformed messages of a client', () => {
  it.each([
    ['Query without a terminator', () => wire.decodeQuery(frame('Q', 'select 1'))],
    ['Query with a second text', () => wire.decodeQuery(frame('Q', 'select 1\0drop\0'))],
    ['Query without a body', () => wire.decodeQuery(frame('Q', ''))],
    ['Query that is not UTF-8', () => wire.decodeQuery(frame('Q', 'select \xff\0'))],
    ['Query with an overlong form', () => wire.decodeQuery(frame('Q', 'select \xc0\xa7\0'))],
    ['Query with a surrogate', () => wire.decodeQuery(frame('Q', '\xed\xa0\x80\0'))],
    ['Query with a cut sequence', () => wire.decodeQuery(frame('Q', 'select \xe2\x82\0'))],
    ['Parse name that is not UTF-8', () => wire.decodeParse(frame('P', 's\xff\0x\0\0\0'))],
    ['Parse text that is not UTF-8', () => wire.decodeParse(frame('P', 's\0\xff\0\0\0'))],
    ['Parse count beyond the body', () => wire.decodeParse(frame('P', 's\0x\0\xff\xff'))],
    ['Parse one type short', () => wire.decodeParse(frame('P', 's\0x\0\0\x02\0\0\0\x17'))],
    ['Bind format 2', () => wire.decodeBind(frame('B', '\0\0\0\x01\0\x02\0\0\0\0'))],
    ['Bind format -1', () => wire.decodeBind(frame('B', '\0\0\0\x01\xff\xff\0\0\0\0'))],
    ['Bind result format 256', () => wire.decodeBind(frame('B', '\0\0\0\0\0\0\0\x01\x01\0'))],
    ['Bind count beyond the body', () => wire.decodeBind(frame('B', '\0\0\0\0\xff\xff\0\0'))],
    [
      'Bind two formats for one parameter',
      () => wire.decodeBind(frame('B', '\0\0\0\x02\0\0\0\0\0\x01\0\0\0\x01a\0\0')),
    ],
    [
      'Bind parameter of length -2',
      () => wire.decodeBind(frame('B', '\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0')),
    ],
    [
      'Bind parameter longer than the body',
      () => wire.decodeBind(frame('B', '\0\0\0\0\0\x01\x7f\xff\xff\xffab\0\0')),
    ],
    ['Describe of something else', () => wire.decodeDescribe(frame('D', 'Xname\0'))],
    ['Describe in lower case', () => wire.decodeDescribe(frame('D', 'sname\0'))],
    ['Close without a kind', () => wire.decodeClose(frame('C', ''))],
    ['Execute without a limit', () => wire.decodeExecute(frame('E', 'p\0'))],
    ['Sync with a body', () => wire.decodeBodyless(frame('S', 'x'))],
    ['Query as a bodyless message', () => wire.decodeBodyless(frame('Q', ''))],
    ['FunctionCall without a function', () => wire.decodeFunctionCall(frame('F', '\0\0'))],
    [
      'FunctionCall without a result format',
      () => wire.decodeFunctionCall(frame('F', '\0\0\0\x01\0\0\0\0')),
    ],
    [
      'FunctionCall of two formats for one argument',
      () => wire.decodeFunctionCall(frame('F', '\0\0\0\x01\0\x02\0\0\0\0\0\x01\0\0\0\x01a\0\0')),
    ],
    [
      'FunctionCall of more arguments than bytes',
      () => wire.decodeFunctionCall(frame('F', '\0\0\0\x01\0\0\xff\xff\0\0\0\0\0\0')),
    ],
    [
      'SASLInitialResponse of length -2',
      () => wire.decodeSaslInitialResponse(frame('p', 'M\0\xff\xff\xff\xfe')),
    ],
    ['PasswordMessage with two passwords', () => wire.decodePassword(frame('p', 'a\0b\0'))],
  ])('%s is refused', (_, decode) => {
    expect(decode).toThrow(malformed);
  });

  it('are never written: a NUL in a text would start the next field', () => {
    expect(() => wire.encodeQuery('select 1\0drop table t')).toThrow(malformed);
    expect(() => wire.encodeParse({ name: 's\0x', text: 'select 1' })).toThrow(malformed);
    expect(() => wire.encodePassword(Buffer.from('a\0b'))).toThrow(malformed);
  });

  it('say nothing of their content in the error', () => {
    for (const decode of [wire.decodeQuery, wire.decodeCopyFail]) {
      const type = decode === wire.decodeQuery ? 'Q' : 'f';
      expect(() => decode(frame(type, 'secret\xff\0'))).not.toThrow('secret');
    }
  });
});

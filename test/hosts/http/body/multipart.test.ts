import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { readBody } from '../../../../hosts/http/body/index.ts';
import { outcomeOf } from './outcome.ts';

const type = 'multipart/form-data; boundary=XX';
const lines = (...all: readonly string[]) => all.join('\r\n');
const field = 'Content-Disposition: form-data; name="a"';
const one = (headers: string) => lines('--XX', headers, '', 'v', '--XX--', '');

const parts = (body: string | Buffer, contentType = type) => {
  const outcome = outcomeOf(readBody(Buffer.from(body), contentType));
  return typeof outcome === 'string' ? outcome : outcome.parts;
};

describe('a multipart form', () => {
  it('is what browsers and curl send', () => {
    const boundary = '----WebKitFormBoundary7MA4YWxkTrZu0gW';
    const body = lines(
      `--${boundary}`,
      'Content-Disposition: form-data; name="note"',
      '',
      'line one\r\nline two',
      `--${boundary}`,
      'Content-Disposition: form-data; name="photo"; filename="Türe 1.png"',
      'Content-Type: image/png',
      '',
      '\x89PNG\r\n\r\n--not the boundary\r\n',
      `--${boundary}`,
      'Content-Disposition: form-data; name="none"; filename=""',
      'Content-Type: application/octet-stream',
      '',
      '',
      `--${boundary}--`,
      '',
    );
    expect(parts(body, `multipart/form-data; boundary=${boundary}`)).toEqual([
      { name: 'note', filename: '', content_type: 'text/plain', size: 18 },
      { name: 'photo', filename: 'Türe 1.png', content_type: 'image/png', size: 29 },
      { name: 'none', filename: '', content_type: 'application/octet-stream', size: 0 },
    ]);
  });

  it('is what Java clients send', () => {
    const headers = lines(
      'content-disposition: form-data; name="file"; filename="a.txt"',
      'Content-Type: text/plain; charset=UTF-8',
      'Content-Transfer-Encoding: binary',
      'Content-Length: 1',
    );
    expect(parts(one(headers))).toEqual([
      { name: 'file', filename: 'a.txt', content_type: 'text/plain', size: 1 },
    ]);
  });

  it('may have no parts, and need no line end at its end', () => {
    expect(parts('--XX--\r\n')).toEqual([]);
    expect(parts(lines('--XX', field, '', '', '--XX--'))).toHaveLength(1);
  });

  it('may quote its boundary', () => {
    const body = one(field).replaceAll('XX', 'a:b');
    expect(parts(body, 'multipart/form-data; boundary="a:b"')).toHaveLength(1);
  });

  const again = `\r\n--XX\r\n${field}`;
  it.each([
    ['no boundary', one(field), 'multipart/form-data', 'multipart-boundary'],
    ['an empty boundary', one(field), 'multipart/form-data; boundary=""', 'multipart-boundary'],
    ['two boundaries', one(field), `${type}; boundary=YY`, 'body-content-type'],
    ['two boundaries by case', one(field), `${type}; BOUNDARY=YY`, 'body-content-type'],
    [
      'a boundary with an escape',
      one(field),
      'multipart/form-data; boundary="X\\X"',
      'body-content-type',
    ],
    ['an extended boundary', one(field), 'multipart/form-data; boundary*=XX', 'multipart-boundary'],
    [
      'a long boundary',
      one(field),
      `multipart/form-data; boundary=${'X'.repeat(71)}`,
      'multipart-boundary',
    ],
    ['another encoding', one(field), `${type}; charset=utf-16`, 'body-charset'],
    ['a preamble', `hello\r\n${one(field)}`, type, 'multipart-framing'],
    ['an empty line first', `\r\n${one(field)}`, type, 'multipart-framing'],
    ['an epilogue', `${one(field)}--XX\r\n${field}\r\n\r\nv\r\n--XX--`, type, 'multipart-framing'],
    ['a second line end', `${one(field)}\r\n`, type, 'multipart-framing'],
    ['no end', lines('--XX', field, '', 'v', ''), type, 'multipart-framing'],
    [
      'another boundary than declared',
      one(field).replaceAll('XX', 'YY'),
      type,
      'multipart-framing',
    ],
    ['line feeds alone', one(field).replaceAll('\r\n', '\n'), type, 'multipart-framing'],
    [
      'a line feed before a boundary',
      lines('--XX', field, '', `v\n--XX\r\n${field}`, '', 'w', '--XX--'),
      type,
      'multipart-boundary',
    ],
    [
      'a boundary inside a line',
      lines('--XX', field, '', 'v --XX', '--XX--'),
      type,
      'multipart-boundary',
    ],
    [
      'space behind a boundary',
      lines('--XX ', field, '', 'v', '--XX--'),
      type,
      'multipart-framing',
    ],
    [
      'a longer boundary',
      lines('--XX', field, '', 'v', '--XXY', '--XX--'),
      type,
      'multipart-framing',
    ],
    [
      'an end in the middle',
      lines('--XX', field, '', 'v', `--XX--${again}`, '', 'w', '--XX--'),
      type,
      'multipart-framing',
    ],
    ['a part without a body', lines('--XX', field, '--XX--'), type, 'multipart-framing'],
    ['a part without anything', lines('--XX', '--XX--'), type, 'multipart-boundary'],
    ['a part without headers', lines('--XX', '', 'v', '--XX--'), type, 'multipart-framing'],
    [
      'latin1 in a header',
      Buffer.from(one(field.replace('a', '\xfc')), 'latin1'),
      type,
      'body-charset',
    ],
  ] as const)('is refused for %s', (_, body, contentType, rule) => {
    expect(parts(body as string, contentType)).toBe(rule);
  });

  it.each([
    ['no disposition', 'Content-Type: text/plain', 'multipart-disposition'],
    ['two dispositions', lines(field, field), 'multipart-header'],
    ['two names', `${field}; name="b"`, 'multipart-disposition'],
    ['two filenames', `${field}; filename="b"; filename="c"`, 'multipart-disposition'],
    ['an extended filename', `${field}; filename*=UTF-8''b`, 'multipart-disposition'],
    ['an extended name', "Content-Disposition: form-data; name*=UTF-8''a", 'multipart-disposition'],
    ['a name without quotes', 'Content-Disposition: form-data; name=a', 'multipart-disposition'],
    [
      'a name with an escape',
      'Content-Disposition: form-data; name="a\\"b"',
      'multipart-disposition',
    ],
    [
      'a name with a semicolon',
      'Content-Disposition: form-data; name="a; filename=b"',
      'multipart-disposition',
    ],
    ['an empty name', 'Content-Disposition: form-data; name=""', 'multipart-disposition'],
    ['another disposition', 'Content-Disposition: attachment; name="a"', 'multipart-disposition'],
    ['a folded line', `${field};\r\n filename="b"`, 'multipart-header'],
    ['a space before the colon', field.replace(':', ' :'), 'multipart-header'],
    ['a control character', `${field.slice(0, -1)}\x01"`, 'multipart-header'],
    ['a carriage return', `${field.slice(0, -1)}\r"`, 'multipart-header'],
    ['an unknown header', lines(field, 'X-Forwarded-For: 1.2.3.4'), 'multipart-header'],
    ['base64', lines(field, 'Content-Transfer-Encoding: base64'), 'multipart-header'],
    ['a length that is not its size', lines(field, 'Content-Length: 0'), 'multipart-header'],
    ['a malformed length', lines(field, 'Content-Length: 0x1'), 'multipart-header'],
    ['a malformed type', lines(field, 'Content-Type: text'), 'body-content-type'],
    ['an empty type', lines(field, 'Content-Type:'), 'multipart-header'],
    [
      'a multipart inside',
      lines(field, 'Content-Type: multipart/mixed; boundary=YY'),
      'multipart-nested',
    ],
    ['a message inside', lines(field, 'Content-Type: message/rfc822'), 'multipart-nested'],
    ['an encoding of its own', 'Content-Disposition: form-data; name="_charset_"', 'form-charset'],
  ])('is refused for %s', (_, headers, rule) => {
    expect(parts(one(headers))).toBe(rule);
  });

  it('is read as it was written', () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((name) => !/[\p{Cc}"\\;]/u.test(name));
    const part = fc.record({ name: text, filename: text, content: fc.uint8Array() });
    fc.assert(
      fc.property(fc.array(part), (written) => {
        const body = Buffer.concat([
          ...written.flatMap(({ name, filename, content }) => [
            Buffer.from(
              `--XX\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\n\r\n`,
            ),
            content,
            Buffer.from('\r\n'),
          ]),
          Buffer.from('--XX--\r\n'),
        ]);
        fc.pre(
          !written.some(
            ({ name, content }) => name === '_charset_' || Buffer.from(content).includes('--XX'),
          ),
        );
        expect(parts(body)).toEqual(
          written.map(({ name, filename, content }) => ({
            name,
            filename,
            content_type: 'text/plain',
            size: content.length,
          })),
        );
      }),
    );
  });
});

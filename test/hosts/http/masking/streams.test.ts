import { describe, expect, it } from '@jest/globals';
import { detect, field, maskerFor, maskEveryWay, refusalOf } from './support.ts';

const email = field('$.users[*].email');

describe('NDJSON', () => {
  const type = 'application/x-ndjson';

  it('masks each line, which may be what any step of the selector leads to', () => {
    const body = '{"email":"x"}\n{"users":[{"email":"x"}]}\r\n\n[{"email":"x","n":1}]\n{"n":1}';
    expect(maskEveryWay({ type, masks: [email] }, body)).toBe(body.replaceAll('"x"', '"***"'));
  });

  it('sends a line on as soon as it is there', () => {
    const masker = maskerFor({ type, masks: [email] });
    expect(masker.push(Buffer.from('{"n":1}\n{"em')).toString()).toBe('{"n":1}\n{');
    expect(masker.push(Buffer.from('ail":2}\n')).toString()).toBe('"email":null}\n');
  });

  it.each([
    ['a carriage return alone', '{"a":1}\r{"email":"x"}\n', 'ndjson-malformed'],
    ['a carriage return at the end', '{"a":1}\r', 'ndjson-malformed'],
    ['a carriage return before the end of a document', '{"a":\r\n1}\n', 'json-malformed'],
    ['two documents in a line', '{} {"email":"x"}\n', 'json-malformed'],
    ['a document of two lines', '{"a":\n1}\n', 'json-malformed'],
    ['a record separator', '\u001e{"email":"x"}\n', 'json-malformed'],
    ['no JSON', 'email=x\n', 'json-malformed'],
  ])('refuses %s', (_, body, code) => {
    expect(refusalOf({ type, masks: [email] }, body)).toBe(code);
  });
});

describe('event streams', () => {
  const type = 'text/event-stream';
  const masks = [email];

  it('masks the text of each event, whatever its line ends', () => {
    const events =
      'event: user\nid: 7\ndata: {"email":"x"}\n\n: beat\n\nretry: 10\ndata:{"n":1}\n\n';
    const expected =
      'event: user\nid: 7\ndata: {"email":"***"}\n\n:\n\nretry: 10\ndata: {"n":1}\n\n';
    for (const end of ['\n', '\r', '\r\n']) {
      expect(maskEveryWay({ type, masks }, events.replaceAll('\n', end))).toBe(expected);
    }
    expect(maskEveryWay({ type, masks }, `\ufeff${events}`)).toBe(expected);
  });

  it('takes several lines for one document', () => {
    const body = 'data: {"em\ndata: ail":"x"}\n\ndata: {"email":\ndata\ndata:"x"}\n\n';
    expect(maskEveryWay({ type, masks }, body)).toBe(
      'data: ***\n\ndata: {"email":\ndata: \ndata: "***"}\n\n',
    );
  });

  it('masks text that is no JSON whole, but for the mark that ends streams', () => {
    const body = 'data: ada@example.com\n\ndata: [DONE]\n\ndata: [DONE] x\n\n';
    expect(maskEveryWay({ type, masks }, body)).toBe('data: ***\n\ndata: [DONE]\n\ndata: ***\n\n');
  });

  it('masks on after an event that was no JSON', () => {
    const body = 'data: {"a":[\n\ndata: {"email":"x"}\n\n';
    expect(maskEveryWay({ type, masks }, body)).toBe('data: ***\n\ndata: {"email":"***"}\n\n');
  });

  it('drops comments, unknown fields and a retry that is no number', () => {
    const body = ':ada\nemail: ada\n data: ada\nDATA: ada\nretry: ada\ndata: {}\n\n';
    expect(maskEveryWay({ type, masks }, body)).toBe(':\ndata: {}\n\n');
  });

  it('sends an event that ends early without its end', () => {
    expect(maskEveryWay({ type, masks }, 'data: {"email":"x"}')).toBe('data: {"email":"***"}\n');
  });

  it('sends an event on as soon as it is there', () => {
    const masker = maskerFor({ type, masks });
    expect(masker.push(Buffer.from('data: {}\r\r')).toString()).toBe('data: {}\n\n');
    expect(masker.push(Buffer.from('\ndata: {"n"')).toString()).toBe('');
    expect(masker.push(Buffer.from(':1}\n\n')).toString()).toBe('data: {"n":1}\n\n');
  });

  it('searches events that are no JSON as text', () => {
    const body = 'data: from ada@example.com\n\ndata: {"m":"ada\\u0040example.com"}\n\n';
    expect(maskEveryWay({ type, masks: [detect('email')] }, body)).toBe(
      'data: from ***\n\ndata: {"m":"***"}\n\n',
    );
  });

  it.each([
    ['an id that is text', 'id: ada lovelace\n\n', 'event-malformed'],
    ['a name that is JSON', 'event: {"email":"x"}\n\n', 'event-malformed'],
    ['an id that is long', `id: ${'x'.repeat(129)}\n\n`, 'event-malformed'],
    ['an event that is large', `data: ${'x'.repeat(1000)}\n\n`, 'record-too-large'],
    ['a line that is large', 'x'.repeat(1000), 'record-too-large'],
    ['many short lines', 'data\n'.repeat(200), 'record-too-large'],
  ])('refuses %s', (_, body, code) => {
    expect(refusalOf({ type, masks, limits: { recordBytesMax: 512 } }, body)).toBe(code);
  });

  it('refuses an id that a detector finds', () => {
    expect(refusalOf({ type, masks: [detect('card')] }, 'id: 4111111111111111\n\n')).toBe(
      'event-malformed',
    );
  });

  it('lets comments come for ever', () => {
    const body = `:${'x'.repeat(100)}\n`.repeat(100);
    const limits = { recordBytesMax: 512 };
    expect(maskEveryWay({ type, masks, limits }, body)).toBe(':\n'.repeat(100));
  });
});

describe('CSV', () => {
  const type = 'text/csv';

  it.each(['$.email', '$[*].email', '$.users[*].email', '$..email', '$.x.email'])(
    'masks the column that %s names',
    (selector) => {
      const body = 'id,email,note\r\n1,ada@example.com,"a, ""b""\r\nc"\r\n2,,\r\n';
      const expected = 'id,email,note\r\n1,***,"a, ""b""\r\nc"\r\n2,***,\r\n';
      expect(maskEveryWay({ type, masks: [field(selector)] }, body)).toBe(expected);
    },
  );

  it.each(['"Email"', ' EMAIL ', 'user.email', 'users[0].email', 'user/email', '\ufeffemail'])(
    'knows the column %p',
    (name) => {
      const body = `${name},id\nada,1\n`;
      expect(maskEveryWay({ type, masks: [field('$..email')] }, body)).toBe(`${name},id\n***,1\n`);
    },
  );

  it('quotes what it masks where that must be, and leaves formulas', () => {
    const body = 'a,b\n"=1+2,x,y,z",=1+2\n';
    const expected = 'a,b\n"=***,z",=1+2\n';
    expect(maskEveryWay({ type, masks: [field('$.a', 'partial')] }, body)).toBe(expected);
    expect(maskEveryWay({ type, masks: [field('$.a', 'null')] }, 'a,b\nx,y')).toBe('a,b\n,y');
  });

  it('searches every field, the header too, which may be none', () => {
    const body = 'ada@example.com,1\n"x ""ada@example.com""",4111111111111111';
    const expected = '***,1\n"x ""***""",***';
    expect(maskEveryWay({ type, masks: [detect('email'), detect('card')] }, body)).toBe(expected);
  });

  it('masks a field that is JSON itself', () => {
    const body = 'email,rest\nx,"{""email"":1}"\n';
    expect(maskEveryWay({ type, masks: [field('$.email')] }, body)).toBe('email,rest\n***,"***"\n');
  });

  it('shows nothing of a row before it is known to fit', () => {
    const masker = maskerFor({ type, masks: [field('$.email')] });
    expect(masker.push(Buffer.from('id,email\n1,')).toString()).toBe('id,email\n');
    expect(masker.push(Buffer.from('x\n')).toString()).toBe('1,***\n');
  });

  it.each([
    ['no column that is selected', 'id,name\n1,x\n', 'csv-malformed'],
    ['semicolons', 'id;email\n1;x\n', 'csv-malformed'],
    ['tabs', 'id,a\temail\n', 'csv-malformed'],
    ['a separator line', 'sep=;\nid;email\n', 'csv-malformed'],
    ['a short row', 'id,email\nx\n', 'csv-malformed'],
    ['a long row', 'id,email\n1,2,x\n', 'csv-malformed'],
    ['a quote in a plain field', 'email,id\nx"y",1\n', 'csv-malformed'],
    ['text behind a quote', 'email,id\n"x"y,1\n', 'csv-malformed'],
    ['an open quote', 'email,id\n"x,1\n', 'csv-malformed'],
    ['a carriage return alone', 'email,id\rx,1\n', 'csv-malformed'],
    ['a row that is large', `email,id\n${'x'.repeat(600)}`, 'record-too-large'],
  ])('refuses %s', (_, body, code) => {
    const setting = { type, masks: [field('$.email')], limits: { recordBytesMax: 512 } };
    expect(refusalOf(setting, body)).toBe(code);
  });
});

describe('plain text', () => {
  it('is searched across chunks', () => {
    const setting = { type: 'text/plain', masks: [detect('email', 'partial'), detect('card')] };
    const body = 'Write to ada@example.com, pay by 4111 1111 1111 1111.\nädä@exämple.com; 12';
    expect(maskEveryWay(setting, body)).toBe('Write to a***om, pay by ***.\nä***om; 12');
  });
});

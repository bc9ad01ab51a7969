// A value that must not be seen, planted where a mask selects or detects it, in every spelling that clients take for it.

import { describe, expect, it } from '@jest/globals';
import { MaskError, type HttpMask } from '../../../../hosts/http/masking/index.ts';
import { detect, every, field, maskerFor, whole } from './support.ts';

const canary = 'canary-7f3a@bird.example';
const escaped = Array.from(canary, (character) => {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}).join('');

/** All that goes out, also before a refusal. */
const output = (type: string, masks: readonly HttpMask[], body: string, bytes: number): string => {
  const masker = maskerFor({ type, masks });
  const cut = bytes === 0 ? whole : every(bytes);
  const pieces: Buffer[] = [];
  try {
    for (const chunk of cut(Buffer.from(body))) pieces.push(Buffer.from(masker.push(chunk)));
    pieces.push(masker.end());
  } catch (error) {
    if (!(error instanceof MaskError)) throw error;
  }
  return Buffer.concat(pieces).toString('utf8');
};

/** What a lenient client could read in it: escapes taken off twice, quotes of CSV, lines put together. */
const readings = (text: string): readonly string[] => {
  const unescape = (said: string): string =>
    said.replace(/\\u([0-9a-fA-F]{4})|\\(.)/g, (_, unit?: string, letter?: string) =>
      unit === undefined ? (letter ?? '') : String.fromCharCode(Number.parseInt(unit, 16)),
    );
  const once = unescape(text);
  return [text, once, unescape(once), text.replaceAll('""', '"'), text.replaceAll('\ndata: ', '')];
};

const documents = (name: string, value: string): readonly string[] => [
  `{"${name}":${value}}`,
  `[{"a":1},{"${name}" :\t${value} }]`,
  `{"users":[{"id":1,"${name}":[[${value}],{"x":${value}}]}]}`,
  `{"${name}":${value},"${name}":${value}}`,
  `{"${name}":${value}`,
  `{"${name}":${value}]`,
  JSON.stringify({ rest: `{"${name}":${value}}` }),
  JSON.stringify([JSON.stringify(` {"${name}":${value}}`)]),
];
const names = ['email', 'Email', 'em\\u0061il', '\\u0045MAIL', 'ｅｍａｉｌ'];
const values = [`"${canary}"`, `"${escaped}"`, `"${'x'.repeat(70_000)}${canary}"`];
const bodies = names.flatMap((name) => values.flatMap((value) => documents(name, value)));

describe('a canary', () => {
  it.each([
    ['application/json', (body: string) => body],
    ['application/x-ndjson', (body: string) => `{"n":1}\n${body}\r\n{"n":2}\n`],
    ['text/event-stream', (body: string) => `id: 1\ndata: ${body}\n\n`],
    ['text/event-stream', (body: string) => `data: ${body.replace(':', ':\r\ndata:')}\r\n\r\n`],
  ] as const)('in a selected member of %s is not seen', (type, wrap) => {
    for (const body of bodies) {
      for (const bytes of body.length > 10_000 ? [0, 4096] : [0, 1, 5]) {
        const seen = output(type, [field('$..email')], wrap(body), bytes);
        for (const reading of readings(seen)) expect(reading).not.toContain(canary);
      }
    }
  });

  it.each([
    `id,email\n1,${canary}\n`,
    `id,"Email"\n1,"${canary}"\n`,
    `id,user.email\r\n1,${canary}`,
    `id;email\n1;${canary}\n`,
    `id\temail\n1\t${canary}\n`,
    `id,name\n1,${canary}\n`,
    `${canary}\n`,
    `email,id\n${canary}\n`,
    `id,email\n1,2,${canary}\n`,
    `id,email\n"1,"${canary}"\n`,
    `id,email\r1,${canary}\r`,
    `email,x\n1,"{""email"":""${canary}""}"\n`,
  ])('in a table is not seen: %j', (body) => {
    for (const bytes of [0, 1, 5]) {
      const seen = output('text/csv', [field('$[*].email')], body, bytes);
      for (const reading of readings(seen)) {
        expect(reading).not.toContain(canary);
      }
    }
  });

  it.each([
    `: ${canary}\n\ndata: {}\n\n`,
    `${canary}: x\ndata: {}\n\n`,
    `retry: ${canary}\n\n`,
    `id: ${canary}\n\n`,
    `event: ${canary}\ndata: {}\n\n`,
    `data: ${canary}\n\n`,
    `data: ${canary}`,
    `data: {"email":"\ndata: ${canary}"}\n\n`,
  ])('beside the documents of an event stream is not seen: %j', (body) => {
    for (const bytes of [0, 1, 5]) {
      const seen = output('text/event-stream', [field('$.email')], body, bytes);
      for (const reading of readings(seen)) expect(reading).not.toContain(canary);
    }
  });

  it('that a detector knows is not seen in any text or name', () => {
    const planted = [
      `{"a":"${canary}"}`,
      `{"a":"${escaped}"}`,
      `{"${canary}":1}`,
      `{"${escaped}":[1]}`,
      `["<${canary}>","x ${canary}, y"]`,
      JSON.stringify([JSON.stringify({ a: canary })]),
      JSON.stringify([`{"a":"${escaped}"}`]),
      `["${'word '.repeat(20_000)}${canary} ${'word '.repeat(9)}"]`,
      `["${'word '.repeat(20_000)}${escaped} ${'word '.repeat(9)}"]`,
    ];
    for (const body of planted) {
      for (const bytes of body.length > 10_000 ? [0, 4096, 4097] : [0, 1, 5]) {
        const seen = output('application/json', [detect('email')], body, bytes);
        for (const reading of readings(seen)) expect(reading).not.toContain(canary);
      }
    }
  });
});

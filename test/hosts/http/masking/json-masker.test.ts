import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskStrategies } from '../../../../engine/model/index.ts';
import { referenceMask, type FieldMask, type Json } from './json-reference.ts';
import {
  detect,
  every,
  field,
  maskBody,
  maskEveryWay,
  maskedText,
  maskerFor,
  refusalOf,
} from './support.ts';

const names = ['email', 'users', 'Name', 'x1', 'ключ', 'a b', '', 'toString', '__proto__x'];
const strings = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text.isWellFormed()),
  fc.constantFrom(
    '{"email":"x"}',
    '  ["email"]',
    '"{\\"a\\":1}"',
    '[note] plain',
    '{}',
    '\u00a0{"a":1}',
  ),
);
const scalars = fc.oneof(
  strings,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'medium' },
    scalars,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie('json'), { maxKeys: 4 }),
  ),
}));
const step = fc.oneof(
  fc.constantFrom('.email', '.users', '.name', '.X1', '.ключ', '..email', '..users', '..*', '.*'),
  fc.constantFrom('[*]', '[0]', '[1]', '..[*]', '..[1]'),
);
const masks: fc.Arbitrary<FieldMask[]> = fc.array(
  fc.record({
    field: fc.array(step, { maxLength: 4 }).map((steps) => `$${steps.join('')}`),
    strategy: fc.constantFrom(...maskStrategies),
  }),
  { minLength: 1, maxLength: 4 },
);

/** JSON text of a value in which any character may be spelled as an escape, and white space may stand anywhere. */
const spelled = (value: Json, choice: () => number): string => {
  const space = (): string => ['', '', '', ' ', '\n', '\t\r\n'][choice() % 6] ?? '';
  const text = (string: string): string => {
    const inner = Array.from(string, (character) => {
      const odd = choice() % 5 === 0;
      if (!odd) return JSON.stringify(character).slice(1, -1);
      if (character === '/') return '\\/';
      return Array.from({ length: character.length }, (_, unit) => {
        const hex = character.charCodeAt(unit).toString(16).padStart(4, '0');
        return `\\u${choice() % 2 === 0 ? hex : hex.toUpperCase()}`;
      }).join('');
    });
    return `"${inner.join('')}"`;
  };
  const write = (item: Json): string => {
    if (typeof item === 'string') return text(item);
    if (typeof item !== 'object' || item === null) return JSON.stringify(item);
    if (Array.isArray(item)) {
      return `[${space()}${item.map((one: Json) => write(one) + space()).join(`,${space()}`)}]`;
    }
    const members = Object.entries(item).map(
      ([name, one]) => `${space()}${text(name)}${space()}:${space()}${write(one)}`,
    );
    return `{${members.join(',')}${space()}}`;
  };
  return space() + write(value) + space();
};

const spelling = fc.tuple(json, fc.infiniteStream(fc.nat(1000)));

describe('JsonMasker', () => {
  it('gives what masking the parsed tree gives, at every chunking', () => {
    fc.assert(
      fc.property(
        spelling,
        masks,
        fc.integer({ min: 1, max: 9 }),
        ([value, stream], all, bytes) => {
          const body = spelled(value, () => stream.next().value as number);
          const masked = maskBody({ masks: all }, body);
          expect(JSON.parse(masked)).toEqual(JSON.parse(JSON.stringify(referenceMask(value, all))));
          expect(maskBody({ masks: all }, body, every(1))).toBe(masked);
          expect(maskBody({ masks: all }, body, every(bytes))).toBe(masked);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('gives every byte back where nothing is selected', () => {
    fc.assert(
      fc.property(spelling, ([value, stream]) => {
        fc.pre(JSON.stringify(referenceMask(value, [])) === JSON.stringify(value));
        const body = spelled(value, () => stream.next().value as number);
        expect(maskEveryWay({ masks: [field('$.nowhere')] }, body)).toBe(body);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['null', '{"a":null,"b":"x"}'],
    ['fixed', '{"a":"***","b":"x"}'],
    ['hash', `{"a":"${maskedText('ada@example.com', 'hash') ?? ''}","b":"x"}`],
    ['partial', '{"a":"a***om","b":"x"}'],
  ] as const)('masks a text by %s', (strategy, expected) => {
    const body = '{"a":"ada@example.com","b":"x"}';
    expect(maskEveryWay({ masks: [field('$.a', strategy)] }, body)).toBe(expected);
  });

  it('masks numbers and truth values as null, whatever the strategy: nothing else is of no type', () => {
    const body = '{"a": [1, -2.5e3, true, false, null, "x", {"b": 0}], "c": 1.0}';
    const expected = '{"a": [null, null, null, null, null, "***", {"b": null}], "c": 1.0}';
    expect(maskEveryWay({ masks: [field('$.a', 'partial')] }, body)).toBe(expected);
  });

  it('leaves numbers, white space and escapes outside as they are', () => {
    const body = '\n{ "n" : 1.10E+02 ,"s":"\\/\\u00e9", "email":\t"x" }\r\n';
    const expected = body.replace('"x"', '"***"');
    expect(maskEveryWay({ masks: [field('$.email')] }, body)).toBe(expected);
  });

  it('reads what it masks, and writes it as JSON again', () => {
    const body = '{"a":"\\u0022\\u0041bcdefgh\\ud83d\\ude00\\n"}';
    const expected = '{"a":"\\"***😀\\n"}';
    expect(maskEveryWay({ masks: [field('$.a', 'partial')] }, body)).toBe(expected);
  });

  it.each([
    '{"email":1}',
    '{"Email":1}',
    '{"EMAIL":1}',
    '{"em\\u0061il":1}',
    '{"\\u0065\\u006d\\u0061\\u0069\\u006c":1}',
    '{"\\u0045mail":1}',
    '{"ｅmail":1}',
    '{"ema\\u0131l":1}',
  ])('knows the name in %s', (body) => {
    expect(maskEveryWay({ masks: [field('$.email')] }, body)).toBe(body.replace(':1}', ':null}'));
  });

  it('knows names by Unicode as clients do that match without case', () => {
    const setting = { masks: [field('$.ask')] };
    expect(maskEveryWay(setting, '{"a\u017f\u212a":1}')).toBe('{"a\u017f\u212a":null}');
  });

  it('masks a whole text that is JSON itself, since selectors do not look into it', () => {
    const setting = { masks: [field('$.x')] };
    expect(maskEveryWay(setting, '{"b":"{\\"x\\":1}","c":"[1]"}')).toBe('{"b":"***","c":"[1]"}');
    expect(maskEveryWay(setting, '["\\u007b\\"x\\":1}"]')).toBe('["***"]');
    const twice = JSON.stringify([` ${JSON.stringify(JSON.stringify({ x: 1 }))}`]);
    expect(maskEveryWay(setting, twice)).toBe('["***"]');
  });

  it('masks what is too long to be held as fixed, and holds no more', () => {
    const limits = { valueBytesMax: 32 };
    const long = 'v'.repeat(33);
    const setting = { masks: [field('$.a', 'hash')], limits };
    expect(maskEveryWay(setting, `{"a":"${long}"}`)).toBe('{"a":"***"}');
    expect(maskEveryWay(setting, `{"b":"${long}"}`)).toBe(`{"b":"${long}"}`);
    expect(maskEveryWay(setting, `{"b":"{\\"${long}"}`)).toBe('{"b":"***"}');
    expect(maskEveryWay(setting, `{"b":"   ${long}"}`)).toBe(`{"b":"   ${long}"}`);
    expect(maskEveryWay(setting, `{"b":"${' '.repeat(40)}x"}`)).toBe('{"b":"***"}');
    const kept = `{"b":"${'v'.repeat(32)}"}`;
    expect(maskEveryWay(setting, kept)).toBe(kept);
  });

  it('takes an empty body for what it is', () => {
    expect(maskEveryWay({ masks: [field('$.a')] }, '')).toBe('');
    expect(maskerFor({ masks: [field('$.a')] }).end()).toHaveLength(0);
  });

  it('gives a chunk back uncopied when nothing in it changed', () => {
    const masker = maskerFor({ masks: [field('$.a')] });
    const chunk = Buffer.from('{"b":[1,2,{"c":"text"}]}');
    expect(masker.push(chunk)).toBe(chunk);
  });

  const malformed: readonly (readonly [string, string | Buffer, string])[] = [
    ['a second document', '{} {}', 'json-malformed'],
    ['text behind it', '[1]x', 'json-malformed'],
    ['a byte order mark', '\ufeff{}', 'json-malformed'],
    ['a trailing comma', '[1,]', 'json-malformed'],
    ['a trailing comma in an object', '{"a":1,}', 'json-malformed'],
    ['no comma', '[1 2]', 'json-malformed'],
    ['no colon', '{"a" 1}', 'json-malformed'],
    ['no name', '{1:2}', 'json-malformed'],
    ['the wrong end', '[1}', 'json-malformed'],
    ['an end alone', ']', 'json-malformed'],
    ['a cut object', '{"a":1', 'json-malformed'],
    ['a cut string', '"abc', 'json-malformed'],
    ['a cut literal', 'tru', 'json-malformed'],
    ['another literal', 'nulL', 'json-malformed'],
    ['NaN', 'NaN', 'json-malformed'],
    ['a leading zero', '01', 'json-malformed'],
    ['a plus sign', '+1', 'json-malformed'],
    ['a bare minus', '[-]', 'json-malformed'],
    ['a point at the end', '[1.]', 'json-malformed'],
    ['an exponent without digits', '[1e+]', 'json-malformed'],
    ['a hexadecimal number', '0x1', 'json-malformed'],
    ['a comment', '[1] // x', 'json-malformed'],
    ['a single quote', "['a']", 'json-malformed'],
    ['an unknown escape', '"\\x"', 'json-malformed'],
    ['an escape of capital U', '"\\U0041"', 'json-malformed'],
    ['an escape that is cut', '"\\u00"', 'json-malformed'],
    ['a lone high surrogate', '"\\ud800"', 'json-malformed'],
    ['a lone low surrogate', '"\\udc00"', 'json-malformed'],
    ['a high surrogate twice', '"\\ud800\\ud800"', 'json-malformed'],
    ['a high surrogate before another escape', '"\\ud800\\n"', 'json-malformed'],
    ['a tab in a string', '"\t"', 'json-malformed'],
    ['a NUL in a name', '{"\u0000":1}', 'json-malformed'],
    ['a vertical tab between tokens', '[\v1]', 'json-malformed'],
    ['a no-break space between tokens', '[\u00a01]', 'json-malformed'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'body-not-utf8'],
    ['an overlong quote', Buffer.from([0x22, 0xc0, 0xa2, 0x22]), 'body-not-utf8'],
    ['a surrogate in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'body-not-utf8'],
    ['a selected name twice', '{"a":1,"a":2}', 'json-name-repeated'],
    ['a selected name in two cases', '{"a":1,"A":2}', 'json-name-repeated'],
    ['a selected name in two spellings', '{"a":1,"\\u0061":2}', 'json-name-repeated'],
    ['nesting too deep', '['.repeat(257), 'json-too-deep'],
  ];

  it.each(malformed)('refuses %s', (_, body, code) => {
    expect(refusalOf({ masks: [field('$.a')] }, body)).toBe(code);
  });

  it('takes other names twice: no selector looks there', () => {
    const body = '{"b":1,"b":{"a":1,"c":{"a":2,"a":3}}}';
    expect(maskEveryWay({ masks: [field('$.a')] }, body)).toBe(body);
  });

  it('takes nesting up to its bound', () => {
    const body = '['.repeat(256) + ']'.repeat(256);
    expect(maskEveryWay({ masks: [field('$..a')] }, body)).toBe(body);
  });

  it('finds what detectors know in texts, names and numbers', () => {
    const setting = { masks: [detect('email'), detect('card')] };
    const body =
      '{"to":"Ada <ada@example.com>","ada@example.com":1,"pan":4111111111111111,"n":4.111111111111111e15,' +
      '"esc":"ada\\u0040example.com \\u00e9","args":"{\\"to\\":\\"ada@example.com\\"}"}';
    const expected =
      '{"to":"Ada <***>","***":1,"pan":null,"n":null,"esc":"*** é","args":"{\\"to\\":\\"***\\"}"}';
    expect(maskEveryWay(setting, body)).toBe(expected);
  });

  it('finds them in texts that are too long to be held', () => {
    const setting = { masks: [detect('email', 'partial')], limits: { valueBytesMax: 32 } };
    const body = `["${'word '.repeat(20)}ada\\u0040example.com\\n${'word '.repeat(9)}"]`;
    const expected = body.replace('ada\\u0040example.com', 'a***om');
    expect(maskEveryWay(setting, body)).toBe(expected);
    const long = `[${'1'.repeat(200)}]`;
    expect(maskEveryWay({ ...setting, masks: [detect('card')] }, long)).toBe('[null]');
  });
});

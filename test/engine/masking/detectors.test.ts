import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TextDetectors, TextScanner, detectors, maskText } from '#engine/masking';
import type { MaskStrategy } from '#engine/model';

interface Setting {
  readonly names: readonly string[];
  readonly strategy?: MaskStrategy;
}

/** In pieces of so many bytes, each overwritten afterwards: who keeps a view of one is found out. */
const mask = ({ names, strategy = 'fixed' }: Setting, text: string, bytes = Infinity): string => {
  const chosen = names
    .flatMap((name) => detectors.get(name) ?? [])
    .map((detector) => ({ detector, strategy }));
  const key = Buffer.alloc(32, 7);
  const scanner = new TextScanner(new TextDetectors(chosen), (value, how) =>
    maskText(value, how, key),
  );
  const whole = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += bytes) {
    const own = Buffer.from(whole.subarray(at, at + bytes));
    pieces.push(Buffer.from(scanner.push(own)));
    own.fill(0x5a);
  }
  return Buffer.concat([...pieces, scanner.end()]).toString('utf8');
};

const found = (name: string, text: string): string => {
  const expected = mask({ names: [name] }, text);
  for (const bytes of [1, 2, 3, 7, 64]) expect(mask({ names: [name] }, text, bytes)).toBe(expected);
  return expected;
};

const finds: readonly (readonly [string, readonly string[]])[] = [
  [
    'card',
    [
      '4111111111111111',
      '4111 1111 1111 1111',
      '4111-1111-1111-1111',
      '5555555555554444',
      '2223003122003222',
      '378282246310005',
      '3782 822463 10005',
      '6011111111111117',
      '30569309025904',
      '3530111333300000',
      '4222222222222',
    ],
  ],
  [
    'email',
    [
      'ada@example.com',
      'ada.l+x@mail.example.co.uk',
      "o'hara@example.com",
      'ädä@exämple.de',
      'A@B.CD',
    ],
  ],
  [
    'iban',
    [
      'DE89370400440532013000',
      'DE89 3704 0044 0532 0130 00',
      'gb82west12345698765432',
      'NO9386011117947',
    ],
  ],
  ['nl-bsn', ['111222333', '123456782']],
  ['es-dni', ['12345678Z', '12345678z', 'X1234567L']],
  [
    'se-personnummer',
    ['811218-9876', '8112189876', '19811218-9876', '198112189876', '811218+9876'],
  ],
  [
    'token',
    [
      'AKIAIOSFODNN7EXAMPLE',
      `ghp_${'a1'.repeat(18)}`,
      `github_pat_${'a1'.repeat(20)}`,
      'xoxb-123456789012-abcdefABCDEF',
      `slp_${'aB3_-xyz'.repeat(4)}`,
      `sk-ant-${'a1-'.repeat(10)}`,
      `sk_live_${'a1'.repeat(12)}`,
      `AIza${'a1_-b'.repeat(7)}`,
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      '-----BEGIN PRIVATE KEY-----\nMIIB+/=\n-----END PRIVATE KEY-----',
      '-----BEGIN RSA PRIVATE KEY-----\\nMIIB\\n-----END RSA PRIVATE KEY-----',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1',
    ],
  ],
];

const passes: readonly (readonly [string, readonly string[]])[] = [
  [
    'card',
    [
      '4111111111111112',
      '41111111111111111',
      '1234567812345670',
      '411111111111',
      '4111  1111 1111 1111',
    ],
  ],
  ['email', ['ada@localhost', '@example.com', 'a @example.com', 'ada@.com', 'ada@@example']],
  ['iban', ['DE89370400440532013001', 'DE8937040044', 'XX', 'ADE89370400440532013000']],
  ['nl-bsn', ['111222334', '1112223334', '000000000']],
  ['es-dni', ['12345678A', '1234567Z', 'X12345678L']],
  ['se-personnummer', ['811218-9875', '811318-9876', '8112189-876']],
  [
    'token',
    [
      'AKIA',
      'ghp_short',
      'eyJhbGciOiJIUzI1NiJ9',
      '-----BEGIN CERTIFICATE-----',
      'risk-averse-and-more-words',
    ],
  ],
];

describe.each(finds)('the detector %s', (name, values) => {
  it.each(values)('finds %p', (value) => {
    expect(found(name, value)).toBe('***');
    expect(found(name, `{${value}}`)).toBe('{***}');
    expect(found(name, `pay "${value}"; ${value}`)).toBe('pay "***"; ***');
  });
});

describe.each(passes)('the detector %s', (name, values) => {
  it.each(values)('lets %p pass', (value) => {
    expect(found(name, value)).toBe(value);
  });
});

describe('detectors', () => {
  const all = finds.map(([name]) => name);

  it('find a card behind other digits that are groups of their own', () => {
    expect(found('card', '2026 4111 1111 1111 1111')).toBe('2026 ***');
    expect(found('card', '4111 1111 1111 1111 2026')).toBe('*** 2026');
  });

  it('take the last bytes of a local part that is too long to be one', () => {
    expect(found('email', `${'x'.repeat(100)}@example.com`)).toBe(`${'x'.repeat(36)}***`);
    const cut = `${'é'.repeat(50)}y@example.com`;
    expect(found('email', cut)).toBe(`${'é'.repeat(19)}***`);
  });

  it('mask a token of any length to its last byte', () => {
    const token = `eyJ${'a'.repeat(20)}.${'b'.repeat(40_000)}`;
    const setting = { names: ['token'], strategy: 'hash' } as const;
    expect(mask(setting, `<${token}> <x>`)).toBe('<***> <x>');
    expect(mask(setting, `<${token}> <x>`, 1000)).toBe('<***> <x>');
  });

  it('give the same text however it is cut', () => {
    const pieces = fc.oneof(
      fc.constantFrom(
        ...finds.flatMap(([, values]) => values),
        ...passes.flatMap(([, values]) => values),
      ),
      fc.constantFrom(
        ' ',
        '-',
        '.',
        '@',
        '1',
        '4111',
        'a',
        'é',
        '\n',
        'eyJ',
        '-----BEGIN ',
        'DE89 ',
      ),
      fc.string({ maxLength: 5 }),
    );
    const text = fc.array(pieces, { maxLength: 12 }).map((all) => all.join(''));
    const setting = { names: all, strategy: 'partial' } as const;
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 70 }), (body, bytes) => {
        fc.pre(body.isWellFormed());
        const expected = mask(setting, body);
        expect(mask(setting, body, 1)).toBe(expected);
        expect(mask(setting, body, bytes)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['1', '4', '1 ', '@', 'a@', 'a', 'eyJ', '-----BEGIN ', 'DE89', 'AKIA', 'x.', '-'])(
    'need time by the length of the text: %p',
    (piece) => {
      const body = Buffer.alloc(1_000_000, piece).toString();
      const startedAt = process.cpuUsage();
      mask({ names: all }, body, 65_536);
      const { user, system } = process.cpuUsage(startedAt);
      expect(user + system).toBeLessThan(2_500_000);
    },
  );
});

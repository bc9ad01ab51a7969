import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { maskText } from '../../../../engine/masking/index.ts';
import type { MaskStrategy, MaskingRule } from '../../../../engine/model/index.ts';
import { OutputMasker, planOutputMasks } from '../../../../hosts/ssh/output/index.ts';
import { cpuSeconds, run, runEveryWay } from './support.ts';

const key = Buffer.alloc(32, 7);
const mask = (value: Buffer, strategy: MaskStrategy): Buffer | null =>
  maskText(value, strategy, key);

const maskerFor = (...masks: readonly MaskingRule[]): OutputMasker => {
  const plan = planOutputMasks(masks);
  if (plan.kind === 'invalid') throw new Error(plan.message);
  return new OutputMasker(plan, mask);
};

const detect = (name: string, strategy: MaskStrategy = 'fixed'): MaskingRule => ({
  detect: name,
  strategy,
});

const everything = ['card', 'email', 'iban', 'token', 'nl-bsn', 'es-dni', 'se-personnummer'];
const usual = () => maskerFor(detect('card'), detect('email'), detect('token'));
const all = () => maskerFor(...everything.map((name) => detect(name, 'partial')));

const esc = '\x1b';
const card = '4111111111111111';

describe('the masks of output', () => {
  it.each([
    [{ column: 'public.users.email', strategy: 'null' }, 'output has no column public.users.email'],
    [{ field: '$.email', strategy: 'null' }, 'output has no member $.email'],
    [{ detect: 'cards', strategy: 'null' }, 'no detector cards'],
  ] as const)('are refused where %p cannot be applied', (rule, message) => {
    expect(planOutputMasks([detect('card'), rule])).toEqual({ kind: 'invalid', message });
  });

  it('are refused when there are too many', () => {
    const masks = Array.from({ length: 257 }, () => detect('card'));
    expect(planOutputMasks(masks)).toEqual({ kind: 'invalid', message: 'more than 256 masks' });
  });

  it('have the strategies of all other masks', () => {
    const text = (strategy: MaskStrategy) =>
      runEveryWay(() => maskerFor(detect('email', strategy)), 'to ada@example.com.\n');
    expect(text('null')).toBe('to .\n');
    expect(text('fixed')).toBe('to ***.\n');
    expect(text('partial')).toBe('to a***om.\n');
    expect(text('hash')).toMatch(/^to [0-9a-f]{32}\.\n$/);
  });
});

describe('masked output', () => {
  it.each([
    [`card ${card}\n`, 'card ***\n'],
    [`${card}${card}\n`, `${card}${card}\n`],
    [`${esc}[31m${card}${esc}[0m`, `${esc}[31m***${esc}[0m`],
    [`4111${esc}[0m111111111111`, `***${esc}[0m`],
    [
      `x ${esc}[01;31m${esc}[K4111${esc}[m${esc}[K111111111111 y`,
      `x ${esc}[01;31m${esc}[K***${esc}[m${esc}[K y`,
    ],
    [`ada${esc}[1m@${esc}[mexample.com,`, `***${esc}[1m${esc}[m,`],
    [`4111${esc}[2A111111111111`, `4111${esc}[2A111111111111`],
    [`99${esc}[10G${card}${esc}[2Kx`, `99${esc}[10G***${esc}[2Kx`],
    [`${esc}[5;10Hada@example.com${esc}[6n`, `${esc}[5;10H***${esc}[6n`],
    [
      `${esc}]0;ada@example.com\x07${esc}AKIAIOSFODNN7EXAMPLE`,
      `${esc}]0;***\x07${esc}AKIAIOSFODNN7EXAMPLE`,
    ],
    [`4111${esc}[3`, `4111${esc}[3`],
    [`${esc}${esc}[m${esc}`, `${esc}${esc}[m${esc}`],
    [`\xff\x00${card}\xfe`, '\xff\x00***\xfe'],
  ])('of %p is %p', (text, expected) => {
    expect(runEveryWay(usual, Buffer.from(text, 'latin1'))).toBe(expected);
  });

  it('ends with all that was pushed when nothing is found', () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (input, chunkBytes) => {
        const text = Buffer.from(input);
        fc.pre(!text.includes('@'));
        expect(run(maskerFor(detect('email')), text, chunkBytes)).toEqual(text);
      }),
    );
  });

  it('is the same however it is cut', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        `${esc}[m`,
        `${esc}[01;31m`,
        `${esc}[K`,
        `${esc}[`,
        esc,
        `${esc}[2J`,
        `${esc}[${'1;'.repeat(30)}m`,
      ),
      fc.constantFrom(
        '4111',
        '1111',
        ' ',
        '-',
        '9',
        'a',
        '@',
        '.com',
        'ada',
        'AKIA',
        'eyJ',
        'DE89',
      ),
      fc.constantFrom(card, 'ada@example.com', 'AKIAIOSFODNN7EXAMPLE', '12345678Z'),
      fc.string({ maxLength: 3 }),
    );
    const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 70 }), (output, chunkBytes) => {
        const bytes = Buffer.from(output);
        const expected = run(all(), bytes);
        expect(run(all(), bytes, 1).equals(expected)).toBe(true);
        expect(run(all(), bytes, chunkBytes).equals(expected)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('keeps every control sequence, in order', () => {
    const sequences = [`${esc}[1m`, `${esc}[32;1m`, `${esc}[2J`, `${esc}[10;5H`, `${esc}7`];
    const piece = fc.constantFrom('4111', '1111', ' ', 'a', '@b.cd', ...sequences);
    const kept = (text: string) =>
      text
        .split(esc)
        .slice(1)
        .map((part) => /^(?:7|\[[0-9;]*[A-Za-z])/.exec(part)?.[0]);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const output = pieces.join('');
        expect(kept(runEveryWay(usual, output))).toEqual(kept(output));
      }),
    );
  });
});

describe('held output', () => {
  it('is only what may become a value', () => {
    const masker = usual();
    expect(masker.push(Buffer.from('done at 18:46\n')).toString()).toBe('done at 18:46\n');
    expect(masker.isHolding).toBe(false);
    expect(masker.push(Buffer.from('card: 4111')).toString()).toBe('card: ');
    expect(masker.isHolding).toBe(true);
    expect(masker.flush().toString()).toBe('4111');
    expect(masker.isHolding).toBe(false);
    expect(masker.push(Buffer.from('111111111111\n')).toString()).toBe('111111111111\n');
  });

  it.each(['4111 1', 'a', 'eyJ', '-----BEGIN PRIVATE KEY-----', `4${esc}[1m`, `${esc}[1m`, '1 '])(
    'is bounded under endless %p',
    (piece) => {
      const masker = all();
      for (let turn = 0; turn < 200; turn += 1) masker.push(Buffer.alloc(4096, piece));
      expect(masker.end().length).toBeLessThan(20_000);
    },
  );
});

describe('the time of masking', () => {
  const hostile = [
    '1',
    '4',
    '1 ',
    '1-',
    '@',
    'a@',
    'a',
    'eyJ',
    '-',
    '-----BEGIN ',
    'DE89',
    'DE89 ',
    'AKIA',
    'x.',
    '12345678',
    esc,
    `${esc}[`,
    `${esc}[1`,
    `${esc}[m`,
    `4${esc}[m`,
    `a${esc}[K@`,
    '-----BEGIN PRIVATE KEY-----',
  ];

  it.each(hostile)('grows with the length of the output: %p', (piece) => {
    const seconds = (bytes: number): number =>
      cpuSeconds(() => run(all(), Buffer.alloc(bytes, piece), 32_768));
    expect(seconds(1_000_000)).toBeLessThan(8 * seconds(250_000) + 0.2);
  });

  it('stays small for output that comes byte by byte', () => {
    const output = Buffer.alloc(50_000, 'eyJ0');
    expect(cpuSeconds(() => run(all(), output, 1))).toBeLessThan(5);
  });
});

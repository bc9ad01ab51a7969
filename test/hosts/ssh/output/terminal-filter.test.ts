import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TerminalFilter, terminalReset } from '../../../../hosts/ssh/output/index.ts';
import { cpuSeconds, run, runEveryWay } from './support.ts';

const esc = '\x1b';
const bel = '\x07';
const st = `${esc}\\`;

const filtered = (output: string | Buffer): string =>
  Buffer.from(
    runEveryWay(() => new TerminalFilter(), output),
    'latin1',
  ).toString('utf8');

const kept: readonly (readonly [string, string])[] = [
  ['text', 'héllo wörld → 日本語 😀\r\n\t\b\x07'],
  ['colours', `${esc}[1;38;5;196m${esc}[38:2::255:0:0m${esc}[m`],
  ['cursor movement', `${esc}[2A${esc}[10;20H${esc}[G${esc}[9999;9999f${esc}7${esc}8${esc}M`],
  ['erasing', `${esc}[K${esc}[2J${esc}[3P${esc}[5X${esc}[1@${esc}[2L`],
  ['the alternate screen', `${esc}[?1049h${esc}[?25l${esc}[1;24r${esc}[?25h${esc}[?1049l`],
  ['line drawing', `${esc}(0lqqk${esc}(B${esc})0\x0e\x0f`],
  ['modes of full-screen programs', `${esc}[?1h${esc}=${esc}[?7l${esc}[?2004h${esc}[4l${esc}[!p`],
  ['the reset of a terminal', terminalReset],
];

const dropped: readonly (readonly [string, string])[] = [
  ['clipboard writes', `${esc}]52;c;cm0gLXJmIH4K${bel}`],
  ['clipboard reads', `${esc}]52;c;?${st}`],
  ['titles', `${esc}]0;$(reboot)${bel}${esc}]2;x${st}`],
  ['title reports', `${esc}[21t${esc}[20t`],
  ['window manipulation', `${esc}[8;1;1t${esc}[22;0;0t${esc}[2t`],
  ['links', `${esc}]8;;ssh://evil${st}${esc}]8;;${st}`],
  ['colour queries', `${esc}]10;?${bel}${esc}]4;0;?${bel}`],
  [
    'notifications and files',
    `${esc}]9;hi${bel}${esc}]1337;File=:QQ==${bel}${esc}]777;notify;a;b${bel}`,
  ],
  ['settings queries', `${esc}P$qm${st}${esc}P+q544e${st}`],
  ['sixel and key definitions', `${esc}P1$tq#0${st}${esc}P0;1|17/0d${st}`],
  ['application and privacy strings', `${esc}_Gi=1;AAAA${st}${esc}^x${st}${esc}Xy${st}`],
  ['answerback', '\x05'],
  ['device attributes', `${esc}[c${esc}[0c${esc}[>c${esc}[=c${esc}Z`],
  ['status reports', `${esc}[5n${esc}[6n${esc}[?6n${esc}[?15n`],
  ['mode, parameter and version queries', `${esc}[?2026$p${esc}[4$p${esc}[1x${esc}[>q${esc}[?u`],
  ['checksums of the screen', `${esc}[1;1;1;1;2;2*y`],
  ['printing', `${esc}[5i${esc}[?4i${esc}[i`],
  ['mouse and focus reports', `${esc}[?1000h${esc}[?1003;1006h${esc}[?1004h${esc}[1;2;3;4;5T`],
  ['key encodings', `${esc}[>4;2m${esc}[>1u${esc}[=5u${esc}[?1036h${esc}[?67h`],
  ['modes beside allowed ones', `${esc}[?25;1000h`],
  ['keyboard lock and echo', `${esc}[2h${esc}[12l${esc}[20h`],
  ['another terminal', `${esc}[?2l${esc}<${esc} G${esc}%@${esc}[62;1"p`],
  ['saved modes', `${esc}[?1000s${esc}[?1000r`],
  ['erasing what could be scrolled back to', `${esc}[3J${esc}c`],
  ['linux console commands', `${esc}[15]${esc}[10;440]`],
  ['counts beyond all terminals', `${esc}[999999b${esc}[1;100000H`],
  ['other controls', '\x00\x01\x11\x13\x18\x1a\x7f'],
];

describe('the terminal filter', () => {
  it.each(kept)('keeps %s', (_, output) => {
    expect(filtered(output)).toBe(output);
  });

  it.each(dropped)('drops %s', (_, output) => {
    expect(filtered(`a${output}b`)).toBe('ab');
  });

  it('drops a string that has no end, as a terminal waits for it', () => {
    expect(filtered(`a${esc}]0;title and all that follows\r\n`)).toBe('a');
    expect(filtered(`a${esc}]0;title${esc}[1mb`)).toBe(`a${esc}[1mb`);
    expect(filtered(`a${esc}Pq\x18b`)).toBe('ab');
  });

  it('shows what was no sequence', () => {
    expect(filtered(`${esc}[1;\n2m`)).toBe('\n2m');
    expect(filtered(`${esc}[<<m`)).toBe('<m');
    expect(filtered(`${esc}[3é`)).toBe('é');
    expect(filtered(`${esc}${esc}[1m`)).toBe(`${esc}[1m`);
    expect(filtered(`${esc}[${'1;'.repeat(40)}m`)).toBe(`${'1;'.repeat(40)}m`.slice(62));
    expect(filtered(`${esc}[1`)).toBe('');
  });

  it.each([
    ['C1 controls as bytes', Buffer.from([0x9b, 0x36, 0x6e]), '\ufffd6n'],
    ['C1 controls as characters', Buffer.from('\u009b6n\u0090'), '\ufffd6n\ufffd'],
    ['C1 controls behind a broken lead', Buffer.from([0xe2, 0x9b, 0x36]), '\ufffd6'],
    ['overlong ESC', Buffer.from([0xc0, 0x9b, 0xe0, 0x80, 0x9b]), '\ufffd\ufffd\ufffd\ufffd\ufffd'],
    ['surrogates', Buffer.from([0xed, 0xa0, 0x80]), '\ufffd\ufffd\ufffd'],
    ['changes of direction', Buffer.from('\u202egnp.\u2066'), '\ufffdgnp.\ufffd'],
    ['a character without its end', Buffer.from([0x61, 0xf0, 0x9f, 0x98]), 'a\ufffd'],
    [
      'a character parted by a sequence',
      Buffer.from('\xc2\x1b]0;\x07\x9b', 'latin1'),
      '\ufffd\ufffd',
    ],
  ])('replaces %s', (_, output, expected) => {
    expect(filtered(output)).toBe(expected);
  });

  const piece = fc.oneof(
    fc.constantFrom(...kept, ...dropped).map(([, output]) => Buffer.from(output)),
    fc
      .constantFrom(
        esc,
        `${esc}[`,
        `${esc}]`,
        `${esc}P`,
        st,
        bel,
        '1',
        ';',
        '?',
        'm',
        'h',
        '$',
        ' ',
      )
      .map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ maxLength: 3, unit: 'binary' }).map((text) => Buffer.from(text)),
  );
  const outputs = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));

  it('gives the same however the output is cut, and nothing that it would not give again', () => {
    fc.assert(
      fc.property(outputs, fc.integer({ min: 1, max: 40 }), (output, chunkBytes) => {
        const expected = run(new TerminalFilter(), output);
        expect(run(new TerminalFilter(), output, 1).equals(expected)).toBe(true);
        expect(run(new TerminalFilter(), output, chunkBytes).equals(expected)).toBe(true);
        expect(run(new TerminalFilter(), expected).equals(expected)).toBe(true);
        expect(isUtf8(expected)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads characters as every decoder of UTF-8 does', () => {
    const bytes = fc.array(
      fc.oneof(fc.integer({ min: 0x80, max: 0xff }), fc.integer({ min: 0x20, max: 0x7e })),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const output = Buffer.from(input);
        const expected = new TextDecoder('utf-8', { ignoreBOM: true })
          .decode(output)
          .replace(/[\u0080-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
        expect(filtered(output)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    esc,
    `${esc}[`,
    `${esc}[1;`,
    `${esc}]`,
    `${esc}[m`,
    `${esc}[c`,
    '\xe2',
    '\x80',
    '\x00',
    ' ',
  ])('needs time by the length of the output: %p', (text) => {
    const output = Buffer.alloc(1_000_000, Buffer.from(text, 'latin1'));
    expect(cpuSeconds(() => run(new TerminalFilter(), output, 32_768))).toBeLessThan(2);
    expect(cpuSeconds(() => run(new TerminalFilter(), output.subarray(0, 50_000), 1))).toBeLessThan(
      2,
    );
  });
});

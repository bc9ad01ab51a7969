import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { lineBytesMax } from '../../../../hosts/ssh/interactive/edit-buffer.ts';
import { pasteBytesMax } from '../../../../hosts/ssh/interactive/key-reader.ts';
import type { EditorStep } from '../../../../hosts/ssh/interactive/line-editor.ts';
import { LineEditor } from '../../../../hosts/ssh/interactive/line-editor.ts';
import { Screen } from '../../../support/ssh/screen.ts';

/** An editor with its screen; what it gives out starts the next prompt, as a session does. */
class Session {
  readonly lines: string[] = [];
  readonly screen: Screen;
  readonly editor: LineEditor;
  ended = false;

  constructor(columns = 80) {
    this.screen = new Screen(columns);
    this.editor = new LineEditor(columns);
    this.#take(this.editor.prompt('$ '));
  }

  /** Whole, or cut into chunks. */
  type(keys: string, cut: (keys: Buffer) => readonly Buffer[] = (bytes) => [bytes]): this {
    for (const chunk of cut(Buffer.from(keys))) {
      let rest = chunk;
      while (rest.length > 0 && !this.ended) rest = this.#take(this.editor.feed(rest));
    }
    return this;
  }

  #take({ output, event, rest }: EditorStep): Buffer {
    this.screen.write(output);
    if (event?.kind === 'line') this.lines.push(event.text);
    if (event?.kind === 'end-of-input') this.ended = true;
    if (event?.kind === 'line') this.#take(this.editor.prompt('$ '));
    return rest;
  }

  get shown(): string {
    return this.screen.text.join('\n');
  }
}

const byteByByte = (bytes: Buffer): readonly Buffer[] =>
  Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));

const [up, down, right, left] = ['\x1b[A', '\x1b[B', '\x1b[C', '\x1b[D'];
const paste = (text: string): string => `\x1b[200~${text}\x1b[201~`;

describe('the keys of the editor', () => {
  it.each([
    ['plain text', 'ls -l\r', ['ls -l']],
    ['erase', 'lx\x7fs\r', ['ls']],
    ['arrows', `b${left}a${right}c\r`, ['abc']],
    ['home and end', 'b\x01a\x05c\r', ['abc']],
    ['home and end as sequences', 'b\x1b[Ha\x1b[4~c\r', ['abc']],
    ['application keys', 'b\x1bODa\r', ['ab']],
    ['^B and ^F', 'b\x02a\x06c\r', ['abc']],
    ['kill to the end and yank', 'ab cd\x02\x02\x0b\x01\x19\r', ['cdab ']],
    ['kill to the start', 'ab cd\x15x\r', ['x']],
    ['kill a word', 'ab cd/ef\x17x\r', ['ab x']],
    ['meta words', 'ab cd\x1bb\x1bbX\x1bfY\x1bd\r', ['XabY']],
    ['meta erase', 'ab cd-ef\x1b\x7fx\r', ['ab x']],
    ['transpose', 'sl\x14\r', ['ls']],
    ['delete', 'xls\x01\x04\r', ['ls']],
    ['delete as a sequence', 'xls\x01\x1b[3~\r', ['ls']],
    ['word arrows', 'ab cd\x1b[1;5DX\r', ['ab Xcd']],
    ['^C drops the line', 'rm x\x03ls\r', ['ls']],
    ['line feed enters as well', 'ls\n', ['ls']],
    ['wide characters', `日本${left}\x7f語\r`, ['語本']],
    ['a mark goes with its letter', `e\u0301x${left}${left}y\r`, ['ye\u0301x']],
    ['unknown sequences', 'l\x1b[99~\x1b[>4;1m\x1bOPs\r', ['ls']],
    ['an interrupted sequence', 'x\x1b[1;\x03ls\r', ['ls']],
    ['broken UTF-8', 'l\u00e9s\r', ['l\u00e9s']],
    ['blank lines', '\r  \rls\r', ['ls']],
  ])('%s', (_, keys, lines) => {
    expect(new Session().type(keys).lines).toEqual(lines);
    expect(new Session().type(keys, byteByByte).lines).toEqual(lines);
  });

  it('refuses bytes that are no text', () => {
    const editor = new LineEditor(80);
    editor.prompt('$ ');
    const hostile = Buffer.from([0x6c, 0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0x00, 0x73, 0x0d]);
    expect(editor.feed(hostile).event).toEqual({ kind: 'line', text: 'ls' });
  });

  it('takes no character that cannot be seen or turns others round', () => {
    const session = new Session().type('ls \u202e\u200b\u2066\u0085\u2028x\r');
    expect(session.lines).toEqual(['ls x']);
  });

  it('ends at ^D on an empty line only', () => {
    expect(new Session().type('x\x04').ended).toBe(false);
    expect(new Session().type('\x04').ended).toBe(true);
  });

  it('takes nothing that a terminal reports for typed text', () => {
    const reports =
      '\x1b[24;80R\x1b[?62;c\x1b]lrm -rf /\r\x1b\\\x1bP1$r0m\r\x1b\\\x1b]11;rgb:0/0/0\x07';
    expect(new Session().type(`l${reports}s\r`).lines).toEqual(['ls']);
  });
});

describe('history', () => {
  const session = (): Session => new Session().type('one\rtwo\rthree\r');

  it('goes up and down, and keeps the draft', () => {
    expect(session().type(`${up}${up}\r`).lines.at(-1)).toBe('two');
    expect(session().type(`draft${up}${up}${down}${down}\r`).lines.at(-1)).toBe('draft');
    expect(
      session()
        .type(`${up.repeat(9)}\r`)
        .lines.at(-1),
    ).toBe('one');
  });

  it('searches backwards, and can be cancelled', () => {
    expect(session().type('\x12t\r').lines.at(-1)).toBe('three');
    expect(session().type('\x12t\x12\r').lines.at(-1)).toBe('two');
    expect(session().type('\x12o\x7fth\r').lines.at(-1)).toBe('three');
    expect(session().type('\x12one\x07x\r').lines.at(-1)).toBe('x');
    expect(session().type('\x12one\x05 more\r').lines.at(-1)).toBe('one more');
  });

  it('completes by its own words', () => {
    const before = new Session().type('cat /etc/hostname\r');
    expect(before.type('less /etc/h\t\r').lines.at(-1)).toBe('less /etc/hostname ');
    expect(before.type('x\t\r').lines.at(-1)).toBe('x');
    expect(new Session().type('apple apricot\rap\t\tr\t\r').lines.at(-1)).toBe('apricot ');
  });

  it('has an end', () => {
    const many = new Session();
    for (let count = 0; count < 1100; count += 1) many.type(`line ${count}\r`);
    expect(many.type(`${up.repeat(1200)}\r`).lines.at(-1)).toBe('line 100');
  });
});

describe('commands of several lines', () => {
  it.each([
    ['a quote', "echo 'a\rb'\r", "echo 'a\nb'"],
    ['a backslash', 'echo a \\\rb\r', 'echo a \\\nb'],
    ['a here-document', 'cat <<E\ra\rE\r', 'cat <<E\na\nE'],
    ['a pipe', 'ls |\rwc\r', 'ls |\nwc'],
    ['a loop', 'for i in 1 2\rdo echo $i\rdone\r', 'for i in 1 2\ndo echo $i\ndone'],
  ])('%s', (_, keys, text) => {
    const session = new Session().type(keys);
    expect(session.lines).toEqual([text]);
    expect(session.shown).toContain('\n> ');
  });

  it('are dropped as a whole by ^C', () => {
    expect(new Session().type("echo 'a\r\x03ls\r").lines).toEqual(['ls']);
  });

  it('come back as a whole', () => {
    expect(new Session().type(`echo 'a\rb'\r${up}\r`).lines).toEqual([
      "echo 'a\nb'",
      "echo 'a\nb'",
    ]);
  });
});

describe('a paste', () => {
  it('gives out its lines one by one, and keeps the last one for Enter', () => {
    const session = new Session().type(paste('one\r\ntwo\nthree'));
    expect(session.lines).toEqual(['one', 'two']);
    expect(session.type('\r').lines).toEqual(['one', 'two', 'three']);
  });

  it('is the same byte by byte', () => {
    expect(new Session().type(paste('a\nb\nc\n'), byteByByte).lines).toEqual(['a', 'b', 'c']);
  });

  it('gives out nothing behind a line until there is a prompt again', () => {
    const editor = new LineEditor(80);
    editor.prompt('$ ');
    const { event, rest } = editor.feed(Buffer.from(`${paste('a\nb\n')}typed`));
    expect(event).toEqual({ kind: 'line', text: 'a' });
    expect(rest.toString()).toBe('typed');
    expect(editor.pendingLines).toBe(1);
    editor.dropPending();
    expect(editor.prompt('$ ').event).toBeUndefined();
  });

  it('holds no keys: sequences and controls in it are dropped', () => {
    const session = new Session().type(`${paste(`l${up}\x1b[200~s\x04\x12\tx`)}\r`);
    expect(session.lines).toEqual(['l[A[200~s x']);
  });

  it('is dropped when it is too long, and ends at ^C when it has no end', () => {
    const long = new Session().type(paste('x'.repeat(pasteBytesMax + 1)));
    expect(long.type('ls\r').lines).toEqual(['ls']);
    expect(new Session().type('\x1b[200~rm x\n\x03ls\r').lines).toEqual(['ls']);
  });
});

describe('bounds', () => {
  it('takes no line that is longer than what is judged', () => {
    const session = new Session().type('x'.repeat(lineBytesMax + 10));
    expect(session.type('\r').lines).toEqual(['x'.repeat(lineBytesMax)]);
    const parts = new Session().type(`'${'x'.repeat(lineBytesMax - 1)}\ryyyy'\r`);
    expect(parts.lines).toEqual([]);
    expect(parts.type('ls\r').lines).toEqual(['ls']);
  });

  it('paints once for a chunk, however many keys are in it', () => {
    const editor = new LineEditor(80);
    editor.prompt('$ ');
    editor.feed(Buffer.from(`${'x'.repeat(8000)}\x01`));
    expect(editor.feed(Buffer.from('y'.repeat(4000))).output.length).toBeLessThan(20_000);
  });
});

describe('the screen', () => {
  it('shows wrapped and wide text with the cursor in its place', () => {
    const session = new Session(10).type('abcdefgh');
    expect(session.screen.text).toEqual(['$ abcdefgh', '']);
    session.type('ij');
    expect(session.screen.text).toEqual(['$ abcdefgh', 'ij']);
    session.type('\x01日');
    expect(session.screen.text).toEqual(['$ 日abcdef', 'ghij']);
    expect(session.screen.cursor).toEqual({ row: 0, column: 4 });
  });

  it('lists what a word could go on with, and the line again below it', () => {
    const session = new Session().type('apple apricot\rap\t\t');
    expect(session.screen.text.slice(-3)).toEqual(
      ['$ ap', 'apricot  apple', '$ ap'].map((row) =>
        row === 'apricot  apple' ? expect.stringMatching(/ap\w+ {2}ap\w+/) : row,
      ),
    );
  });

  it('puts other output above the line', () => {
    const session = new Session().type('half a li');
    const written = session.editor.interject((prefix) => {
      session.screen.write(`${prefix}news\r\n`);
    });
    session.screen.write(written);
    expect(session.screen.text).toEqual(['news', '$ half a li']);
  });

  const keys = fc.oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[ -~]{1,8}$/) },
    fc.constantFrom('日', 'e\u0301', '\u{1f600}', up, down, left, right, '\x01', '\x05', '\x7f'),
    fc.constantFrom(
      '\x0b',
      '\x15',
      '\x17',
      '\x19',
      '\x14',
      '\x1bb',
      '\x1bf',
      '\x1bd',
      '\t',
      '\x0c',
    ),
  );

  it('shows what is in the line, wherever the keys and the chunks end', () => {
    fc.assert(
      fc.property(
        fc.array(keys, { maxLength: 40 }),
        fc.integer({ min: 8, max: 30 }),
        fc.boolean(),
        (typed, columns, cut) => {
          const session = new Session(columns).type(typed.join(''), cut ? byteByByte : undefined);
          const painted = session.screen.text.slice();
          const before = session.screen.cursor;
          // Painting it all again changes nothing that can be seen.
          session.screen.write(session.editor.resize(columns));
          expect(session.screen.text).toEqual(painted);
          expect(session.screen.cursor).toEqual(before);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives the same lines for the same bytes in other chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(keys, fc.constant('\r')), { maxLength: 40 }), (typed) => {
        const text = typed.join('');
        expect(new Session().type(text, byteByByte).lines).toEqual(new Session().type(text).lines);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, and never gives out a control', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const editor = new LineEditor(20);
        editor.prompt('$ ');
        const { event } = editor.feed(Buffer.from(bytes));
        if (event?.kind === 'line') expect(event.text).toMatch(/^[^\p{Cc}\p{Cf}]+$/u);
      }),
    );
  });
});

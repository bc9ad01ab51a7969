import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { readShellText } from '../../../../hosts/ssh/interactive/shell-text.ts';

describe('whether a command goes on in the next line', () => {
  it.each([
    ...[
      'ls',
      "echo 'a b'",
      'echo "a $(date) `id` ${x}"',
      'a && b; c | d &',
      'echo \\\\',
      'x=$((1+2))',
    ],
    ...[
      'if a; then b; fi',
      'for i in 1; do a; done',
      'while a; do b; done',
      'case x in a) b;; esac',
    ],
    ...[
      '{ a; }',
      '(a; b)',
      'cat <<E\na\nE',
      "cat <<'E'\n$(\nE",
      'cat <<-E\n\ta\n\tE',
      'echo # (',
      'a <<<b',
    ],
    ...[
      'f() { a; }',
      '[[ a == b ]]',
      'echo }',
      'echo if',
      'echo done',
      "echo $'a\\'b' ",
      'a |& b',
      '',
    ],
  ])('%j is whole', (text) => {
    // `$'…'` is read as a plain quote: that it wants another quote costs a line, not more.
    expect(readShellText(text).isUnfinished).toBe(text.includes("$'"));
  });

  it.each([
    ...[
      "echo 'a",
      'echo "a',
      'echo "$(a',
      'echo `a',
      'echo ${a',
      'a &&',
      'a ||',
      'a |',
      'a \\',
      '(a',
    ],
    ...[
      '{ a',
      'if a',
      'if a; then b',
      'for i in 1',
      'for i in 1; do a',
      'while a',
      'while a; do b',
    ],
    ...[
      'case x in',
      'case x in a) b;;',
      'cat <<E',
      'cat <<E\na',
      "cat <<'E'\nE E",
      'cat <<A <<B\nA',
      '$((1',
    ],
  ])('%j goes on', (text) => {
    expect(readShellText(text).isUnfinished).toBe(true);
  });

  it('leaves out what is quoted, commented or in here-documents', () => {
    expect(readShellText('a \'f()\' "g()" `h()` $(i()) # j()').bare).toBe('a Q Q Q Q ');
    expect(readShellText('cat <<E\nf()\nE\nls').bare).toBe('cat <<Q\n\nls');
    expect(readShellText('f() { ls; }').bare).toBe('f() { ls; }');
  });

  it('ends for any text', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '`',
        '$(',
        '${',
        '(',
        ')',
        '{',
        '}',
        '\\',
        '\n',
        '<<E',
        '\nE\n',
        '#',
      ),
      fc.constantFrom('if ', 'do ', 'done ', 'case ', 'esac ', 'in ', ';;', ' ', 'x'),
      fc.string({ unit: 'binary', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        readShellText(pieces.join(''));
      }),
    );
  });

  it('takes no more than a moment for the longest line', () => {
    for (const piece of [
      "'",
      '"',
      '`',
      '$(',
      '(',
      '{ ',
      'cat <<E;',
      '\n',
      '<<E\n',
      'if ',
      '\\',
      'x ',
    ]) {
      const text = piece.repeat(Math.ceil((16 * 1024) / piece.length));
      const start = performance.now();
      readShellText(text);
      expect(performance.now() - start).toBeLessThan(500);
    }
  });
});

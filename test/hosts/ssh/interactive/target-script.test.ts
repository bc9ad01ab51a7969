import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  isDirectory,
  quote,
  relayCommand,
  runLine,
  setupLine,
  shellCommand,
} from '../../../../hosts/ssh/interactive/target-script.ts';
import { readCommand } from '../../../../hosts/ssh/shell/index.ts';

describe('what the target is told', () => {
  it('is one word in single quotes for the login shell, whichever that is', () => {
    for (const command of [relayCommand('token'), shellCommand('/tmp/.x', null)]) {
      expect(command).toMatch(/^exec \/bin\/sh -c '[^'\\\n]*'$/);
      expect(command).not.toMatch(/!(?! )/);
    }
  });

  it('names no directory that could end its quotes', () => {
    expect(isDirectory('/tmp/.sallyport.aB3')).toBe(true);
    for (const path of ['tmp', '', '/a b', '/a"b', '/a$(x)', "/a'b", '/a`b', '/a\nb', '/a;b']) {
      expect(isDirectory(path)).toBe(false);
    }
  });

  it('has the setup in one line without backslashes', () => {
    expect(setupLine('token')).toMatch(/^[^\\\n]+\n$/);
  });

  it('hands a judged text over as one word, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        fc.integer({ min: 0, max: 255 }),
        (text, status) => {
          const line = runLine(text, 'nonce', status);
          const start = line.indexOf('\\eval ') + '\\eval '.length;
          const word = line.slice(start, line.lastIndexOf(' <&7 '));
          // A quote is only ever left to name one quote.
          expect(word.replaceAll("'\\''", '')).toMatch(/^'[^']*'$/);
          expect(word.slice(1, -1).replaceAll("'\\''", "'")).toBe(text);
        },
      ),
    );
  });

  it('quotes as the reader of commands reads it', () => {
    const read = readCommand(`printf ${quote("it's `x` $(y)\n\\")}`);
    expect(read.kind === 'read' && read.facts.commands[0]?.args).toEqual(["it's `x` $(y)\n\\"]);
  });
});

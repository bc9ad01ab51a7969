// A shell's program: parsed, checked for what the parser left out, and walked.

import { parse } from 'unbash';

import { isKnownName, readArgv } from './argv.ts';
import { unreadText } from './completeness.ts';
import type { Findings } from './findings.ts';
import type { Place, Reading } from './place.ts';
import { readScript } from './scripts.ts';

const depthMax = 12;

/** Space that is no blank to bash in UTF-8, but may be one in other locales and to the eye. */
const oddSpace = /[\u1680\u2000-\u200a\u202f\u205f\u3000]/;

export const readingInto = (found: Findings): Reading => {
  const reading: Reading = {
    found,
    text: (text, place) => readText(text, reading, place),
    argv: (argv, place) => readArgv(argv, reading, place),
    isKnown: isKnownName,
  };
  return reading;
};

/** How often these may stand in a text: for some, the parser's time grows with the square of their number. */
const openersMax: readonly (readonly [string, number])[] = [
  ['<<', 32],
  ['|', 512],
  ['`', 128],
  ['(', 384],
  ['[', 384],
  ['{', 384],
  ['<', 512],
  ['>', 512],
  ['"', 1024],
  ["'", 1024],
  ['$', 1024],
  [';', 1024],
  ['=', 1024],
];

const isCostly = (text: string): boolean =>
  openersMax.some(([opener, most]) => text.split(opener, most + 2).length > most + 1);

function readText(text: string, reading: Reading, place: Place): Place {
  const { found } = reading;
  if (place.depth > depthMax || isCostly(text)) found.doubt('size');
  if (place.depth > depthMax || isCostly(text) || !found.affords(text.length)) return place;
  // At the end it is itself; before whatever comes next, it would join lines.
  if (/(?<!\\)(?:\\\\)*\\$/.test(text)) found.doubt('continuation');
  const script = parse(text);
  if (script.errors !== undefined && script.errors.length > 0) found.doubt('syntax');
  if (unreadText(script, text) !== undefined || oddSpace.test(text)) found.doubt('unread');
  return readScript(script, reading, place.program === '' ? { ...place, program: text } : place);
}

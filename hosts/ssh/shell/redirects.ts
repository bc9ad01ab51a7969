// Redirections (bash manual §3.6): the files they open, and where input comes from.

import type { HereDoc, Redirect, Redirection } from 'unbash';

import type { Input, Place, Reading } from './place.ts';
import { readHidden } from './substitutions.ts';
import { isSingle } from './value.ts';
import { readSingle, readWord } from './words.ts';

/** Where standard input comes from after them; undefined when they leave it. */
export function readRedirects(
  redirects: readonly Redirection[],
  reading: Reading,
  place: Place,
): Input | undefined {
  let input: Input | undefined;
  redirects.forEach((redirect) => {
    const from = readRedirect(redirect, reading, place);
    const { descriptor } = redirect;
    if (descriptor?.type === 'FileDescriptorVariable') {
      // dash takes the braces for an argument.
      reading.found.doubt('dialect');
      reading.found.assign(descriptor.name, `redirect:${redirect.pos}`, true);
    }
    const isInput =
      descriptor === undefined || (descriptor.type === 'FileDescriptor' && descriptor.value === 0);
    if (isInput && from !== undefined) input = from;
  });
  return input;
}

function readRedirect(redirect: Redirection, reading: Reading, place: Place): Input | undefined {
  switch (redirect.type) {
    case 'HereDoc':
      return readHereDocument(redirect, reading, place);
    case 'HereString': {
      if (redirect.target === undefined) reading.found.doubt('syntax');
      const value =
        redirect.target === undefined ? undefined : readSingle(redirect.target, reading, place);
      return { kind: 'text', text: value?.kind === 'literal' ? value.text : undefined };
    }
    case 'Redirect':
      return readTarget(redirect, reading, place);
    default:
      return redirect satisfies never;
  }
}

function readHereDocument(document: HereDoc, reading: Reading, place: Place): Input {
  const { delimiter, body, closing } = document;
  if (delimiter === undefined || closing === undefined) reading.found.doubt('syntax');
  // Shells differ on what quotes, expansions and lines that go on mean in a delimiter.
  if (
    delimiter !== undefined &&
    !/^(?:[\w.-]+|'[\w.-]+'|"[\w.-]+"|\\[\w.-]+)$/.test(delimiter.text)
  ) {
    reading.found.doubt('dialect');
  }
  if (delimiter?.quoted === true) return { kind: 'text', text: body.text };
  if (body.text.includes('\\\n')) reading.found.doubt('continuation');
  readHidden(body, reading, place);
  return { kind: 'text', text: /[$`\\]/.test(body.text) ? undefined : body.text };
}

function readTarget(redirect: Redirect, reading: Reading, place: Place): Input | undefined {
  const { operator, target } = redirect;
  if (target === undefined) {
    reading.found.doubt('syntax');
    return undefined;
  }
  const isCopy = operator === '>&' || operator === '<&';
  if (isCopy && /^(?:\d+-?|-)$/.test(target.text)) {
    return operator === '<&' ? { kind: 'file' } : undefined;
  }
  // To bash the `-` is all of it, and what follows it is the next word of the command: `>&-id` runs `id`.
  if (isCopy && target.text.startsWith('-')) reading.found.doubt('dialect');
  // bash expands the word again, with what quotes had protected: `>& '$(id)'` runs `id`.
  if (isCopy && !/^[\w./:,@%+-]+$/.test(target.text)) reading.found.doubt('reevaluated');
  const values = readWord(target, reading, place);
  const [value] = values;
  if (value === undefined || values.length !== 1 || !isSingle(value)) {
    reading.found.doubt('path');
    return { kind: 'file' };
  }
  // A descriptor or a file, whichever it turns out to be.
  if (isCopy && (operator === '<&' || value.kind !== 'literal')) reading.found.doubt('path');
  const reads = operator.startsWith('<');
  if (reads) reading.found.path('reads', value, place);
  if (!reads || operator === '<>') reading.found.path('writes', value, place);
  return reads ? { kind: 'file' } : undefined;
}

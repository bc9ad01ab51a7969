// `rsync --server`: the far end of rsync over SSH. Only options that neither name another file, nor follow links out of
// the tree, nor read more arguments from the stream.

import type { FileFacts } from '../facts.ts';
import { isPath } from './program.ts';

/**
 * Not here, since they reach elsewhere: `L` and `k` (the sender follows links), `K` (the receiver does), `s` (arguments come
 * in the stream), `R` at a receiver (takes absolute names from the stream).
 */
const bothLetters = 'vqncuoglDtprdHAXEWSzhxmIOJUNiy';
const senderLetters = new RegExp(`^[${bothLetters}Rb]*$`);
const receiverLetters = new RegExp(`^[${bothLetters}b]*$`);

/** `e` must carry its value, the abilities of the client: else it takes the next word as the name of a shell. */
const letterWord = /^-(?=[a-zA-Z])([a-df-zA-Z]*)(?:e\.[0-9.]*[a-zA-Z]*)?$/;

const flags: ReadonlySet<string> = new Set([
  '--append',
  '--append-verify',
  '--delay-updates',
  '--existing',
  '--fsync',
  '--fuzzy',
  '--ignore-errors',
  '--ignore-existing',
  '--ignore-missing-args',
  '--inplace',
  '--list-only',
  '--mkpath',
  '--munge-links',
  '--new-compress',
  '--no-whole-file',
  '--numeric-ids',
  '--old-compress',
  '--open-noatime',
  '--partial',
  '--preallocate',
  '--safe-links',
  '--size-only',
  '--stats',
]);

const deletions: ReadonlySet<string> = new Set([
  '--delete',
  '--delete-after',
  '--delete-before',
  '--delete-delay',
  '--delete-during',
  '--delete-excluded',
  '--delete-missing-args',
  '--force',
  '--remove-sent-files',
  '--remove-source-files',
]);

const values =
  /^(?:-B[0-9]+|--(?:block-size|bwlimit|checksum-seed|compress-level|contimeout|max-delete|max-size|min-size|modify-window|timeout)=-?[0-9]+|--(?:checksum-choice|compress-choice)=[a-z0-9,]+|--info=[A-Z0-9,]+|--log-format=(?:%i|%i%I|%o|X)|--skip-compress=[a-zA-Z0-9/]*)$/;

interface Options {
  readonly letters: string;
  readonly deletes: boolean;
  readonly lists: boolean;
}

/** Undefined for an option that is not on the lists. */
function readOptions(words: readonly string[], isSender: boolean): Options | undefined {
  let letters = '';
  for (const word of words) {
    if (flags.has(word) || deletions.has(word) || values.test(word)) continue;
    const blob = letterWord.exec(word);
    if (blob === null) return undefined;
    letters += blob[1] ?? '';
  }
  const known = isSender ? senderLetters : receiverLetters;
  if (!known.test(letters)) return undefined;
  const deletes = words.some((word) => deletions.has(word));
  return { letters, deletes, lists: words.includes('--list-only') };
}

/**
 * A receiver takes names from the stream, so it writes below its path whatever the options say: files, directories,
 * links, modes and owners.
 *
 * @param words what follows `rsync`
 */
export function recogniseRsync(words: readonly string[]): readonly FileFacts[] | undefined {
  const [server, ...rest] = words;
  if (server !== '--server') return undefined;
  const isSender = rest[0] === '--sender';
  const dot = rest.indexOf('.');
  if (dot === -1) return undefined;
  const options = readOptions(rest.slice(isSender ? 1 : 0, dot), isSender);
  const paths = rest.slice(dot + 1);
  if (options === undefined || paths.length === 0 || !paths.every(isPath)) return undefined;
  if (!isSender && paths.length !== 1) return undefined;
  const recursive = !isSender || /[rd]/.test(options.letters);
  const read = options.lists ? 'list' : 'read';
  return paths.flatMap((path) => {
    const fact = (operation: FileFacts['operation']): FileFacts => ({
      operation,
      path,
      to: '',
      protocol: 'rsync',
      recursive,
    });
    return [fact(isSender ? read : 'write'), ...(options.deletes ? [fact('delete')] : [])];
  });
}

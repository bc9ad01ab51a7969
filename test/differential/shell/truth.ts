// What lines did, from the log of strace.

import type { Trace } from './cell.ts';

export interface Truth {
  /** Names of programs that were started. */
  readonly ran: ReadonlySet<string>;
  /** Names that were looked for in vain: to be run, or by `type`, `hash` and `command -v`. */
  readonly sought: ReadonlySet<string>;
  /** Absolute paths that were written, created, renamed or deleted, whether or not it was allowed. */
  readonly changed: ReadonlySet<string>;
  /** Those of `changed` that were directories to make. */
  readonly made: ReadonlySet<string>;
}

const call = /^(\d+)\s+(\w+)\((.*)$/;
const text = /"((?:[^"\\]|\\.)*)"/g;

const decoded = (quoted: string): string =>
  Buffer.from(
    quoted.replace(/\\([0-7]{1,3}|.)/g, (_, escape: string) => {
      if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8));
      return { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' }[escape] ?? escape;
    }),
    'latin1',
  ).toString('utf8');

/** Of every case that came to its end. */
export function truths({ lines }: Trace): ReadonlyMap<number, Truth> {
  const result = new Map<number, Truth>();
  let current:
    | {
        at: number;
        ran: Set<string>;
        sought: Set<string>;
        changed: Set<string>;
        made: Set<string>;
        isStarted: boolean;
      }
    | undefined;
  for (const line of lines) {
    const [, , name = '', rest = ''] = call.exec(line) ?? [];
    if (name === '') continue;
    const texts = Array.from(rest.matchAll(text), ([, quoted = '']) => decoded(quoted));
    const begins = /"case-(\d+)"\]/.exec(rest)?.[1];
    const ends = /\["\/bin\/true", "end-(\d+)"\]/.exec(rest)?.[1];
    if (name === 'execve' && begins !== undefined && texts[0] === '/bin/timeout') {
      current = {
        at: Number(begins),
        ran: new Set(),
        sought: new Set(),
        changed: new Set(),
        made: new Set(),
        isStarted: false,
      };
    } else if (name === 'execve' && ends !== undefined) {
      if (current !== undefined) result.set(current.at, current);
      current = undefined;
    } else if (current !== undefined) {
      if (!current.isStarted) current.isStarted = name === 'execve';
      else record(name, rest, texts, current);
    }
  }
  return result;
}

/** Of a call that does not say to which directory its path belongs. */
export const anywhere = '?';

const changing = /^(?:creat|unlink|rename|mkdir|truncate|link|symlink|rmdir)/;

function record(
  name: string,
  rest: string,
  texts: readonly string[],
  into: {
    readonly ran: Set<string>;
    readonly sought: Set<string>;
    readonly changed: Set<string>;
    readonly made: Set<string>;
  },
): void {
  const [path = ''] = texts;
  if (name.startsWith('exec')) into.ran.add(path.split('/').at(-1) ?? '');
  else if (name === 'newfstatat') {
    const looked = /^\/bin\/([^/]+)$/.exec(path)?.[1];
    if (looked !== undefined && !looked.endsWith('.so') && rest.includes('ENOENT'))
      into.sought.add(looked);
  } else if (changing.test(name) || /O_(?:WRONLY|RDWR|CREAT|TRUNC)/.test(rest)) {
    const directories = Array.from(
      rest.matchAll(/(?:AT_FDCWD|\d+)<([^>]*)>/g),
      ([, at = '']) => at,
    );
    const paths = /^rename/.test(name)
      ? texts.slice(0, 2)
      : /^(?:sym)?link/.test(name)
        ? texts.slice(1, 2)
        : [path];
    paths.forEach((changed, at) => {
      // No file has the empty name: the call failed.
      if (changed === '') return;
      const full = changed.startsWith('/')
        ? changed
        : `${directories[name === 'linkat' ? 1 : at] ?? directories[0] ?? anywhere}/${changed}`;
      if (isNoise(full)) return;
      into.changed.add(full);
      if (name.startsWith('mkdir')) into.made.add(full);
    });
  }
}

/** Here-documents of bash, what sed renames to its file in the end, and what are no files. */
const isNoise = (path: string): boolean =>
  /^\/tmp\/sh-thd|\/sed\w{6}$|\/dev\/(?:null|tty|fd\/\d+)$|^\/proc\//.test(path);

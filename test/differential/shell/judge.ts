// Whether what a line did was reported. A miss that leaves `static` behind is a silent one.

import { posix } from 'node:path';

import type { CommandFacts } from '../../../hosts/ssh/shell/index.ts';
import { anywhere } from './truth.ts';
import type { Truth } from './truth.ts';

/** tar starts them itself, by the name or the content of an archive. */
const compressors: ReadonlySet<string> = new Set([
  'sh',
  'gzip',
  'bzip2',
  'xz',
  'zstd',
  'lzip',
  'lzma',
  'lzop',
  'compress',
]);

/** What the facts leave out; empty when they leave out nothing. */
export function missed(facts: CommandFacts, truth: Truth, root: string): readonly string[] {
  // What a script does is not in the line: the facts say that nobody has read it.
  if (facts.commands.some(({ opaque }) => opaque === 'file')) return [];
  const programs = new Set(facts.programs);
  const helpers = programs.has('tar') ? compressors : new Set<string>();
  // dash looks for a program `[[`, and does nothing when there is none.
  // A script without a slash is looked for like a program when it is not there.
  const asked = facts.commands
    .filter(({ name }) => /^(?:type|hash|command)$/.test(name))
    .flatMap(({ args }) => args);
  const sought = new Set<string | null>([...facts.programs, ...facts.reads, ...asked, '[[']);
  const ran = [
    ...[...truth.ran].filter((name) => !programs.has(name) && !helpers.has(name)),
    ...[...truth.sought].filter((name) => !sought.has(name) && !sought.has(null)),
  ].map((name) => `ran ${name}`);
  const said = [...facts.writes, ...facts.deletes].map(matcher);
  const changed = [...truth.changed]
    .filter((path) => {
      const own = posix
        .normalize(path.startsWith(root) ? path.slice(root.length) : path)
        .replace(/\/$/, '');
      return !said.some((matches) => matches(own, truth.made.has(path)));
    })
    .map((path) => `changed ${path}`);
  return [...ran, ...changed];
}

/** A path, a pattern, or a directory whose content is meant as well. */
function matcher(path: string): (path: string, isMade: boolean) => boolean {
  const home = path.replace(/^~(?=\/|$)/, '/w');
  const absolute = posix.normalize(posix.resolve('/w', home));
  const source = absolute
    .replace(/[.+^${}()|\\]/g, String.raw`\$&`)
    .replace(/\*\*/g, '\0')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]')
    .replaceAll('\0', '.*')
    .replace(/\/$/, '');
  const exact = absolute.replace(/\/$/, '');
  let pattern: RegExp | undefined;
  try {
    pattern = new RegExp(`^${source}(?:/.*)?$`);
  } catch {
    pattern = undefined;
  }
  // `mkdir -p` makes what is above as well.
  return (other, isMade) =>
    other === exact ||
    (isMade && exact.startsWith(`${other}/`)) ||
    other.startsWith(`${exact}/`) ||
    pattern?.test(other) === true ||
    (other === anywhere && /(?:^|\/)\.\/*$/.test(path)) ||
    (other.startsWith(`${anywhere}/`) && endsLike(absolute, other));
}

/** Of a path whose directory is not told, the segments that are. */
function endsLike(path: string, other: string): boolean {
  const said = path.split('/');
  const segments = other.split('/').slice(1);
  return segments.some((segment) =>
    said.some((known) => segment.startsWith(known.split(/[*?[]/, 1)[0] ?? '') && known !== ''),
  );
}

// Archives and copies: tar, compressors, zip, cpio, dd, rsync, scp.

import { remotePath } from '../hosts.ts';
import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import type { GivenOptions } from '../options.ts';
import { optionTable, readOptions } from '../options.ts';
import type { Place, Reading } from '../place.ts';
import { directoriesAfter } from '../place.ts';
import { checkGiven, strict } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import type { Value } from '../value.ts';
import { argumentOf, literal, pathOf } from '../value.ts';
import { checkSettings } from '../wrappers/remote.ts';

const has = ({ options }: GivenOptions, names: readonly string[]): boolean =>
  options.some(({ name }) => names.includes(name));

const tarTable = optionTable(
  '-AcdrtuxaBGhijJklmMnOpPRsSUvwWzZ -f:text -C:directory -T:read -X:read -b:text -F:runs -g:write -H:text -I:runs -K:text -L:text -N:text -V:text ' +
    '--catenate --create --compare --diff --delete --append --list --test-label --update --extract --get --file:text --directory:directory --auto-compress --bzip2 --xz --lzma ' +
    '--gzip --gunzip --ungzip --zstd --lzip --lzop --absolute-names --dereference --exclude:text --exclude-from:read --exclude-vcs --exclude-caches --exclude-backups --files-from:read ' +
    '--strip-components:text --transform:text --xform:text --wildcards --no-wildcards --anchored --one-file-system --owner:text --group:text --numeric-owner --same-owner --no-same-owner ' +
    '--preserve-permissions --same-permissions --no-same-permissions --keep-old-files --keep-newer-files --skip-old-files --overwrite --unlink-first --touch --sparse --verbose --verify ' +
    '--totals?text --to-stdout --mtime:text --newer:text --after-date:text --sort:text --format:text --xattrs --acls --selinux --no-recursion --recursion --null --mode:text --label:text ' +
    '--listed-incremental:write --incremental --level:text --ignore-failed-read --warning:text --use-compress-program:runs --to-command:runs --info-script:runs --new-volume-script:runs ' +
    '--rsh-command:runs --rmt-command:runs --checkpoint?text --checkpoint-action:runs --index-file:write --remove-files --show-transformed-names --force-local --help --version',
);

/** `tar cf x.tar dir` is `tar -c -f x.tar dir`: letters take their values from the words behind, in order. */
function dashed(args: readonly Value[]): readonly Value[] {
  const [first, ...rest] = args;
  const letters = first === undefined ? null : argumentOf(first);
  if (!letters || !/^[A-Za-z]+$/.test(letters)) return args;
  const words: Value[] = [];
  let next = 0;
  for (const letter of letters) {
    words.push(literal(`-${letter}`));
    const takesValue = tarTable.rows.get(`-${letter}`)?.value === 'required';
    const value = takesValue ? rest[next] : undefined;
    if (value === undefined) continue;
    words.push(value);
    next += 1;
  }
  return [...words, ...rest.slice(next)];
}

/** A first word that is neither an option nor letters alone: tar would look for options in it all the same. */
function isOddBundle([first]: readonly Value[]): boolean {
  const word = first === undefined ? null : argumentOf(first);
  return word !== null && !/^(?:-|[A-Za-z]+$)/.test(word);
}

const tar: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const { found } = reading;
  if (isOddBundle(invocation.args)) found.doubt('option');
  const given = readOptions(dashed(invocation.args), tarTable);
  checkGiven(given, tarTable, reading);
  const writes = has(given, [
    '-c',
    '-r',
    '-u',
    '-A',
    '--create',
    '--append',
    '--update',
    '--catenate',
    '--delete',
  ]);
  const extracts = has(given, ['-x', '--extract', '--get']) && !has(given, ['-O', '--to-stdout']);
  const inside = { ...place, directories: tarDirectories(given, place) };
  for (const { name, role, value } of given.options) {
    if (name === '-f' || name === '--file') readArchive(value, writes, reading, place);
    else if (role !== 'directory') applyRole(role, value, reading, place);
  }
  // Members keep their names: what they are, the archive decides.
  if (extracts) found.path('writes', literal('.'), inside);
  if (
    extracts &&
    has(given, ['-P', '--absolute-names', '--xform', '--transform', '--show-transformed-names'])
  ) {
    found.doubt('path');
  }
  if (writes) for (const path of given.operands) found.path('reads', path, inside);
  if (writes && has(given, ['--remove-files']))
    for (const path of given.operands) found.path('deletes', path, inside);
};

function readArchive(value: Value, writes: boolean, reading: Reading, place: Place): void {
  const text = argumentOf(value);
  if (text === '-') return;
  // `host:archive` is fetched by rsh.
  if (text?.includes(':') === true) return reading.found.doubt('option-runs');
  reading.found.path(writes ? 'writes' : 'reads', value, place);
}

/** Each `-C` holds for what comes after it; taken together they are as many possible directories. */
function tarDirectories({ options }: GivenOptions, place: Place): Place['directories'] {
  const given = options.filter(({ role }) => role === 'directory');
  if (given.length === 0) return place.directories;
  if (given.length > 1) return null;
  return directoriesAfter(place, pathOf(given[0]?.value ?? literal('')));
}

const rsyncTable = optionTable(
  '-0468acdghilmnopqrstuvxyzAbCDEFHIJKLOPRSUWX -e:runs -f:runs -B:text -M:runs -T:write --archive --verbose --quiet --recursive --relative --compress --delete --delete-before --delete-during ' +
    '--delete-delay --delete-after --delete-excluded --dry-run --links --copy-links --safe-links --hard-links --perms --executability --chmod:text --owner --group --times --omit-dir-times ' +
    '--atimes --numeric-ids --chown:text --usermap:text --groupmap:text --exclude:text --include:text --exclude-from:read --include-from:read --files-from:read --from0 --progress --partial ' +
    '--partial-dir:text --stats --human-readable --itemize-changes --bwlimit:text --timeout:text --contimeout:text --checksum --size-only --ignore-existing --ignore-times --existing --update ' +
    '--inplace --append --append-verify --whole-file --no-whole-file --one-file-system --backup --backup-dir:write --suffix:text --max-size:text --min-size:text --compress-level:text ' +
    '--link-dest:read --copy-dest:read --compare-dest:read --temp-dir:write --log-file:write --log-file-format:text --out-format:text --info:text --port:text --protect-args --secluded-args ' +
    '--no-perms --no-owner --no-group --no-times --no-links --no-motd --prune-empty-dirs --remove-source-files --delay-updates --sparse --acls --xattrs --devices --specials --modify-window:text ' +
    '--list-only --ipv4 --ipv6 --rsh:runs --rsync-path:runs --filter:runs --remote-option:runs --super --fake-super --mkpath --old-args --force --ignore-errors --fuzzy --trust-sender --version --help --password-file:read',
);

const rsync: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const given = readOptions(invocation.args, rsyncTable);
  checkGiven(given, rsyncTable, reading);
  for (const { name, role, value } of given.options) {
    const isPlainShell = /^(?:-e|--rsh)$/.test(name) && isPlainSsh(argumentOf(value));
    if (!isPlainShell) applyRole(role, value, reading, place);
  }
  readCopy(given.operands, reading, place);
  if (!has(given, ['--remove-source-files'])) return;
  for (const source of given.operands.slice(0, -1)) reading.found.path('deletes', source, place);
};

const isPlainSsh = (text: string | null): boolean =>
  text !== null &&
  /^ssh(?: -[4 6Cqvx]+| -p ?\d+| -i [\w./~-]+| -l \w+| -o (?:StrictHostKeyChecking|BatchMode|ConnectTimeout|UserKnownHostsFile)=[\w./]+)*$/.test(
    text,
  );

/** Sources and a destination, each a path or `host:path`. */
function readCopy(operands: readonly Value[], reading: Reading, place: Place): void {
  const { found } = reading;
  operands.forEach((operand, at) => {
    const isTarget = at === operands.length - 1 && at > 0;
    const text = argumentOf(operand);
    const remote = text === null ? undefined : remotePath(text);
    if (remote !== undefined) return found.host(literal(remote.host));
    if (operand.kind === 'open' || operand.text.includes(':')) found.doubt('host');
    found.path(isTarget ? 'writes' : 'reads', operand, place);
  });
}

const scpTable = optionTable(
  '-346ABCOpqRrTvs -c:text -D:runs -F:runs -i:text -J:runs -l:text -o:text -P:text -S:runs -X:text',
);

const scp: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const given = readOptions(invocation.args, scpTable);
  checkGiven(given, scpTable, reading);
  checkSettings(given, reading);
  for (const { role, value } of given.options) applyRole(role, value, reading, place);
  readCopy(given.operands, reading, place);
};

const sftpTable = optionTable(
  '-46aAfNpqrvC -b:runs -B:text -c:text -D:runs -F:runs -i:text -J:runs -l:text -o:text -P:text -R:text -S:runs -s:runs -X:text',
);

const sftp: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const given = readOptions(invocation.args, sftpTable);
  checkGiven(given, sftpTable, reading);
  checkSettings(given, reading);
  for (const { role, value } of given.options) applyRole(role, value, reading, place);
  const [destination, local] = given.operands;
  const text = destination === undefined ? '' : argumentOf(destination);
  if (text === null) reading.found.doubt('host');
  else reading.found.host(literal(remotePath(text)?.host ?? text.split('@').at(-1) ?? ''));
  // Its own commands, from the input, include `!` for a shell.
  if (!/:./.test(text ?? '')) reading.found.doubt('interactive');
  else reading.found.path('writes', local ?? literal('.'), place);
};

/** `if=FILE of=FILE`, in one spelling only. */
const dd: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  for (const value of invocation.args) {
    const text = value.kind === 'open' ? undefined : value.text;
    const [, name, path = ''] = /^([a-z]+)=([^]*)$/.exec(text ?? '') ?? [];
    if (name === undefined)
      reading.found.doubt(text === '--help' || text === '--version' ? 'option' : 'argument');
    if (name !== 'if' && name !== 'of') continue;
    reading.found.path(
      name === 'if' ? 'reads' : 'writes',
      { ...value, kind: 'pattern', text: path, single: true, dash: false },
      place,
    );
  }
};

/** A compressor writes beside its input, and deletes it. */
const compressor = (suffix: string, options: string): Reader => {
  // None of its options runs anything, or writes elsewhere: a name that looks like one does no harm.
  const table = optionTable(options, { isTame: !options.includes(':write') });
  return (invocation, reading, place) => {
    report(invocation, reading, place);
    const given = readOptions(invocation.args, table);
    checkGiven(given, table, reading);
    for (const { role, value } of given.options) applyRole(role, value, reading, place);
    const isOutput = has(given, ['-c', '-t', '-l', '--stdout', '--to-stdout', '--test', '--list']);
    const expands =
      has(given, ['-d', '--decompress', '--uncompress']) ||
      invocation.name.startsWith('un') ||
      invocation.name === 'gunzip';
    for (const operand of given.operands) {
      reading.found.path('reads', operand, place);
      if (isOutput) continue;
      reading.found.path('deletes', operand, place);
      const path = pathOf(operand);
      const written =
        path === undefined
          ? operand
          : ({
              kind: 'pattern',
              single: true,
              dash: false,
              text: expands ? path.replace(/\.\w+$/, '') : `${path}${suffix}`,
            } as const);
      reading.found.path('writes', written, place);
    }
  };
};

const compression =
  '-123456789cdfhklLnNqrtvVzeT -S:text -b:text --fast --best --stdout --to-stdout --decompress --uncompress --force --keep --list --no-name --name --quiet --recursive --suffix:text --test --verbose --compress --threads:text --memlimit:text --format:text --extreme --rsyncable --help --version';

const zip = strict(
  '-0123456789AcDdeEfFgjJklLmoqrRSTuvyXzZ -b:text -i:text -n:text -O:write -P:text -s:text -t:text -x:text -@ --exclude:text --include:text --recurse-paths --junk-paths --quiet --update --encrypt --unzip-command:runs',
  'write',
  'read',
);

const unzip: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  const table = optionTable('-ZAafjnoqCLlptTuvzXKMVW -d:directory -P:text -x:text');
  const given = readOptions(invocation.args, table);
  checkGiven(given, table, reading);
  const [archive] = given.operands;
  if (archive !== undefined) reading.found.path('reads', archive, place);
  if (has(given, ['-l', '-p', '-t', '-v', '-z', '-Z'])) return;
  const to = given.options.find(({ name }) => name === '-d')?.value ?? literal('.');
  reading.found.path('writes', to, place);
};

const cpio = strict(
  '-abBcdfikLlmnoprstuvV -E:read -F:change -H:text -I:read -O:write -R:text -D:text --rsh-command:runs --rmt-command:runs --to-stdout --extract --create --pass-through --list --make-directories --quiet --file:change --directory:text',
  'write',
);

export const archivePrograms: readonly (readonly [string, Reader])[] = [
  ['tar', tar],
  ['gtar', tar],
  ['rsync', rsync],
  ['scp', scp],
  ['sftp', sftp],
  ['dd', dd],
  ...(['gzip', 'gunzip'] as const).map((name) => [name, compressor('.gz', compression)] as const),
  ...(['bzip2', 'bunzip2'] as const).map(
    (name) => [name, compressor('.bz2', compression)] as const,
  ),
  ...(['xz', 'unxz'] as const).map((name) => [name, compressor('.xz', compression)] as const),
  ...(['zstd', 'unzstd'] as const).map(
    (name) => [name, compressor('.zst', `${compression} -o:write`)] as const,
  ),
  ['zip', zip],
  ['unzip', unzip],
  ['cpio', cpio],
];

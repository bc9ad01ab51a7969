// Programs that list, read, write and delete files: coreutils and their like.

import type { Reader } from '../invocation.ts';
import { literal, pathOf } from '../value.ts';
import { patterned, strict, strictLast, tame } from '../program-arguments.ts';

const named = (
  reader: Reader,
  ...names: readonly string[]
): readonly (readonly [string, Reader])[] => names.map((name) => [name, reader] as const);

const grepOptions =
  '-e:text -f:read -m:text -A:text -B:text -C:text -d:text -D:text --regexp:text --file:read --max-count:text --after-context:text --before-context:text --context:text ' +
  '--include:text --exclude:text --exclude-from:read --exclude-dir:text --label:text --color?text --colour?text --binary-files:text --directories:text --devices:text';

const copyOptions =
  '-abdfiHlLnPpRrsTuvxZ -S:text -t:target --archive --backup?text --copy-contents --force --interactive --no-clobber --dereference --no-dereference --parents --preserve?text ' +
  '--no-preserve:text --recursive --reflink?text --remove-destination --sparse:text --strip-trailing-slashes --symbolic-link --link --suffix:text --target-directory:target ' +
  '--no-target-directory --update?text --verbose --one-file-system --attributes-only --debug --context?text --help --version';

const ownerOptions =
  '-cfvhRHLP --changes --silent --quiet --verbose --dereference --no-dereference --from:text --no-preserve-root --preserve-root --reference:read --recursive --help --version';

/** Nothing but what they are told to read, whatever the options. */
const readers: readonly (readonly [string, Reader])[] = [
  ...named(
    tame('', 'read'),
    'cat',
    'tac',
    'nl',
    'rev',
    'md5sum',
    'sha1sum',
    'sha256sum',
    'sha512sum',
    'cksum',
    'sum',
    'b2sum',
  ),
  ...named(
    tame('', 'read'),
    'zcat',
    'bzcat',
    'xzcat',
    'zstdcat',
    'lz4cat',
    'readelf',
    'hexdump',
    'od',
    'paste',
    'comm',
    'fold',
    'fmt',
    'expand',
    'unexpand',
    'pr',
    'cmp',
    'diff',
    'colordiff',
    'getfacl',
    'lsattr',
    'namei',
    'getcap',
  ),
  ...named(
    tame(
      '-n:text -c:text --lines:text --bytes:text --pid:text -s:text --sleep-interval:text',
      'read',
    ),
    'head',
    'tail',
  ),
  ...named(tame('--files0-from:read', 'read'), 'wc'),
  ...named(tame('--plugin:runs -T:text', 'read'), 'nm', 'size', 'strings', 'objdump'),
  ...named(tame('-o:runs --output:runs --diff-program:runs', 'read'), 'sdiff', 'diff3'),
  ...named(
    tame(
      '-I:text -w:text -T:text --ignore:text --hide:text --color?text --sort:text --time:text --block-size:text --format:text',
      'read',
    ),
    'ls',
    'dir',
    'vdir',
    'exa',
    'eza',
  ),
  ...named(
    tame(
      '-d:text -t:text -B:text --max-depth:text --exclude:text -X:read --exclude-from:read --files0-from:read --block-size:text --threshold:text --time-style:text',
      'read',
    ),
    'du',
  ),
  ...named(
    tame(
      '-t:text -x:text -B:text --type:text --exclude-type:text --block-size:text --output?text',
      'read',
    ),
    'df',
  ),
  ...named(tame('-c:text -f:text -t:text --format:text --printf:text', 'read'), 'stat'),
  ...named(
    tame(
      '-C! --compile! -m:read -f:read -F:text -P:text --magic-file:read --files-from:read --separator:text',
      'read',
    ),
    'file',
  ),
  ...named(tame('', 'read'), 'readlink', 'realpath'),
  ...named(
    tame(
      '-d:text -f:text -c:text -b:text --delimiter:text --fields:text --characters:text --bytes:text --output-delimiter:text',
      'read',
    ),
    'cut',
  ),
  ...named(tame('-t:text -1:text -2:text -j:text -o:text -e:text -a:text -v:text', 'read'), 'join'),
  ...named(tame('-s:text -c:text -o:text -t:text -N:text', 'read'), 'column'),
  ...named(
    patterned(grepOptions, '-e -f --regexp --file', { isTame: true, rest: 'read' }),
    'grep',
    'egrep',
    'fgrep',
    'zgrep',
    'bzgrep',
    'xzgrep',
  ),
  ...named(
    patterned(
      '-f:read --from-file:read -L:read --slurpfile:runs --rawfile:runs --indent:text',
      '-f --from-file',
      { isTame: true, rest: 'read' },
    ),
    'jq',
  ),
  ...named(
    tame('-L:text -P:text -I:text -o:write --filelimit:text --timefmt:text', 'read'),
    'tree',
  ),
  ...named(
    tame('', 'text'),
    'basename',
    'dirname',
    'seq',
    'sleep',
    'expr',
    'factor',
    'yes',
    'tr',
    'numfmt',
    'printenv',
    'which',
    'whereis',
    'whatis',
    'apropos',
    'getent',
    'id',
    'groups',
    'who',
    'w',
    'whoami',
    'logname',
    'users',
    'last',
    'lastb',
    'lastlog',
    'uptime',
    'free',
    'nproc',
    'arch',
    'uname',
    'tty',
    'cal',
    'ncal',
  ),
  ...named(
    tame('', 'text'),
    'ps',
    'pgrep',
    'pidof',
    'pkill',
    'killall',
    'pstree',
    'pwdx',
    'pmap',
    'vmstat',
    'iostat',
    'mpstat',
    'lsof',
    'fuser',
    'ss',
    'netstat',
    'lsblk',
    'lscpu',
    'lsmem',
    'lspci',
    'lsusb',
    'lsmod',
    'modinfo',
    'findmnt',
    'getconf',
    'locale',
    'ipcs',
    'runlevel',
    'lsb_release',
    'renice',
    'tput',
    'stty',
    'clear',
    'reset',
    'numastat',
    'sensors',
    'hostid',
    'dpkg-query',
    'getenforce',
    'sestatus',
    'uuidgen',
    'pathchk',
    'arp',
  ),
  ...named(tame('-w:text', 'read'), 'base64', 'base32'),
  ...named(
    tame('-d:text -f:read -r:read --date:text --file:read --reference:read', 'text'),
    'date',
  ),
];

const link = strictLast(
  '-bdfFiLnPrsTv -S:text -t:target --backup?text --directory --force --interactive --logical --no-dereference --physical --relative --symbolic --suffix:text --target-directory:target --no-target-directory --verbose --help --version',
  'read',
  'write',
);

/** A target alone is linked in the directory at hand, by its own name. */
const ln: Reader = (invocation, reading, place) => {
  link(invocation, reading, place);
  const operands = invocation.args.filter((arg) => !/^-./.test(pathOf(arg) ?? ''));
  const [only] = operands;
  if (operands.length !== 1 || only === undefined) return;
  const path = pathOf(only);
  if (path === undefined) return reading.found.doubt('path');
  reading.found.path(
    'writes',
    literal(`./${path.replace(/\/+$/, '').split('/').at(-1) ?? ''}`),
    place,
  );
};

/** Options of theirs write files or run something. */
const writers: readonly (readonly [string, Reader])[] = [
  ...named(strictLast(copyOptions, 'read', 'write'), 'cp'),
  ...named(
    strictLast(
      '-bfinuvTZ -S:text -t:target --backup?text --force --interactive --no-clobber --no-copy --strip-trailing-slashes --suffix:text --target-directory:target --no-target-directory --update?text --verbose --exchange --debug --context --help --version',
      'move',
      'write',
    ),
    'mv',
  ),
  ...named(
    strictLast(
      '-bcCdDpsTvZ -g:text -m:text -o:text -S:text -t:target --backup?text --compare --directory --group:text --mode:text --owner:text --preserve-timestamps --strip --strip-program:runs --suffix:text --target-directory:target --no-target-directory --verbose --context?text --help --version',
      'read',
      'write',
    ),
    'install',
  ),
  ['ln', ln],
  ...named(
    strict(
      '-dfiIrRv --force --interactive?text --one-file-system --no-preserve-root --preserve-root?text --recursive --dir --verbose --help --version',
      'delete',
    ),
    'rm',
  ),
  ...named(
    strict('-pv --ignore-fail-on-non-empty --parents --verbose --help --version', 'delete'),
    'rmdir',
  ),
  ...named(strict('--help --version', 'delete'), 'unlink'),
  ...named(
    strict(
      '-fuvzx -n:text -s:text --force --iterations:text --random-source:read --size:text --remove?text --verbose --exact --zero --help --version',
      'move',
    ),
    'shred',
  ),
  ...named(
    strict('-pvZ -m:text --mode:text --parents --verbose --context?text --help --version', 'write'),
    'mkdir',
  ),
  ...named(
    strict(
      '-acfhm -d:text -r:read -t:text --time:text --date:text --no-create --no-dereference --reference:read --help --version',
      'write',
    ),
    'touch',
  ),
  ...named(
    strict(
      '-co -r:read -s:text --size:text --reference:read --no-create --io-blocks --help --version',
      'write',
    ),
    'truncate',
  ),
  ...named(strict('-l:text -o:text -nxzcdpv --length:text --offset:text', 'write'), 'fallocate'),
  ...named(
    strict('-aip --append --ignore-interrupts --output-error?text --help --version', 'write'),
    'tee',
  ),
  ...named(strict('-Z -m:text --mode:text --context?text', 'write'), 'mkfifo', 'mknod'),
  ...named(
    patterned(ownerOptions, '--reference', { isTame: false, rest: 'write' }),
    'chown',
    'chgrp',
    'chcon',
  ),
  // A mode may look like options.
  ...named(
    patterned(`${ownerOptions} -rwxXstugo`, '--reference -r -w -x -X -s -t -u -g -o', {
      isTame: false,
      rest: 'write',
    }),
    'chmod',
  ),
  ...named(strict('-RVf -v:text -p:text', 'text', 'write'), 'chattr'),
  ...named(
    strict(
      '-bkRdLPn -m:text -M:read -x:text -X:read --modify:text --remove:text --set:text --recursive --remove-all --default --remove-default --restore:read',
      'write',
    ),
    'setfacl',
  ),
  ...named(
    strict(
      '-bdfgiMhnRrVcCmsuz -k:text -o:write -S:text -t:text -T:text --ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort --human-numeric-sort --numeric-sort --reverse --version-sort --unique --key:text --output:write --field-separator:text --stable --zero-terminated --check?text --merge --parallel:text --buffer-size:text --temporary-directory:text --sort:text --month-sort --random-sort --batch-size:text --files0-from:read --compress-program:runs --random-source:read --debug --help --version',
      'read',
    ),
    'sort',
  ),
  ...named(
    strict(
      '-cdDuiz -f:text -s:text -w:text --count --repeated --unique --ignore-case --skip-fields:text --skip-chars:text --check-chars:text --zero-terminated --all-repeated?text --group?text',
      'read',
      'write',
    ),
    'uniq',
  ),
  ...named(
    strict(
      '-eruz -n:text -i:text -o:write --head-count:text --echo --input-range:text --output:write --random-source:read --repeat --zero-terminated',
      'read',
    ),
    'shuf',
  ),
  ...named(
    strict('-abCdeEipruv -c:text -g:text -l:text -n:text -o:text -s:text -R:text', 'read', 'write'),
    'xxd',
  ),
  ...named(
    strict(
      '-abnqsvNlc -i:read -p:text -D:read -d:text -F:text -o:write -r:read --dry-run --forward --reverse --strip:text --input:read --output:write --backup --directory:text --quiet --silent',
      'write',
      'read',
    ),
    'patch',
  ),
  ...named(
    strict(
      '-rnTbSacvzf -o:text -t:text -O:text -L:text -U:text --bind --rbind --move --all --types:text --options:text --read-only --make-private --make-rprivate --make-shared --version --help',
      'read',
      'write',
    ),
    'mount',
  ),
  ...named(tame('-t:text -O:text', 'text'), 'umount'),
];

export const filePrograms: readonly (readonly [string, Reader])[] = [...readers, ...writers];

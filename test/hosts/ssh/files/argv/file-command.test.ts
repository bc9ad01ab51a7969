import { describe, expect, it } from '@jest/globals';

import { recogniseFileCommand } from '../../../../../hosts/ssh/files/index.ts';

const words = (line: string): string[] => line.split(' ');

/** `operation path` of each fact, with `/` behind what is recursive. */
function summary(line: string): string | undefined {
  const command = recogniseFileCommand(words(line));
  if (command === undefined || command.kind === 'sftp') return command?.kind;
  const facts = command.facts.map(({ operation, path, to, protocol, recursive }) => {
    expect([to, protocol]).toEqual(['', command.kind]);
    return `${operation} ${path}${recursive ? '/' : ''}`;
  });
  return facts.join(', ');
}

describe('command lines that real clients send', () => {
  it.each([
    // OpenSSH 9.2.
    ['scp -t x', 'write x'],
    ['scp -r -p -t .', 'write ./'],
    ['scp -v -f f', 'read f'],
    ['scp -r -f a b', 'read a/, read b/'],
    ['scp -d -t dir', 'write dir'],
    ['scp -f -- -x', 'read -x'],
    // libssh2, PuTTY's pscp.
    ['scp -pt /srv/x', 'write /srv/x'],
    ['/usr/bin/scp -r -p -t /srv', 'write /srv/'],
    // rsync 3.2 and 3.5.
    ['rsync --server -logDtpre.iLsfxCIvu . dst', 'write dst/'],
    ['rsync --server -vlogDtpre.iLsfxCIvu --delete . dst/', 'write dst//, delete dst//'],
    ['rsync --server --sender -logDtpre.iLsfxCIvu . src/', 'read src//'],
    ['rsync --server --sender -logDtprze.iLsfxCIvu . a c', 'read a/, read c/'],
    ['rsync --server --sender -e.LsfxCIvu . f', 'read f'],
    ['rsync --server -vlogDtprcze.iLsfxCIvu --stats --partial . .', 'write ./'],
    ['rsync --server --sender -de.LsfxCIvu --list-only . x', 'list x/'],
    ['rsync --server --sender -logDtpRe.iLsfxCIvu . x', 'read x'],
    ['rsync --server --sender -logDtpre.iLsfxCIvu --remove-source-files . x', 'read x/, delete x/'],
    ['rsync --server -logDtpr . x', 'write x/'],
    ['rsync --server -nlogDtpre.iLsfxCIvu --log-format=%i . x', 'write x/'],
    ['rsync --server -logDtpre.iLsfxCIvu -B700 --checksum-seed=3 . x', 'write x/'],
    [
      'rsync --server -logDtpre.iLsfxCIvu --max-delete=3 --delete --force . x',
      'write x/, delete x/',
    ],
    [
      'rsync --server -logDtpre.iLsfxCIvu --compress-level=9 --compress-choice=zstd . x',
      'write x/',
    ],
    // git 2.39.
    ['git-upload-pack repo', 'read repo/'],
    ['git-receive-pack /srv/x', 'write /srv/x/'],
    ['git-upload-archive repo', 'read repo/'],
    ['git upload-pack repo', 'read repo/'],
    ['/usr/lib/openssh/sftp-server', 'sftp'],
    ['internal-sftp', 'sftp'],
  ])('%s', (line, facts) => {
    expect(summary(line)).toBe(facts);
  });
});

describe('command lines that are none of file transfer', () => {
  it.each([
    'scp',
    'scp x y:',
    'scp -t',
    'scp -t a b',
    'scp -t -f a',
    'scp -r a',
    'scp -t a -S/bin/sh',
    'scp -f a -- b',
    'scp -S /bin/sh -t a',
    'scp -o ProxyCommand=x -t a',
    'scp -3 -t a',
    '/tmp/scp -t x',
    './scp -t x',
    'sudo scp -t x',
    'rsync a b',
    'rsync --server',
    'rsync --server . ',
    'rsync --server -logDtpre.iLsfxCIvu .',
    'rsync --server -logDtpre.iLsfxCIvu . a b',
    'rsync --server --daemon .',
    'rsync --server --sender --daemon . x',
    'rsync --server --config=/tmp/x . x',
    'rsync --server -slogDtpre.iLsfxCIvu . x',
    'rsync --server -slogDtpre.iLsfxCIvu',
    'rsync --server -logDtprLe.iLsfxCIvu . x',
    'rsync --server --sender -logDtprkLe.iLsfxCIvu . x',
    'rsync --server -lKogDtpre.iLsfxCIvu . x',
    'rsync --server -logDtprRe.iLsfxCIvu . x',
    'rsync --server -blogDtpre.iLsfxCIvu --backup-dir /etc --suffix=.x . x',
    'rsync --server -logDtpre.iLsfxCIvu --log-file=/x . x',
    'rsync --server -logDtpre.iLsfxCIvu . x --log-file=/x',
    'rsync --server -logDtpre.iLsfxCIvu . --log-file=/x x',
    'rsync --server --log-file /x . x',
    'rsync --server --partial-dir=/etc . x',
    'rsync --server --partial-dir /etc . x',
    'rsync --server --temp-dir=/etc . x',
    'rsync --server -T /etc . x',
    'rsync --server -lyogDtpre.iLsfxCIvu --link-dest ../x . x',
    'rsync --server --copy-dest=/etc . x',
    'rsync --server --compare-dest=/etc . x',
    'rsync --server --sender --files-from=/etc/list . x',
    'rsync --server --sender --files-from - --from0 . x',
    'rsync --server --copy-unsafe-links . x',
    'rsync --server --copy-devices . x',
    'rsync --server --write-devices . x',
    'rsync --server --super . x',
    'rsync --server --fake-super . x',
    'rsync --server --iconv=utf8 . x',
    'rsync --server --usermap=*:root . x',
    'rsync --server -essh . x',
    'rsync --server -e ssh . x',
    'rsync --server -logDtpre . x',
    'rsync --server --rsh=/bin/sh . x',
    'rsync --server --rsync-path=/bin/sh . x',
    'rsync --server --password-file=/x . x',
    'rsync --server -M--log-file=/x . x',
    'rsync --server --skip-compress=a,b . x',
    'rsync --server --log-format=%x . x',
    'rsync --server - . x',
    'rsync -v --server . x',
    '/home/eve/rsync --server . x',
    'git-upload-pack',
    'git-upload-pack --strict repo',
    'git-upload-pack --timeout=3 repo',
    'git-upload-pack repo more',
    'git-upload-pack -x',
    'git-shell -c x',
    'git -c core.fsmonitor=x upload-pack repo',
    'git git-upload-pack repo',
    'git push',
    'git',
    'sftp-server -e',
    '/tmp/sftp-server',
    'toString x',
    'constructor',
    '',
  ])('%s', (line) => {
    expect(recogniseFileCommand(words(line))).toBeUndefined();
  });

  it('holds for words that are empty, or that a program would read only half of', () => {
    for (const argv of [
      [],
      ['scp', '-t', ''],
      ['scp', '-t', 'a\0b'],
      ['rsync', '--server', '.', ''],
    ]) {
      expect(recogniseFileCommand(argv)).toBeUndefined();
    }
  });

  it('takes words as they are, with spaces and line feeds', () => {
    expect(recogniseFileCommand(['scp', '-t', 'a b\n-f'])).toMatchObject({
      direction: 'upload',
      facts: [{ path: 'a b\n-f' }],
    });
  });
});

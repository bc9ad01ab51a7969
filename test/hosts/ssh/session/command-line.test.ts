import { describe, expect, it } from '@jest/globals';

import { readCommandLine } from '../../../../hosts/ssh/session/command-line.ts';

const kindOf = (text: string): string =>
  readCommandLine(Buffer.from(text), { user: 'deploy', pty: false }).kind;

const filesOf = (text: string): readonly unknown[] => {
  const line = readCommandLine(Buffer.from(text), { user: 'deploy', pty: false });
  return line.kind === 'transfer' ? line.statements.map(({ facts }) => facts['file']) : [];
};

describe('what clients of file transfer run on the target', () => {
  it.each([
    ['scp -f /srv/a', ['read /srv/a']],
    ['scp -p -r -d -t /srv', ['write /srv']],
    ["scp -v -f -- '/srv/two words'", ['read /srv/two words']],
    ['rsync --server -logDtpre.iLsfxCIvu --delete . /srv/', ['write /srv/', 'delete /srv/']],
    ['rsync --server --sender -logDtpre.iLsfxCIvu . /srv/', ['read /srv/']],
    ["git-upload-pack '/srv/a.git'", ['read /srv/a.git']],
    ["git-receive-pack '/srv/a.git'", ['write /srv/a.git']],
  ])('is judged as files: %s', (text, files) => {
    const found = filesOf(text) as readonly { operation: string; path: string }[];
    expect(found.map(({ operation, path }) => `${operation} ${path}`)).toEqual(files);
  });

  it.each(['sftp-server', '/usr/lib/openssh/sftp-server'])(
    'is SFTP by another name: %s',
    (text) => {
      expect(kindOf(text)).toBe('sftp');
    },
  );

  it.each([
    'scp -f $FILE',
    'scp -f /srv/*',
    'scp -f ~/a',
    'scp -f /srv/a > /srv/b',
    'scp -f /srv/a &',
    'scp -f /srv/a; id',
    'scp -f /srv/a | cat',
    'sudo scp -f /srv/a',
    'PATH=/srv scp -f /srv/a',
    'scp -S sh -f /srv/a',
    '/srv/scp -f /srv/a',
    'rsync --server --sender -e sh . /srv/',
    'scp() { id; }; scp -f /srv/a',
  ])('is a command where it is anything more: %s', (text) => {
    expect(kindOf(text)).toBe('command');
  });
});

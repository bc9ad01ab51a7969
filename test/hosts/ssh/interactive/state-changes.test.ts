import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { stateChanges, stateRules } from '../../../../hosts/ssh/interactive/state-changes.ts';
import { readCommand } from '../../../../hosts/ssh/shell/index.ts';

const rulesOf = (text: string, directory: string | null = '/home/ada'): readonly string[] => {
  const read = readCommand(text);
  if (read.kind === 'refused') throw new Error(`${text}: ${read.message}`);
  return stateChanges(text, read.facts, directory);
};

describe('lines that a guarded shell refuses whatever the policy says', () => {
  it.each([
    ...['alias ls=rm', '. ./file', 'source file', 'eval ls', "eval 'ls() { rm x; }'", 'exec bash'],
    ...[
      'exec < /dev/tty',
      'exec 2> /tmp/x',
      "trap 'rm x' DEBUG",
      "trap 'rm x' EXIT",
      'enable -n test',
    ],
    ...['builtin eval ls', 'command eval ls', 'command . ./x', 'bind -x x', 'complete -C rm x'],
    ...['fc -s', 'history -s rm', 'mapfile x', 'coproc cat', 'suspend', '\\eval ls', '"eval" ls'],
    ...['true; exec bash', 'true && { alias a=b; }', 'if true; then trap ls DEBUG; fi'],
  ])('builtins: %s', (text) => {
    expect(rulesOf(text)).toContain('guarded-builtin');
  });

  it.each([
    ...[
      'set -e',
      'set +H',
      'set -o posix',
      'shopt -s extglob',
      'shopt -s expand_aliases',
      'hash -p /bin/rm ls',
    ],
    ...[
      'printf -v PATH x',
      'declare -n x=PATH',
      'declare -i x=1',
      'set $options',
      'typeset -f',
      'wait -p x',
    ],
  ])('options: %s', (text) => {
    expect(rulesOf(text)).toContain('guarded-option');
  });

  it.each([
    ...[
      'ls() { rm x; }',
      'function ls { rm x; }',
      'mytool () { rm x; }',
      'a; mytool(){ :; }',
      'ls() (rm x)',
    ],
    ...[
      'function mytool() { :; }',
      'mytool()\n{ :; }',
      'true && my-tool() { :; }',
      'f() if true; then :; fi',
    ],
  ])('functions: %s', (text) => {
    expect(rulesOf(text)).toContain('guarded-function');
  });

  it.each([
    ...[
      'PATH=/tmp:$PATH',
      'export PATH=/tmp',
      'IFS=/',
      'BASH_ENV=x',
      'export LD_PRELOAD=/tmp/x.so',
      'PS1=x',
    ],
    ...[
      'PROMPT_COMMAND=ls',
      'read PATH',
      'declare PATH=/tmp',
      'export GIT_SSH_COMMAND=x',
      'HOME=/tmp',
    ],
    ...[
      ': ${PAGER:=/tmp/x}',
      'select PATH in a; do :; done',
      'LC_ALL=ja_JP.SJIS',
      'export LANG=zh_CN.GBK',
      'read LANG',
      'for https_proxy in x; do :; done',
      'LC_ALL=$x',
      'PS4=x',
      'readonly PATH=/tmp',
      'for PATH in /tmp; do :; done',
      'ENV=/tmp/x sh -c ls',
      'PAGER=x',
    ],
  ])('variables: %s', (text) => {
    expect(rulesOf(text)).toContain('guarded-variable');
  });

  it.each([
    ...[
      'echo x >&8',
      'cat <&7',
      'echo x >& 10',
      'echo x 8>&1',
      'read x <&"$n"',
      'echo x > /dev/fd/8',
      'ls {fd}>x',
    ],
    ...['cat 9< file', 'exec 3<>/dev/tcp/127.0.0.1/80'],
  ])('descriptors: %s', (text) => {
    expect(rulesOf(text)).toContain('guarded-descriptor');
  });

  it.each([
    ...[
      'echo rm > /proc/1234/fd/0',
      'tee /proc/self/fd/0',
      'cat //proc/1/environ',
      'ln -s /proc /tmp/p',
    ],
    ...[
      'ls /proc',
      'cat /proc/cpuinfo/../1/mem',
      'cd /; cat proc/1/fd/0',
      'cp x "/proc/1/fd/0"',
      'cd /proc/self',
    ],
  ])('below /proc: %s', (text) => {
    expect(rulesOf(text)).toContain('guarded-proc');
  });

  it('lets nothing run below /proc, or where nobody knows', () => {
    expect(rulesOf('cat self/fd/0', '/proc')).toEqual(['guarded-proc']);
    expect(rulesOf('ls', '/proc/1/root')).toEqual(['guarded-proc']);
    expect(rulesOf('ls', null)).toEqual(['guarded-proc']);
    expect(rulesOf('cd /', '/proc')).toEqual([]);
    expect(rulesOf('ls', '/process')).toEqual([]);
  });

  it.each([
    ...[
      'ls -l',
      'cd /var/log',
      'x=1',
      'export TIER=web',
      'echo $x',
      'a=1 b=2',
      'for i in 1 2; do echo $i; done',
    ],
    ...[
      'echo "foo()"',
      "grep 'main(' x.c",
      'ls 2>&1',
      'ls >&2 2> /dev/null',
      'cat <<E\nf() { x; }\nE',
      'ls # f()',
    ],
    ...[
      'cat /proc/cpuinfo',
      'cat /proc/meminfo /proc/loadavg',
      'cat /proc/sys/vm/swappiness',
      'vi process.txt',
    ],
    ...[
      'echo $(date)',
      '(cd /tmp && ls)',
      'fg',
      'jobs',
      'kill %1',
      'umask 022',
      'LC_ALL=C sort x',
      'LANG=en_US.UTF-8 ls',
      'echo ${x:-y} ${z:=1}',
      'unset x',
      'read answer',
      'set',
      'hash',
    ],
    ...[
      'diff <(ls a) <(ls b)',
      'test -f x && echo y',
      'printf "%s\\n" x',
      'declare -r y=1',
      'awk "{print \\$1}" x',
    ],
  ])('takes everyday lines: %s', (text) => {
    expect(rulesOf(text)).toEqual([]);
  });

  it('has every rule explained', () => {
    const page = readFileSync('docs/reference/ssh-interactive.md', 'utf8');
    const documented = [...page.matchAll(/^\| `(guarded-[a-z]+)`/gm)].map(([, rule]) => rule);
    expect(documented).toEqual(expect.arrayContaining(Object.keys(stateRules)));
  });
});

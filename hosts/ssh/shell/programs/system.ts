// Programs of an operating system's administrator: services, packages, jobs; and those that offer their user a shell.

import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { strict, tame } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import { argumentOf } from '../value.ts';
import { databasePrograms } from './databases.ts';

const systemctl = strict(
  '-alqfirT -t:text -p:text -n:text -o:text -s:text -H:runs -M:runs -P:text --no-pager --no-legend --all --full --failed --type:text --state:text --property:text --lines:text --output:text ' +
    '--now --user --system --quiet --force --no-block --wait --plain --runtime --signal:text --kill-who:text --kill-whom:text --host:runs --machine:runs --root:runs --image:runs --show-types --value ' +
    '--recursive --reverse --after --before --message:text --job-mode:text --no-wall --no-reload --no-ask-password --preset-mode:text --version --help --what:text --with-dependencies',
  'text',
);

/** Unit files may be anywhere, and editors may be anything. */
const service: Reader = (invocation, reading, place) => {
  systemctl(invocation, reading, place);
  const words = invocation.args.map(argumentOf);
  if (words.includes('edit')) reading.found.doubt('interactive');
  if (
    words.some((word) =>
      /^(?:link|set-environment|import-environment|switch-root)$/.test(word ?? ''),
    )
  ) {
    reading.found.doubt('option-runs');
  }
  if (
    invocation.args.some(
      (arg, at) =>
        at > 0 && arg.kind === 'literal' && arg.text.includes('/') && !arg.text.startsWith('-'),
    )
  ) {
    reading.found.doubt('option-runs');
  }
};

const journalctl = strict(
  '-abefklmqrxN -u:text -n?text -p:text -o:text -S:text -U:text -t:text -g:text -D:read -F:text -M:text -c:text --no-pager --since:text --until:text --unit:text --user-unit:text --lines?text ' +
    '--follow --no-tail --reverse --output:text --output-fields:text --priority:text --grep:text --boot?text --dmesg --catalog --identifier:text --directory:read --file:read --root:read --disk-usage ' +
    '--vacuum-size:text --vacuum-time:text --vacuum-files:text --list-boots --rotate --flush --sync --quiet --utc --no-hostname --all --full --merge --pager-end --case-sensitive?text --cursor:text ' +
    '--cursor-file:change --facility:text --system --user --field:text --fields --header --version --help --verify --no-full --show-cursor',
  'text',
);

/** An option that sets what apt or dpkg will run. */
const packages: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  for (const value of invocation.args) {
    const text = argumentOf(value);
    if (text === null) {
      if (value.kind !== 'literal' && value.dash) reading.found.doubt('argument');
    } else if (
      /^(?:-o(?!Dpkg::Options::=--force-conf(?:old|def)$).+|-o$|-c.*|--(?:o|c|setopt|root|installroot|config|rcfile|pre-invoke).*)$/.test(
        text,
      )
    ) {
      reading.found.doubt('option-runs');
    } else if (/[/]|\.(?:deb|rpm|apk)$/.test(text) && !text.startsWith('-')) {
      applyRole('read', value, reading, place);
    }
  }
};

/** Programs with commands of their own that start a shell. */
const interactive: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  if (
    invocation.args.length === 1 &&
    /^(?:--version|--help|-V)$/.test(
      argumentOf(invocation.args[0] ?? { kind: 'open', single: true, dash: true }) ?? '',
    )
  )
    return;
  reading.found.doubt('interactive');
  for (const value of invocation.args) {
    if (!/^[-+]/.test(argumentOf(value) ?? '')) applyRole('change', value, reading, place);
  }
};

/** Pagers: what they show is read. */
const pager: Reader = (invocation, reading, place) => {
  report(invocation, reading, place);
  reading.found.doubt('interactive');
  for (const value of invocation.args) {
    if (!/^[-+]/.test(argumentOf(value) ?? '')) applyRole('read', value, reading, place);
  }
};

/** Programs that take commands to run from files, input or options. */
const runs =
  (isHarmless: RegExp): Reader =>
  (invocation, reading, place) => {
    const texts = invocation.args.map(argumentOf);
    const isAsking =
      texts.length > 0 && texts.every((text) => text !== null && isHarmless.test(text));
    report(invocation, reading, place, isAsking ? '' : 'stdin');
    if (!isAsking) reading.found.doubt('opaque-stdin');
  };

/** Jobs come from a file or the input, unless it only lists or removes them. */
const crontab: Reader = (invocation, reading, place) => {
  const isListing = invocation.args.some((value) => /^-(?:l|r)$/.test(argumentOf(value) ?? ''));
  report(invocation, reading, place, isListing ? '' : 'stdin');
  if (!isListing) reading.found.doubt('opaque-stdin');
};

/** Harmless but for the options that `danger` matches. */
const guarded =
  (danger: RegExp): Reader =>
  (invocation, reading, place) => {
    report(invocation, reading, place);
    for (const value of invocation.args) {
      const text = argumentOf(value);
      if (text !== null && danger.test(text)) reading.found.doubt('option-runs');
      else if (value.kind !== 'literal' && value.dash) reading.found.doubt('argument');
    }
  };

/** They name what they do in a file of the directory: as good as a script. */
const recipe =
  (danger: RegExp): Reader =>
  (invocation, reading, place) => {
    report(invocation, reading, place, 'file');
    for (const value of invocation.args) {
      const text = argumentOf(value);
      if (text === null ? value.kind !== 'literal' && value.dash : danger.test(text)) {
        reading.found.doubt(text === null ? 'argument' : 'option-runs');
      }
    }
  };

const asking = /^(?:--version|--help|-V|-h)$/;

const each = (
  reader: Reader,
  ...names: readonly string[]
): readonly (readonly [string, Reader])[] => names.map((name) => [name, reader] as const);

export const systemPrograms: readonly (readonly [string, Reader])[] = [
  ...databasePrograms,
  ['systemctl', service],
  ['journalctl', journalctl],
  ...each(
    packages,
    'apt',
    'apt-get',
    'aptitude',
    'dnf',
    'yum',
    'zypper',
    'apk',
    'pacman',
    'snap',
    'dpkg',
    'rpm',
    'brew',
    'microdnf',
  ),
  ...each(
    interactive,
    'vi',
    'vim',
    'nvim',
    'view',
    'vimdiff',
    'rvim',
    'ex',
    'ed',
    'red',
    'nano',
    'pico',
    'emacs',
    'joe',
    'micro',
    'mcedit',
    'mc',
    'vipw',
    'vigr',
    'visudo',
  ),
  ...each(
    interactive,
    'top',
    'htop',
    'gdb',
    'lldb',
    'ftp',
    'lftp',
    'tftp',
    'mutt',
    'mail',
    'mailx',
    'tmux',
    'screen',
    'byobu',
    'zellij',
    'cfdisk',
    'aria2c',
    'dialog',
    'whiptail',
    'ranger',
    'w3m',
    'lynx',
    'links',
    'elinks',
    'irssi',
  ),
  ...each(
    pager,
    'less',
    'more',
    'most',
    'man',
    'pg',
    'bat',
    'batcat',
    'zless',
    'zmore',
    'info',
    'pinfo',
  ),
  ...each(
    runs(/^(?:--version|--help|-V|-l|-q|\d+)$/),
    'at',
    'batch',
    'entr',
    'incron',
    'incrontab',
  ),
  ['crontab', crontab],
  ...each(
    runs(asking),
    'hyperfine',
    'start-stop-daemon',
    'daemonize',
    'run-parts',
    'capsh',
    'firejail',
    'bwrap',
    'systemd-nspawn',
    'perf',
    'gcore',
    'bpftrace',
    'stap',
    'ansible',
    'ansible-playbook',
    'pssh',
    'pdsh',
    'clush',
    'dsh',
    'logrotate',
    'openvpn',
    'wpa_supplicant',
    'dhclient',
    'iftop',
    'multitime',
    'rr',
    'sg',
    'newgrp',
    'login',
    'chsh',
    'sulogin',
    'agetty',
    'inetd',
    'xinetd',
    'tcpserver',
    'socket',
    'telnetd',
    'cobc',
    'ghc',
    'as',
    'ld',
    'ldconfig',
    'modprobe',
    'insmod',
    'debugfs',
    'dmsetup',
    'losetup',
    'kexec',
    'machinectl',
    'ctr',
    'crictl',
    'virsh',
    'vagrant',
    'salt',
    'salt-call',
    'puppet',
    'chef-client',
    'msfconsole',
    'rpmbuild',
    'dpkg-buildpackage',
    'ssh-agent',
    'xdg-open',
    'x-terminal-emulator',
    'xterm',
  ),
  ...each(
    recipe(
      /^(?:-f.*|-C.*|-I.*|--(?:file|makefile|directory|eval|include-dir|shell).*|.*(?:SHELL|MAKEFLAGS|CC|CXX|LD)=.*)$/,
    ),
    'make',
    'gmake',
    'ninja',
    'just',
    'task',
    'rake',
    'cmake',
    'scons',
  ),
  ...each(
    recipe(
      /^(?:-[cre].*|--(?:call|package|shell|script-shell|node-options|prefix|userconfig|globalconfig|eval|exec|require|import).*|exec|x|dlx)$/,
    ),
    'npm',
    'yarn',
    'pnpm',
    'composer',
    'cargo',
    'go',
    'mvn',
    'gradle',
    'poetry',
    'pipenv',
    'bundle',
    'gem',
    'terraform',
    'tofu',
    'helm',
  ),
  ...each(
    runs(asking),
    'npx',
    'pnpx',
    'bunx',
    'uvx',
    'pipx',
    'uv',
    'nix',
    'nix-shell',
    'nix-build',
    'guix',
    'conda',
    'mamba',
  ),
  ...each(
    guarded(/^-(?:engine|provider|config|out|keyout|CAkey|newcerts|writerand)|^(?:ca|engine)$/),
    'openssl',
  ),
  ...each(guarded(/^-\w*[zwFV]/), 'tcpdump'),
  ...each(
    guarded(/^-o|^--(?:script|datadir|stylesheet|interactive|resume)|^-s?C$|^-iL$|^-A$/),
    'nmap',
  ),
  ...each(
    guarded(
      /^--(?:edit|exec|photo|keyserver|agent-program|dirmngr|pinentry|output|homedir|options|load|import-filter)|^-o/,
    ),
    'gpg',
    'gpg2',
  ),
  ...each(
    guarded(/^-(?:wrapper|fplugin|B|specs|o|M)|^--(?:specs|plugin)|^@/),
    'gcc',
    'cc',
    'g++',
    'clang',
    'clang++',
  ),
  ...each(
    recipe(
      /^-(?:e|i|r|f)|^--(?:index|extra|editable|requirement|find|config|python|prefix|target|root)|[:@/]/,
    ),
    'pip',
    'pip3',
  ),
  [
    'redis-cli',
    tame('-h:host -p:text -a:text -n:text -u:text --eval:runs -x! --rdb:write --pipe!', 'text'),
  ],
  ['logger', tame('-f:read -t:text -p:text -n:host -P:text -i', 'text')],
  ['wall', tame('-g:text -t:text', 'text')],
];

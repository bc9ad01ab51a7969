// Programs that start the rest of their argv: which options they have, and how many operands come before it.

export interface WrapperRow {
  /** As `optionTable` reads them. */
  readonly options: string;
  /** Operands before the command. */
  readonly operands: number;
  /** Whom the command runs as when no option says so. */
  readonly user?: string;
  /** Options with which nothing is started. */
  readonly alone?: readonly string[];
  /** Takes `NAME=value` before the command. */
  readonly assigns?: boolean;
}

const row = (options: string, operands = 0, more: Partial<WrapperRow> = {}): WrapperRow => ({
  options,
  operands,
  ...more,
});

const asking = ['--help', '--version', '-V', '-h'];

export const wrapperRows: Readonly<Record<string, WrapperRow>> = {
  // coreutils
  nohup: row('--help --version', 0, { alone: asking }),
  nice: row('-n:text --adjustment:text --help --version', 0, { alone: asking }),
  stdbuf: row(
    '-i:text -o:text -e:text --input:text --output:text --error:text --help --version',
    0,
    { alone: asking },
  ),
  timeout: row(
    '-k:text -s:text -v -f -p --kill-after:text --signal:text --foreground --preserve-status --verbose --help --version',
    1,
    { alone: asking },
  ),
  chroot: row('--userspec:user --groups:text --skip-chdir --help --version', 1, { alone: asking }),
  // util-linux
  setsid: row('-cfwhV --ctty --fork --wait --help --version', 0, { alone: asking }),
  ionice: row(
    '-t -c:text -n:text -p:text -P:text -u:text -hV --class:text --classdata:text --ignore --pid:text --help --version',
    0,
    {
      alone: [...asking, '-p', '-P', '-u', '--pid'],
    },
  ),
  chrt: row(
    '-abdfGimoprRvhV -T:text -P:text -D:text --all-tasks --batch --deadline --fifo --idle --max --other --pid --rr --reset-on-fork --verbose --sched-runtime:text --sched-period:text --sched-deadline:text --help --version',
    1,
    { alone: [...asking, '-p', '--pid', '-m', '--max'] },
  ),
  taskset: row('-apchV --all-tasks --pid --cpu-list --help --version', 1, {
    alone: [...asking, '-p', '--pid'],
  }),
  setarch: row(
    '-v3BFILRSTXZhV --verbose --addr-no-randomize --uname-2.6 --32bit --help --version --list',
    1,
    { alone: [...asking, '--list'] },
  ),
  linux32: row(
    '-v3BFILRSTXZhV --verbose --addr-no-randomize --uname-2.6 --32bit --help --version',
    0,
    { alone: asking },
  ),
  linux64: row(
    '-v3BFILRSTXZhV --verbose --addr-no-randomize --uname-2.6 --32bit --help --version',
    0,
    { alone: asking },
  ),
  setpriv: row(
    '-dhV --dump --nnp --no-new-privs --ambient-caps:text --inh-caps:text --bounding-set:text --ruid:user --euid:user --rgid:text --egid:text --reuid:user --regid:text --clear-groups --keep-groups --init-groups --groups:text --securebits:text --pdeathsig:text --selinux-label:text --apparmor-profile:text --reset-env --help --version',
    0,
    { alone: [...asking, '-d', '--dump'] },
  ),
  prlimit: row(
    '-hV -p:text -o:text -c?text -d?text -e?text -f?text -i?text -l?text -m?text -n?text -q?text -r?text -s?text -t?text -u?text -v?text -x?text -y?text --pid:text --output:text --noheadings --raw --verbose --core?text --data?text --nice?text --fsize?text --sigpending?text --memlock?text --rss?text --nofile?text --msgqueue?text --rtprio?text --stack?text --cpu?text --nproc?text --as?text --locks?text --rttime?text --help --version',
    0,
    { alone: [...asking, '-p', '--pid'] },
  ),
  choom: row('-hV -n:text -p:text --adjust:text --pid:text --help --version', 0, {
    alone: [...asking, '-p', '--pid'],
  }),
  // privileges
  doas: row('-Lns -u:user -C:runs', 0, { user: 'root', alone: ['-L'] }),
  pkexec: row('--user:user --disable-internal-agent --keep-cwd --help --version', 0, {
    user: 'root',
    alone: asking,
  }),
  gosu: row('--help --version', 1, { alone: asking }),
  'su-exec': row('', 1),
  setuidgid: row('', 1),
  chpst: row(
    '-vVPoO012 -u:user -U:text -b:text -e:text -/:text -C:text -n:text -l:write -L:write -m:text -d:text -p:text -f:text -c:text -t:text',
  ),
  envdir: row('', 1),
  softlimit: row(
    '-a:text -c:text -d:text -f:text -l:text -m:text -o:text -p:text -r:text -s:text -t:text',
  ),
  runcon: row(
    '-c -t:text -u:text -r:text -l:text --compute --type:text --user:text --role:text --range:text --help --version',
    1,
    { alone: asking },
  ),
  // tracing and measuring
  time: row(
    '-apvqV -o:write -f:text --append --portability --verbose --quiet --output:write --format:text --help --version',
    0,
    { alone: asking },
  ),
  ltrace: row(
    '-bcCfiLrStTV -o:write -e:text -s:text -u:user -a:text -A:text -D:text -F:text -l:text -n:text -p:text -w:text -x:text --output:write',
    0,
    { alone: ['-V', '-p'] },
  ),
  strace: row(
    '-AcCdDfFhiknNqrtTvVwxyYzZ -a:text -b:text -e:text -E:text -I:text -o:write -O:text -p:text -P:text -s:text -S:text -u:user -U:text -X:text --output:write --follow-forks --trace:text --string-limit:text --summary-only --summary --version --help --attach:text --user:user --env:text --quiet?text --decode-fds?text --absolute-timestamps?text --relative-timestamps?text --syscall-times?text --output-separately --output-append-mode --no-abbrev',
    0,
    { alone: ['-V', '-h', '-p', '--version', '--help', '--attach'] },
  ),
  valgrind: row(
    '-v -q -h -d --tool:text --leak-check:text --show-leak-kinds:text --log-file:write --xml-file:write --trace-children:text --num-callers:text --version --help',
    0,
    { alone: asking },
  ),
  // others
  unbuffer: row('-p'),
  rlwrap: row(
    '-aAcemnrRuv -b:text -C:text -D:text -f:text -H:write -l:write -p?text -q:text -s:text -S:text -t:text -w:text',
  ),
  fakeroot: row('-u -h -v -l:runs -s:write -i:text -b:text --lib:runs --faked:runs', 0, {
    alone: ['-h', '-v'],
  }),
  eatmydata: row(''),
  catchsegv: row(''),
  proxychains: row('-q -f:runs'),
  proxychains4: row('-q -f:runs'),
  torsocks: row('-i -d -q --isolate --debug --quiet --shell'),
  tini: row('-svgwhl -p:text -e:text --version', 0, { alone: ['-h', '-l', '--version'] }),
  'dumb-init': row('-cvhV -r:text --rewrite:text --verbose --single-child --help --version', 0, {
    alone: asking,
  }),
  numactl: row(
    '-lHsah -i:text -N:text -m:text -C:text -p:text --interleave:text --cpunodebind:text --physcpubind:text --membind:text --localalloc --preferred:text --hardware --show --all',
    0,
    { alone: ['-H', '-s', '-h', '--hardware', '--show'] },
  ),
  cgexec: row('--sticky -g:text'),
  sshpass: row('-vhVe -p:text -f:read -d:text -P:text', 0, { alone: ['-h', '-V'] }),
  'dbus-run-session': row('--config-file:runs --dbus-daemon:runs --help --version', 0, {
    alone: asking,
  }),
  'dbus-launch': row('--auto-syntax --sh-syntax --exit-with-session --config-file:runs'),
  'xvfb-run': row(
    '-ahl -e:write -f:write -n:text -p:text -s:text -w:text --auto-servernum --server-args:text --server-num:text --error-file:write',
  ),
  cpulimit: row('-zivh -l:text -e:text -p:text -c:text -P:text --limit:text', 0, {
    alone: ['-h', '-p', '-e', '-P'],
  }),
  trickle: row('-svh -u:text -d:text -w:text -t:text -l:text -n:text -p:text -P:text'),
  'systemd-cat': row(
    '-t:text -p:text --identifier:text --priority:text --stderr-priority:text --level-prefix:text --namespace:text -h --help --version',
    0,
    { alone: asking },
  ),
  'systemd-inhibit': row(
    '--what:text --who:text --why:text --mode:text --list --no-pager --no-legend -h --help --version',
    0,
    { alone: [...asking, '--list'] },
  ),
  'systemd-run': row(
    '-tPqdGhS -H:runs -M:runs -E:text -p:runs -u:text -r --scope --unit:text --property:runs --description:text --slice:text --slice-inherit --remain-after-exit --send-sighup --service-type:text --uid:user --gid:text --nice:text --working-directory:directory --same-dir --setenv:text --pty --pipe --quiet --shell --wait --collect --no-block --no-ask-password --user --system --host:runs --machine:runs --on-active:text --on-boot:text --on-startup:text --on-unit-active:text --on-unit-inactive:text --on-calendar:text --on-clock-change --on-timezone-change --timer-property:text --path-property:text --socket-property:text --expand-environment:text --help --version',
    0,
    { user: 'root', alone: asking },
  ),
  run0: row(
    '-u:user -g:text -D:directory --user:user --group:text --chdir:directory --nice:text --unit:text --property:runs --description:text --slice:text --slice-inherit --setenv:text --background:text --machine:runs --pty --pipe --shell-prompt-prefix:text --help --version',
    0,
    { user: 'root', alone: asking },
  ),
  'aa-exec': row(
    '-dhv -p:text -n:text -i --profile:text --namespace:text --immediate --debug --verbose --help',
    0,
    { alone: ['-h', '--help'] },
  ),
};

// A root directory with bash and little else, in which lines run as nobody, without network, under strace.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What lines run in it does for real; every other name there only ends. */
const real = [
  ...[
    'bash',
    'dash',
    'env',
    'timeout',
    'nice',
    'nohup',
    'xargs',
    'find',
    'setsid',
    'stdbuf',
    'flock',
    'cat',
    'echo',
  ],
  ...[
    'tee',
    'sort',
    'sed',
    'mawk',
    'tar',
    'cp',
    'mv',
    'rm',
    'touch',
    'mkdir',
    'ln',
    'true',
    'busybox',
    'rmdir',
    'split',
  ],
];
const idle = [
  ...[
    'id',
    'ls',
    'evil',
    'x',
    'ps',
    'df',
    'date',
    'sleep',
    'systemctl',
    'curl',
    'git',
    'docker',
    'ssh',
    'kubectl',
    'journalctl',
  ],
  ...[
    'python3',
    'perl',
    'sudo',
    'su',
    'grep',
    'egrep',
    'head',
    'tail',
    'wc',
    'awk',
    'cut',
    'tr',
    'uniq',
    'seq',
    'du',
    'chmod',
  ],
  ...[
    'chown',
    'hostname',
    'uname',
    'whoami',
    'uptime',
    'a',
    'b',
    'i',
    'f',
    'g',
    'vi',
    'less',
    'make',
    'gzip',
    'rsync',
    'scp',
  ],
];

const own = 65_534;
/** Of all lines of a batch. */
const batchMilliseconds = 300_000;

export interface Trace {
  /** The log of strace, line by line. */
  readonly lines: readonly string[];
}

/** Why lines cannot be run here; undefined when they can. */
export function cellObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may change the root directory';
  const missing = ['strace', 'unshare', 'chroot', ...real].filter(
    (name) => found(name) === undefined,
  );
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  const { status } = spawnSync('unshare', ['-n', '-p', '--fork', '--kill-child', 'true']);
  return status === 0 ? undefined : 'namespaces are not allowed';
}

const found = (name: string): string | undefined =>
  ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map((folder) => join(folder, name)).find(existsSync);

export class Cell {
  /** As strace sees it, whose paths begin with it. */
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'cell-')));

  constructor() {
    const root = this.root;
    for (const folder of ['bin', 'lib', 'dev', 'cases', 'w', 'tmp', 'etc'])
      mkdirSync(join(root, folder));
    chmodSync(root, 0o755);
    for (const name of real) this.#install(name);
    linkSync(join(root, 'bin/dash'), join(root, 'bin/sh'));
    for (const name of idle) copyFileSync(join(root, 'bin/true'), join(root, 'bin', name));
    execFileSync('mknod', ['-m', '666', join(root, 'dev/null'), 'c', '1', '3']);
    for (const folder of ['w', 'tmp']) {
      chmodSync(join(root, folder), 0o777);
      chownSync(join(root, folder), own, own);
    }
  }

  #install(name: string): void {
    const program = realpathSync(found(name) ?? name);
    copyFileSync(program, join(this.root, 'bin', name));
    const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
    for (const [, library = ''] of stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)) {
      const to = join(this.root, library);
      mkdirSync(join(to, '..'), { recursive: true });
      if (!existsSync(to)) copyFileSync(realpathSync(library), to);
    }
  }

  /** Runs the lines one after the other, each for two seconds at most. Their marks in the log are `case-N` and `end-N`. */
  run(lines: readonly string[], shell: 'bash' | 'dash'): Trace {
    const script = [
      'ulimit -u 200 -f 2000 -v 800000 -t 60 2>/dev/null',
      `for ((n = 0; n < ${lines.length}; n++)); do`,
      '  cd /w; /bin/busybox rm -rf /w/* /w/.[!.]* /tmp/*; for f in a b c.txt d.log; do echo $f > $f; done; mkdir dir',
      `  /bin/timeout -s KILL 2 /bin/${shell} -c "$(< /cases/$n)" case-$n < /dev/null > /dev/null 2>&1`,
      '  /bin/true end-$n',
      'done',
    ].join('\n');
    const log = join(this.root, 'log');
    lines.forEach((line, at) => writeFileSync(join(this.root, 'cases', String(at)), line));
    const calls =
      'trace=execve,execveat,openat,open,creat,newfstatat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,truncate,link,linkat,symlink,symlinkat,rmdir';
    spawnSync(
      'strace',
      [
        ...['-f', '-y', '-qq', '-s', '4096', '-e', calls, '-e', 'signal=none', '-o', log],
        ...[
          'unshare',
          '-n',
          '-p',
          '-i',
          '--fork',
          '--kill-child',
          found('chroot') ?? 'chroot',
          `--userspec=${own}:${own}`,
          this.root,
        ],
        ...['/bin/bash', '-c', script],
      ],
      {
        timeout: batchMilliseconds,
        killSignal: 'SIGKILL',
        stdio: 'ignore',
        env: { PATH: '/bin', HOME: '/w', LC_ALL: 'C.UTF-8' },
      },
    );
    return { lines: readFileSync(log, 'utf8').split('\n') };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

// Options of wrappers by the real programs: whether `evil a 'b c'` is what each line of the table starts.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { wrapperLines } from '../../hosts/ssh/shell/wrapper-lines.ts';

export interface WrapperTally {
  /** Lines by which the real program started what the table says. */
  readonly agreed: number;
  /** Lines of programs that are not installed, or that refused the option here. */
  readonly silent: number;
  /** Lines by which something else was started. */
  readonly differing: readonly string[];
}

const folders = '/usr/sbin:/usr/bin:/sbin:/bin';
const lineMilliseconds = 5000;

/** What would be started if a value were taken for the command. */
const values = ['1', '0', '5', 'L', 'TERM', 'nobody', 'x', '1024', 'execve', 'idle', 'a'];

/** Runs every line, with programs in the path that say by which name and arguments they were started. */
export function compareWrappers(): WrapperTally {
  const root = mkdtempSync(join(tmpdir(), 'wrappers-'));
  const bin = join(root, 'bin');
  const said = join(root, 'said');
  mkdirSync(bin);
  for (const folder of [root, bin]) chmodSync(folder, 0o777);
  for (const name of ['evil', ...values]) {
    const file = join(bin, name);
    writeFileSync(
      file,
      `#!/bin/sh\nfor word in ${name} "$@"; do printf '%s\\n' "$word"; done >> ${said}\n`,
    );
    chmodSync(file, 0o755);
  }
  try {
    const answers = wrapperLines.map((line) => ({
      line,
      answer: answerOf(line, { root, bin, said }),
    }));
    const expected = 'evil\na\nb c\n';
    return {
      agreed: answers.filter(({ answer }) => answer === expected).length,
      silent: answers.filter(({ answer }) => answer === '').length,
      differing: answers
        .filter(({ answer }) => answer !== '' && answer !== expected)
        .map(({ line, answer }) => `${line}: ${JSON.stringify(answer)}`),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

interface Place {
  readonly root: string;
  readonly bin: string;
  readonly said: string;
}

function answerOf(line: string, { root, bin, said }: Place): string {
  writeFileSync(said, '');
  chmodSync(said, 0o666);
  spawnSync('unshare', ['-n', '-p', '--fork', '--kill-child', 'bash', '-c', line], {
    cwd: root,
    env: { PATH: `${bin}:${folders}`, HOME: root },
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: lineMilliseconds,
    killSignal: 'SIGKILL',
  });
  return existsSync(said) ? readFileSync(said, 'utf8') : '';
}

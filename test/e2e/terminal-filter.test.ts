import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { TerminalFilter } from '../../hosts/ssh/output/index.ts';
import { describeIf } from '../support/describe-if.ts';
import { runToSuccess } from '../support/program.ts';

const esc = '\x1b';
const bel = '\x07';
const st = `${esc}\\`;

/** What terminals answer by typing; not the one that ends the test. */
const questions = [
  `${esc}[c${esc}[>c${esc}[=c${esc}Z`,
  `${esc}[6n${esc}[?6n`,
  `${esc}[>q${esc}[?u${esc}[1x${esc}[?2026$p`,
  `${esc}[14t${esc}[18t${esc}[21t`,
  `${esc}]10;?${bel}${esc}]4;1;?${bel}${esc}]52;c;?${bel}`,
  `${esc}P$qm${st}${esc}P+q544e${st}`,
  '\x05\u009b6n\u009bc',
].join('');

/** Writes a file to the terminal, asks it for its status (DSR 5), and keeps what it typed up to that answer. */
const pane = `
import { readFileSync, writeFileSync } from 'node:fs';
const [shown, kept] = process.argv.slice(2);
process.stdin.setRawMode(true);
let typed = '';
process.stdin.on('data', (chunk) => {
  typed += chunk.toString('latin1');
  if (!typed.endsWith('\\x1b[0n')) return;
  writeFileSync(kept, typed.slice(0, -4));
  process.exit();
});
process.stdout.write(readFileSync(shown));
process.stdout.write('\\x1b[5n');
`;

describeIf('tmux', 'a real terminal', (tmux) => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sallyport-terminal-'));
    writeFileSync(join(directory, 'pane.mjs'), pane);
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const typedAfter = async (output: Buffer): Promise<string> => {
    writeFileSync(join(directory, 'shown'), output);
    const command = `'${process.execPath}' pane.mjs shown typed; tmux -S tmux wait-for -S typed`;
    const session = [
      'new-session',
      '-d',
      '-x',
      '80',
      '-y',
      '24',
      command,
      ';',
      'wait-for',
      'typed',
    ];
    const env = { PATH: process.env['PATH'], TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' };
    await runToSuccess(tmux, ['-S', 'tmux', '-f', '/dev/null', ...session], {
      env,
      cwd: directory,
    });
    return readFileSync(join(directory, 'typed'), 'latin1');
  };

  it('types answers to what a hostile target sends', async () => {
    expect(await typedAfter(Buffer.from(questions))).toContain(`${esc}[1;1R`);
  });

  it('types nothing when that went through the filter', async () => {
    const filter = new TerminalFilter();
    const output = Buffer.concat([filter.push(Buffer.from(questions)), filter.end()]);
    expect(await typedAfter(output)).toBe('');
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';

import type { GuardedTarget } from '../../../hosts/ssh/guard/index.ts';
import type { TargetShell } from '../../../hosts/ssh/interactive/index.ts';
import { describeIf } from '../../support/describe-if.ts';
import { eventually } from '../../support/eventually.ts';
import { GuardedSession, InteractiveTarget } from '../../support/ssh/interactive.ts';

let target: InteractiveTarget;
let connection: GuardedTarget;

beforeAll(async () => {
  target = await InteractiveTarget.start();
  connection = await target.connect();
});
afterAll(() => target[Symbol.asyncDispose]());

const at = (name: string): string => join(target.directory, name);
const suite = (shell: TargetShell): void => {
  let session: GuardedSession;
  beforeEach(async () => {
    session = await new GuardedSession(connection, {
      shell,
      judge: ({ text }) =>
        Promise.resolve(
          text.includes('forbidden')
            ? { kind: 'refuse', message: 'no: forbidden' }
            : { kind: 'run' },
        ),
    }).ready();
  });

  const leave = async (): Promise<void> => {
    session.leave();
    await session.done;
  };

  it('keeps directory, variables and the last status from line to line', async () => {
    await session.enter('cd /usr && x=kept');
    expect(await session.enter('echo $x $PWD')).toBe('kept /usr\r\n');
    await session.enter('(exit 7)');
    expect(await session.enter('echo $?')).toBe('7\r\n');
    expect(session.judged.at(-1)).toEqual({
      text: 'echo $?',
      directory: '/usr',
      shell: shell === 'bash' ? 'bash' : 'other',
    });
    expect(session.ended.map(({ status }) => status)).toEqual([0, 0, 7, 0]);
    await leave();
  });

  it('ends a program at ^C, and the whole line with it, and lives on', async () => {
    session.keyboard.type('sleep 100; echo after\r');
    await session.keyboard.sees('2004l');
    await session.keyboard.signals('\x03', '$ ');
    session.keyboard.type('while :; do :; done\r');
    await session.keyboard.sees('2004l');
    await session.keyboard.signals('\x03', '$ ');
    expect(session.ended.map(({ status }) => status)).toEqual([130, 130]);
    expect(session.keyboard.screen).not.toMatch(/^after/m);
    expect(await session.enter('echo alive')).toBe('alive\r\n');
    await leave();
  });

  it('gives what is typed to the program that runs', async () => {
    session.keyboard.type('head -n 1 | tr a-z A-Z\r');
    await session.keyboard.sees('2004l');
    session.keyboard.type('rm -rf x\r');
    await session.keyboard.sees('RM -RF X');
    await session.keyboard.sees('$ ');
    expect(session.judged).toHaveLength(1);
    await leave();
  });

  it('never takes for a command what is typed ahead', async () => {
    session.keyboard.type('sleep 0.5\r');
    await session.keyboard.sees('2004l');
    session.keyboard.type(`touch ${at('typed-ahead')}\r`);
    await session.keyboard.sees('$ ');
    await session.enter('true');
    // Nor what comes with the line, in one piece.
    session.keyboard.type(`true\rtouch ${at('typed-ahead')}\r`);
    await session.keyboard.sees('touch');
    session.keyboard.type('\x03');
    await session.enter('true');
    expect(session.judged.map(({ text }) => text)).toEqual(['sleep 0.5', 'true', 'true', 'true']);
    expect(existsSync(at('typed-ahead'))).toBe(false);
    await leave();
  });

  it('lets nothing of a refused line, nor of what followed it, reach the target', async () => {
    const file = at('refused');
    session.keyboard.type(`touch ${file} # forbidden\rtouch ${file}\r`);
    await session.keyboard.sees('no: forbidden');
    await session.keyboard.sees('$ ');
    session.keyboard.type(`\x1b[200~true forbidden\ntouch ${file}\ntouch ${file}\n\x1b[201~`);
    await session.keyboard.sees('pasted behind it: 2 lines');
    await session.enter('true');
    expect(existsSync(file)).toBe(false);
    expect(session.ended.map(({ text }) => text)).toEqual(['true']);
    await leave();
  });

  it('survives what ends a shell that reads a script', async () => {
    for (const line of [
      "echo 'a' )",
      '. /nonexistent',
      'echo ${unset?message}',
      ': > /nonexistent/x',
    ]) {
      await session.enter(line);
    }
    await session.enter('readonly fixed=1; fixed=2');
    expect(await session.enter('echo alive')).toBe('alive\r\n');
    await leave();
  });

  it('stops a program at ^Z and goes on with it', async () => {
    session.keyboard.type('sleep 100\r');
    await session.keyboard.sees('2004l');
    await session.keyboard.signals('\x1a', '$ ');
    expect(await session.enter('jobs')).toMatch(/Stopped/);
    session.keyboard.type('fg\r');
    await session.keyboard.sees('2004l');
    await session.keyboard.signals('\x03', '$ ');
    expect(await session.enter('echo alive')).toBe('alive\r\n');
    await leave();
  });

  it('runs a command of several lines as one', async () => {
    session.keyboard.type('cat <<END\ra $((6 * 7))\rEND\r');
    await session.keyboard.sees('a 42');
    await session.keyboard.sees('$ ');
    expect(session.judged.map(({ text }) => text)).toEqual(['cat <<END\na $((6 * 7))\nEND']);
    await leave();
  });

  it('takes the longest command, whatever is in it', async () => {
    const quotes = "'".repeat(16 * 1024 - 'printf %s "" | wc -c | tr -d " "'.length);
    session.keyboard.type(`\x1b[200~printf %s "${quotes}" | wc -c | tr -d " "\x1b[201~\r`);
    await session.keyboard.sees(`\x1b[?2004l${quotes.length}\r\n`);
    await leave();
  });

  it('goes on where a program has left the terminal in a strange mode', async () => {
    await session.enter('stty olcuc raw -echo; false');
    expect(await session.enter('echo alive')).toBe('alive\r\n');
    await leave();
  });

  it('ends with the status of the shell, and leaves no FIFO behind', async () => {
    session.keyboard.type('exit 3\r');
    const end = await session.done;
    expect(end).toEqual({ kind: 'exited', exit: { kind: 'exit-status', status: 3 } });
    await eventually('nothing is left', async () => (await target.remains()).length === 0);
  });

  it('ends at ^D on an empty line', async () => {
    session.keyboard.type('\x04');
    expect(await session.done).toMatchObject({ kind: 'exited', exit: { status: 0 } });
  });
};

describeIf('bash', 'a guarded shell', () => suite('bash'));
describeIf('dash', 'a guarded shell', () => suite('dash'));
describeIf('busybox', 'a guarded shell', () => suite('busybox'));

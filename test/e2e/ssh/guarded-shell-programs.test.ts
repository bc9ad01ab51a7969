import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { GuardedTarget } from '../../../hosts/ssh/guard/index.ts';
import { eventually } from '../../support/eventually.ts';
import { GuardedSession, InteractiveTarget, opener } from '../../support/ssh/interactive.ts';

let target: InteractiveTarget;
let connection: GuardedTarget;

beforeAll(async () => {
  target = await InteractiveTarget.start();
  connection = await target.connect();
});
afterAll(() => target[Symbol.asyncDispose]());

const at = (name: string): string => join(target.directory, name);

describe('programs of a guarded shell', () => {
  it('may take the whole screen, and get its size', async () => {
    const session = await new GuardedSession(connection).ready();
    session.shell.resize({ rows: 40, columns: 100, width: 0, height: 0 });
    expect(await session.enter('stty size')).toBe('40 100\r\n');
    writeFileSync(at('page'), Array.from({ length: 200 }, (_, line) => `line ${line}\n`).join(''));
    session.keyboard.type(`less ${at('page')}\r`);
    await session.keyboard.sees('line 30');
    session.keyboard.type('G');
    await session.keyboard.sees('line 199');
    session.keyboard.type('q');
    await session.keyboard.sees('$ ');
    session.keyboard.type(`vi ${at('written')}\r`);
    await session.keyboard.sees('~');
    session.keyboard.type('ihello\x1b:wq\r');
    await session.keyboard.sees('$ ');
    expect(readFileSync(at('written'), 'utf8')).toBe('hello\n');
    session.keyboard.type('top\r');
    await session.keyboard.sees('PID');
    session.keyboard.type('q');
    await session.keyboard.sees('$ ');
    expect(session.judged.map(({ text }) => text.split(' ')[0])).toEqual([
      'stty',
      'less',
      'vi',
      'top',
    ]);
    session.leave();
    await session.done;
  });

  it('may fill the screen faster than it is read, and are stopped by ^C', async () => {
    const session = await new GuardedSession(connection).ready();
    session.keyboard.type('yes\r');
    await session.keyboard.sees('y\r\ny\r\n');
    await session.keyboard.signals('\x03', '$ ');
    expect(await session.enter('echo alive')).toBe('alive\r\n');
    session.leave();
    await session.done;
  });
});

describe('a line that is held', () => {
  it('shows who must approve, can be withdrawn, and runs when it is approved', async () => {
    const answers: ((answer: 'yes') => void)[] = [];
    const session = await new GuardedSession(connection, {
      judge: async ({ text }, { say, signal }) => {
        if (!text.startsWith('touch')) return { kind: 'run' };
        say('held: dba must approve');
        const withdrawn = new Promise<'no'>((resolve) =>
          signal.addEventListener('abort', () => resolve('no')),
        );
        const answer = await Promise.race([
          new Promise<'yes'>((resolve) => answers.push(resolve)),
          withdrawn,
        ]);
        return answer === 'yes' ? { kind: 'run' } : { kind: 'refuse', message: 'withdrawn' };
      },
    }).ready();
    session.keyboard.type(`touch ${at('held')}\r`);
    await session.keyboard.sees('dba must approve');
    await session.keyboard.signals('\x03', '$ ');
    answers.shift()?.('yes');
    session.keyboard.type(`touch ${at('held')}\r`);
    await session.keyboard.sees('dba must approve');
    expect(existsSync(at('held'))).toBe(false);
    answers.shift()?.('yes');
    await session.keyboard.sees('$ ');
    expect(existsSync(at('held'))).toBe(true);
    expect(session.ended).toHaveLength(1);
    session.leave();
    await session.done;
  });

  it('ends the session when its judge fails', async () => {
    const session = await new GuardedSession(connection, {
      judge: () => Promise.reject(new Error('no record')),
    }).ready();
    session.keyboard.type(`touch ${at('unrecorded')}\r`);
    await expect(session.done).rejects.toThrow('no record');
    expect(existsSync(at('unrecorded'))).toBe(false);
  });

  it('ends the session when the screen cannot be recorded', async () => {
    let fails = false;
    const session = await new GuardedSession(connection, {
      onOutput: () => {
        if (fails) throw new Error('disk full');
      },
    }).ready();
    fails = true;
    session.keyboard.type('x');
    await expect(session.done).rejects.toThrow('disk full');
  });
});

describe('the end of a guarded shell', () => {
  it('leaves no process and no FIFO when the connection breaks, whenever that is', async () => {
    const own = await target.connect();
    const idle = await new GuardedSession(own).ready();
    const busy = await new GuardedSession(own).ready();
    busy.keyboard.type('sleep 1000\r');
    await busy.keyboard.sees('2004l');
    // This one has its FIFOs, and no shell yet.
    const open = opener(own);
    const starting = new GuardedSession(own, {
      open: (command, on) => (on === 'pipes' ? open(command, on) : new Promise(() => undefined)),
    });
    await eventually('its FIFOs are there', async () =>
      (await target.remains()).some((name) => name.startsWith('.sallyport.')),
    );
    own.end();
    await Promise.all([idle.done, busy.done]);
    starting.leave();
    await eventually('all is gone', async () => (await target.remains()).length === 0);
  });

  it.each([
    ['only one channel', 'guarded-channel', ['MaxSessions 1']],
    ['a forced command', 'guarded-shell', ['ForceCommand echo welcome']],
    ['a command that says nothing', 'guarded-time', ['ForceCommand sleep 100']],
    ['no mkfifo', 'guarded-program', ['ForceCommand PATH=/nowhere; eval "$SSH_ORIGINAL_COMMAND"']],
  ])('is its beginning where the target has %s', async (_, rule, settings) => {
    await using other = await InteractiveTarget.start(settings);
    const session = new GuardedSession(await other.connect(), { startMilliseconds: 3000 });
    expect(await session.done).toMatchObject({ kind: 'refused', rule });
    expect(session.keyboard.screen).toBe('');
  });

  it('starts behind a login shell that talks', async () => {
    const talk = 'ForceCommand echo hello; eval "$SSH_ORIGINAL_COMMAND"';
    await using other = await InteractiveTarget.start([talk]);
    const session = await new GuardedSession(await other.connect()).ready();
    expect(await session.enter('echo alive')).toBe('alive\r\n');
    session.leave();
    await session.done;
  });
});

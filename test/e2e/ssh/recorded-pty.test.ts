import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { GuardedTarget } from '../../../hosts/ssh/guard/index.ts';
import type { ScreenHint } from '../../../hosts/ssh/interactive/index.ts';
import { RecordedPty } from '../../../hosts/ssh/interactive/index.ts';
import { eventually } from '../../support/eventually.ts';
import { InteractiveTarget, Keyboard, opener } from '../../support/ssh/interactive.ts';

describe('a recorded terminal', () => {
  let target: InteractiveTarget;
  let connection: GuardedTarget;

  beforeAll(async () => {
    target = await InteractiveTarget.start();
    connection = await target.connect();
  });
  afterAll(() => target[Symbol.asyncDispose]());

  const start = async (onOutput?: () => void) => {
    const keyboard = new Keyboard();
    const recorded: Buffer[] = [];
    const hints: ScreenHint[] = [];
    const gone = new AbortController();
    const pty = await opener(connection)(
      "exec env PS1='$ ' bash --norc --noprofile -i",
      'terminal',
    );
    const session = new RecordedPty({
      client: keyboard.client,
      pty,
      gone: gone.signal,
      onOutput: (bytes) => {
        onOutput?.();
        recorded.push(Buffer.from(bytes));
      },
      onHint: (hint) => hints.push(hint),
    });
    return { keyboard, recorded, hints, gone, pty, session, done: session.run() };
  };

  it('shows and records the same bytes, and guesses what was typed', async () => {
    const { keyboard, recorded, hints, session, done } = await start();
    await keyboard.sees('$ ');
    keyboard.type('echo one\r');
    await keyboard.sees('one\r\n');
    session.resize({ rows: 30, columns: 90, width: 0, height: 0 });
    keyboard.type('stty size\r');
    await keyboard.sees('30 90');
    keyboard.type('exit 5\r');
    expect(await done).toEqual({ kind: 'exit-status', status: 5 });
    expect(Buffer.concat(recorded).toString()).toBe(keyboard.screen);
    expect(hints.map(({ text }) => text)).toEqual(['echo one', 'stty size', 'exit 5']);
  });

  it('waits for a client that does not read', async () => {
    const { keyboard, recorded, gone, pty, done } = await start();
    await keyboard.sees('$ ');
    keyboard.stopReading();
    keyboard.type('yes\r');
    await eventually('the target waits', () => Promise.resolve(pty.input.isPaused()));
    const bytes = recorded.reduce((sum, chunk) => sum + chunk.length, 0);
    expect(bytes).toBeLessThan(1024 * 1024);
    gone.abort();
    await done;
  });

  it('ends when what it shows cannot be recorded', async () => {
    const { done } = await start(() => {
      throw new Error('disk full');
    });
    await expect(done).rejects.toThrow('disk full');
  });

  it('ends when the client is gone', async () => {
    const { keyboard, gone, done } = await start();
    await keyboard.sees('$ ');
    gone.abort();
    await done;
  });
});

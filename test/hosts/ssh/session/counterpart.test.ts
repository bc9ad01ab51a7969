// The channel on the target that is opened with the caller's.

import { describe, expect, it } from '@jest/globals';

import type { Channel, GuardedTarget } from '../../../../hosts/ssh/guard/index.ts';
import { Counterpart } from '../../../../hosts/ssh/session/counterpart.ts';

class Target {
  opened = 0;
  aborted = 0;
  readonly channel = {
    closed: false,
    abort: (): void => {
      this.aborted += 1;
    },
  };

  get guarded(): Promise<GuardedTarget> {
    const open = (): Promise<Channel> => {
      this.opened += 1;
      return Promise.resolve(this.channel as unknown as Channel);
    };
    return Promise.resolve({ open } as unknown as GuardedTarget);
  }
}

describe('a counterpart', () => {
  it('is opened at once, and given once', async () => {
    const target = new Target();
    const counterpart = new Counterpart(target.guarded);
    await Promise.resolve();
    expect(target.opened).toBe(1);
    expect(await counterpart.take()).toBeDefined();
    expect(await counterpart.take()).toBeUndefined();
    expect(target.opened).toBe(1);
  });

  it('is nothing where the target has closed it meanwhile', async () => {
    const target = new Target();
    const counterpart = new Counterpart(target.guarded);
    target.channel.closed = true;
    expect(await counterpart.take()).toBeUndefined();
  });

  it.each([
    ['the target is not reached', Promise.reject<GuardedTarget>(new Error('unreachable'))],
    [
      'the target opens none',
      Promise.resolve({
        open: () => Promise.reject(new Error('too many')),
      } as unknown as GuardedTarget),
    ],
  ])('is nothing where %s, for who needs one to hear why', async (_case, target) => {
    expect(await new Counterpart(target).take()).toBeUndefined();
  });

  it('is closed when nobody needs it', async () => {
    const target = new Target();
    const counterpart = new Counterpart(target.guarded);
    await Promise.resolve();
    await counterpart.drop();
    expect(target.aborted).toBe(1);
    expect(await counterpart.take()).toBeUndefined();
  });

  it('is left alone when somebody took it', async () => {
    const target = new Target();
    const counterpart = new Counterpart(target.guarded);
    await counterpart.take();
    await counterpart.drop();
    expect(target.aborted).toBe(0);
  });

  it('is not opened where nobody needs it before the target is reached', async () => {
    const target = new Target();
    const reached = Promise.withResolvers<GuardedTarget>();
    const counterpart = new Counterpart(reached.promise);
    await counterpart.drop();
    reached.resolve(await target.guarded);
    expect(await counterpart.take()).toBeUndefined();
    expect(target.opened).toBe(0);
  });
});

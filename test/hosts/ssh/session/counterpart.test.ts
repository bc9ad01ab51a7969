// The channel on the target that is opened with the caller's.

import { describe, expect, it } from '@jest/globals';

import type { Channel, GuardedTarget } from '../../../../hosts/ssh/guard/index.ts';
import { Counterpart, Counterparts } from '../../../../hosts/ssh/session/counterpart.ts';

class Target {
  opened = 0;
  aborted = 0;
  readonly channel = {
    closed: false,
    abort: (): void => {
      this.aborted += 1;
      this.#change();
    },
  };

  /** Resolves at the next time that one is opened, or aborted. */
  changed = Promise.withResolvers<undefined>();

  get guarded(): Promise<GuardedTarget> {
    const open = (): Promise<Channel> => {
      this.opened += 1;
      this.#change();
      return Promise.resolve(this.channel as unknown as Channel);
    };
    return Promise.resolve({ open } as unknown as GuardedTarget);
  }

  #change(): void {
    this.changed.resolve(undefined);
    this.changed = Promise.withResolvers();
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

describe('the counterparts of a connection', () => {
  const times = { openedAfterMs: 0, keptMs: 60_000 };
  const scene = (more = {}) => {
    const target = new Target();
    return { target, counterparts: new Counterparts(() => target.guarded, { ...times, ...more }) };
  };

  it('are opened as the caller opens, until one is over', async () => {
    const { target, counterparts } = scene();
    expect(await counterparts.next().take()).toBeDefined();
    expect(await counterparts.next().take()).toBeDefined();
    expect(target.opened).toBe(2);
    expect(await counterparts.take()).toBeUndefined();
  });

  it('are opened ahead, one at a time, for the next', async () => {
    const { target, counterparts } = scene();
    counterparts.replace();
    counterparts.replace();
    await target.changed.promise;
    counterparts.replace();
    const ahead = counterparts.next();
    expect(await ahead.take()).toBeDefined();
    expect(target.opened).toBe(1);
    expect(await counterparts.next().take()).toBeDefined();
    expect(target.opened).toBe(2);
  });

  it('give the one that was opened ahead to what is under way, too', async () => {
    const { target, counterparts } = scene();
    counterparts.replace();
    await target.changed.promise;
    expect(await counterparts.take()).toBeDefined();
    expect(await counterparts.take()).toBeUndefined();
    expect(target.opened).toBe(1);
  });

  it('are not opened ahead where the next has come meanwhile', async () => {
    const { target, counterparts } = scene();
    counterparts.replace();
    expect(await counterparts.next().take()).toBeDefined();
    const behindTheirs = Promise.withResolvers();
    setTimeout(behindTheirs.resolve, times.openedAfterMs);
    await behindTheirs.promise;
    expect(target.opened).toBe(1);
  });

  it('are closed when nobody comes for them', async () => {
    const { target, counterparts } = scene({ keptMs: 1 });
    counterparts.replace();
    await target.changed.promise;
    await target.changed.promise;
    expect([target.opened, target.aborted]).toEqual([1, 1]);
    expect(await counterparts.take()).toBeUndefined();
  });
});

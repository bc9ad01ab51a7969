import { describe, expect, it } from '@jest/globals';

import type { GlobalAnswer, GuardedTarget } from '../../../../hosts/ssh/guard/index.ts';
import { Listeners } from '../../../../hosts/ssh/session/listeners.ts';

const origin = { originHost: '10.0.0.1', originPort: 1 };
const forwarded = (port: number) =>
  ({ kind: 'forwarded-tcpip', host: 'localhost', port, ...origin }) as const;

/** A target that gives this answer to whatever it is asked. */
const answering = (answer: Promise<GlobalAnswer>) =>
  ({ ask: () => answer }) as unknown as GuardedTarget;
const granting = (more: Partial<GlobalAnswer> = {}) =>
  answering(Promise.resolve({ granted: true, ...more }));

describe('a connection from the target', () => {
  it('is expected at a listener that was granted, until its end', async () => {
    const listeners = new Listeners();
    const place = { address: '', port: 8080 };
    await listeners.open(granting(), { kind: 'listen', ...place });
    expect(await listeners.expect(forwarded(8080))).toBe(true);
    expect(await listeners.expect(forwarded(8081))).toBe(false);
    await listeners.close(granting(), { kind: 'unlisten', ...place });
    expect(await listeners.expect(forwarded(8080))).toBe(false);
  });

  it('is expected at the port that the target chose', async () => {
    const listeners = new Listeners();
    await listeners.open(granting({ port: 40_000 }), { kind: 'listen', address: '', port: 0 });
    expect(await listeners.expect(forwarded(40_000))).toBe(true);
    expect(await listeners.expect(forwarded(0))).toBe(false);
  });

  it('is not expected where the target refused to listen, or nobody asked', async () => {
    const listeners = new Listeners();
    const refusing = answering(Promise.resolve({ granted: false }));
    await listeners.open(refusing, { kind: 'listen-socket', path: '/run/x' });
    expect(await listeners.expect({ kind: 'forwarded-socket', path: '/run/x' })).toBe(false);
  });

  it('waits for the answer to the request that it overtook', async () => {
    const listeners = new Listeners();
    const { promise, resolve } = Promise.withResolvers<GlobalAnswer>();
    const opened = listeners.open(answering(promise), { kind: 'listen', address: '', port: 8080 });
    const expected = listeners.expect(forwarded(8080));
    resolve({ granted: true });
    await opened;
    expect(await expected).toBe(true);
  });

  it('ends only what was asked for', async () => {
    const request = { kind: 'unlisten', address: '', port: 8080 } as const;
    expect(await new Listeners().close(granting(), request)).toEqual({ granted: false });
  });
});

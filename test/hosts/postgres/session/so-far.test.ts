import { describe, expect, it } from '@jest/globals';

import { SoFar } from '../../../../hosts/postgres/session/so-far.ts';

const reading = (...names: readonly string[]) => ({
  reads: new Set(names),
  writes: new Set<string>(),
});

describe('what a session did so far', () => {
  it('is nothing when it begins', () => {
    expect(new SoFar().facts).toEqual({
      transaction: 'idle',
      so_far: { rows: 0, refused: 0, failed: 0, relations: [] },
    });
  });

  it('names what was read and written, once and sorted', () => {
    const soFar = new SoFar();
    soFar.touch({ reads: new Set(['public.b', 'public.a']), writes: new Set(['public.c']) });
    soFar.touch(reading('public.a'));
    soFar.transaction = 'transaction';
    expect(soFar.facts).toMatchObject({
      transaction: 'open',
      so_far: { relations: ['public.a', 'public.b', 'public.c'] },
    });
  });

  it('is cut short beyond 500 relations, and says so', () => {
    const soFar = new SoFar();
    soFar.touch(reading(...Array.from({ length: 500 }, (_, index) => `public.t${index}`)));
    expect(soFar.facts.truncated).toBeUndefined();
    soFar.touch(reading(...Array.from({ length: 5000 }, (_, index) => `public.u${index}`)));
    expect(soFar.facts.truncated).toBe(true);
    expect(soFar.facts.so_far.relations).toHaveLength(501);
  });
});

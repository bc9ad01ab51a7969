// Faults of policies, modules, caches, threads and callers: each is denied or refused, soon, and leaves nothing behind.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Arena } from '../../adversarial/engine/arena.ts';
import { faults } from '../../adversarial/engine/cases.ts';

describe('faults of the engine', () => {
  let arena: Arena;
  let contained = 0;

  beforeAll(() => {
    arena = new Arena();
  });

  afterAll(async () => {
    await arena[Symbol.asyncDispose]();
    process.stdout.write(
      `faults contained ${contained}/${faults.length}, the slowest in ${Math.round(arena.slowest)} ms\n`,
    );
  });

  it('have names of their own', () => {
    expect(new Set(faults.map((fault) => `${fault.class}: ${fault.name}`)).size).toBe(
      faults.length,
    );
  });

  it.each(faults)('$class: $name', async ({ run }) => {
    await run(arena);
    contained += 1;
  });
});

// Attacks on the PostgreSQL host and everyday statements beside them: both scores are printed.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Arena } from '../adversarial/postgres/arena.ts';
import { benignStatements } from '../adversarial/postgres/benign.ts';
import { attacks } from '../adversarial/postgres/cases.ts';

let arena: Arena;
const score = { repelled: 0, served: 0 };

beforeAll(async () => {
  arena = await Arena.open();
});

afterAll(async () => {
  await arena[Symbol.asyncDispose]();
  process.stdout.write(
    `attacks repelled ${score.repelled}/${attacks.length}, ` +
      `benign statements served ${score.served}/${benignStatements.length}\n`,
  );
});

describe('attacks', () => {
  it.each(attacks)('$class: $name', async ({ run }) => {
    try {
      await run(arena);
    } finally {
      expect(arena.leaks()).toEqual([]);
    }
    score.repelled += 1;
  });
});

describe('everyday statements under masks', () => {
  it.each(benignStatements)('$name', async ({ run }) => {
    await run(arena);
    expect(arena.leaks()).toEqual([]);
    score.served += 1;
  });
});

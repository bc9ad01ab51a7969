// Every attack on the transport, the logins and the channels of SSH, against the guards alone.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { rowOf } from '../adversarial/ssh/attack.ts';
import { startSmallArena } from '../adversarial/ssh/small-arena.ts';
import { transportCases } from '../adversarial/ssh/transport-cases.ts';

describe('attacks on SSH', () => {
  let arena: Awaited<ReturnType<typeof startSmallArena>>;
  beforeAll(async () => {
    arena = await startSmallArena();
  });
  afterAll(async () => {
    await arena[Symbol.asyncDispose]();
  });

  it.each(transportCases.map((attack) => [`${attack.class}: ${attack.name}`, attack] as const))(
    '%s',
    async (_title, attack) => {
      expect(await rowOf(attack, arena)).toMatchObject({ got: attack.expected });
    },
  );
});

// Every attack on the credentials of SSH, against the real login behind the guards.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { rowOf } from '../adversarial/ssh/attack.ts';
import { startCredentialArena } from '../adversarial/ssh/credential-arena.ts';
import { credentialCases } from '../adversarial/ssh/credential-cases.ts';

describe('attacks on the credentials of SSH', () => {
  let arena: Awaited<ReturnType<typeof startCredentialArena>>;
  beforeAll(async () => {
    arena = await startCredentialArena();
  });
  afterAll(async () => {
    await arena[Symbol.asyncDispose]();
  });

  it.each(credentialCases.map((attack) => [attack.name, attack] as const))(
    '%s',
    async (_title, attack) => {
      expect(await rowOf(attack, arena)).toMatchObject({ got: attack.expected });
    },
  );
});

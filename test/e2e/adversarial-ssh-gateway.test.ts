// Every attack on the whole SSH gateway, with OpenSSH's server behind it.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { gatewayRowOf, startGatewayArena } from '../adversarial/ssh/gateway/arena.ts';
import { gatewayCases } from '../adversarial/ssh/gateway/cases.ts';

describe('attacks on the SSH gateway', () => {
  let arena: Awaited<ReturnType<typeof startGatewayArena>>;
  beforeAll(async () => {
    arena = await startGatewayArena();
  });
  afterAll(async () => {
    await arena[Symbol.asyncDispose]();
  });

  it('are four hundred at least, each with a name of its own', () => {
    const names = gatewayCases.map((each) => `${each.class}: ${each.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(400);
  });

  it.each(gatewayCases.map((attack) => [`${attack.class}: ${attack.name}`, attack] as const))(
    '%s',
    async (_title, attack) => {
      expect(await gatewayRowOf(attack, arena)).toMatchObject({ got: attack.expected });
    },
  );
});

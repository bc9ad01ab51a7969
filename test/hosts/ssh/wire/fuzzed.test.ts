import { describe, expect, it } from '@jest/globals';

import * as wire from '../../../../hosts/ssh/wire/index.ts';
import { targets } from '../../../fuzz/targets.ts';

describe('the formats of SSH', () => {
  it('are all fuzzed', () => {
    const names = targets.map(({ name }) => name);
    const decoders = Object.keys(wire).filter((name) => /^(decode|read)/.test(name));
    // Reads line by line what readPublicKeyLine reads.
    const others = decoders.filter((name) => name !== 'readPublicKeyLines');
    expect(others.filter((name) => !names.includes(name))).toEqual([]);
    expect(decoders.length).toBeGreaterThan(6);
  });
});

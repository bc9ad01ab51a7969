import { describe, expect, it } from '@jest/globals';
import * as wire from '../../../../hosts/postgres/wire/index.ts';
import { fuzz } from '../../../fuzz/fuzz.ts';
import { readSeeds, type Target } from '../../../fuzz/target.ts';
import { targets } from '../../../fuzz/targets.ts';

const once = { seed: 1, deadline: Infinity };

describe('fuzz targets', () => {
  const names = targets.map(({ name }) => name);

  it('exist for every decoder and reader of the codec', () => {
    const decoders = Object.keys(wire).filter((name) => /^decode|Reader$/.test(name));
    expect(decoders.filter((name) => !names.includes(name))).toEqual([]);
    expect(decoders.length).toBeGreaterThan(20);
  });

  it.each(targets.map((target) => ({ target, name: target.name })))(
    '$name holds for its seeds and some hundred mutations',
    ({ target }) => {
      const seeds = readSeeds(target.name).length;
      const { finding, accepted } = fuzz(target, { ...once, runsMax: seeds + 300 });
      expect(finding).toBeUndefined();
      expect(accepted).toBeGreaterThan(0);
    },
  );
});

describe('the fuzzer', () => {
  const broken = (check: Target['check']): Target => ({
    name: 'decodeQuery',
    check,
    isRefusal: (error) => error instanceof wire.WireError,
  });

  it('finds a decoder that lets a foreign error out', () => {
    const target = broken((input) => {
      if (wire.decodeQuery(input).text.length % 5 === 3) throw new RangeError('offset');
    });
    const { finding } = fuzz(target, { ...once, runsMax: 20_000 });
    expect(finding?.error).toBeInstanceOf(RangeError);
    expect(() => {
      target.check(finding?.input ?? Buffer.alloc(0), { below: () => 0 });
    }).toThrow(RangeError);
  });

  it('repeats a run from its seed', () => {
    const inputs = (seed: number): string[] => {
      const seen: string[] = [];
      const onInput = (input: Buffer): void => {
        seen.push(input.toString('hex'));
      };
      fuzz(
        broken(() => undefined),
        { ...once, seed, runsMax: 100, onInput },
      );
      return seen;
    };
    expect(inputs(7)).toEqual(inputs(7));
    expect(inputs(7)).not.toEqual(inputs(8));
  });
});

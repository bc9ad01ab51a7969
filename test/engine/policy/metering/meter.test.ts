// Where fuel is taken, and that the want of it ends what would not end.

import { describe, expect, it } from '@jest/globals';

import {
  fuelCounter,
  growthFuel,
  isMetered,
  meter,
} from '../../../../engine/policy/metering/index.ts';
import type { Bytes, SmallFunction } from '../../../support/wasm-bytes.ts';
import {
  constant,
  end,
  header,
  name,
  noResult,
  section,
  signature,
  sized,
  smallModule,
} from '../../../support/wasm-bytes.ts';
import { metered } from './support.ts';

const loop = [0x03, noResult];
const block = [0x02, noResult];
const local = { get: (index: number) => [0x20, index], set: (index: number) => [0x21, index] };
const brIf = (depth: number) => [0x0d, depth];
const call = (index: number) => [0x10, index];
const minusOne = [...constant(1), 0x6b];
/** Takes one from a local and goes back to the head of a loop until it is 0. */
const countDown = (index: number) => [...local.get(index), ...minusOne, 0x22, index, ...brIf(0)];
const turns = (index: number, body: Bytes = []) => [...loop, ...body, ...countDown(index), end];
const refused = expect.objectContaining({ code: 'policy-load' });

describe('fuel is taken', () => {
  const cases: readonly (readonly [
    what: string,
    functions: readonly SmallFunction[],
    args: readonly number[],
    fuel: number,
  ])[] = [
    ['once for a function', [{ body: [] }], [], 1],
    ['at each turn of a loop', [{ parameters: 1, body: turns(0) }], [100], 101],
    ['at the head of a loop that does not turn', [{ body: [...loop, end] }], [], 2],
    [
      'in a loop inside a loop inside blocks',
      [
        {
          parameters: 2,
          locals: 1,
          body: [
            ...block,
            ...block,
            ...turns(0, [...local.get(1), ...local.set(2), ...turns(2)]),
            end,
            end,
          ],
        },
      ],
      [10, 20],
      1 + 10 + 10 * 20,
    ],
    [
      'in that arm of an if which runs',
      [{ parameters: 2, body: [...local.get(1), 0x04, noResult, ...turns(0), 0x05, end] }],
      [50, 0],
      1,
    ],
    [
      'in the other arm, too',
      [{ parameters: 2, body: [...local.get(1), 0x04, noResult, 0x05, ...turns(0), end] }],
      [50, 0],
      51,
    ],
    [
      'where br_table goes back',
      [
        {
          parameters: 1,
          body: [
            ...block,
            ...loop,
            ...local.get(0),
            ...minusOne,
            0x22,
            0,
            0x0e,
            2,
            1,
            1,
            0,
            end,
            end,
          ],
        },
      ],
      [42],
      1 + 41,
    ],
    [
      'at each level of recursion',
      [
        {
          parameters: 1,
          body: [...local.get(0), 0x04, noResult, ...local.get(0), ...minusOne, ...call(0), end],
        },
      ],
      [30],
      31,
    ],
    [
      'by a function that is called through the table',
      [{ body: [...constant(1), 0x11, 0, 0] }, { body: [...loop, end] }],
      [],
      3,
    ],
    ['before the memory grows', [{ body: [...constant(1), 0x40, 0, 0x1a] }], [], 1 + growthFuel],
  ];
  it.each(cases)('%s', (_what, functions, args, fuel) => {
    expect(metered(smallModule(...functions)).fuelOf('0', ...args)).toBe(fuel);
  });

  it('without touching results or memory', () => {
    const store = [...constant(8), ...local.get(0), 0x36, 2, 0, ...constant(8), 0x28, 2, 0];
    const wasm = smallModule({
      parameters: 1,
      results: 1,
      locals: 1,
      body: [...local.get(0), ...local.set(1), ...turns(1), ...store],
    });
    expect(metered(wasm).call('0', 77)).toBe(77);
  });

  it('by a loop with parameters, which stay on its stack', () => {
    // The type of function 1 takes an i32 and gives it back.
    const body = [...constant(5), 0x03, 1, ...minusOne, 0x22, 0, ...local.get(0), ...brIf(0), end];
    const wasm = smallModule(
      { results: 1, locals: 1, body },
      { parameters: 1, results: 1, body: local.get(0) },
    );
    const instance = metered(wasm);
    expect(instance.call('0')).toBe(0);
    expect(instance.fuelOf('0')).toBe(6);
  });
});

describe('without fuel', () => {
  const forever = [...loop, 0x0c, 0, end];
  const endless: readonly (readonly [string, readonly SmallFunction[]])[] = [
    ['an endless loop', [{ body: forever }]],
    ['an endless loop of loops', [{ body: [...loop, ...loop, end, 0x0c, 0, end] }]],
    ['functions that call each other', [{ body: call(1) }, { body: call(0) }]],
    ['a function that calls itself through the table', [{ body: [...constant(0), 0x11, 0, 0] }]],
    [
      'a tree of calls',
      [{ body: [...call(1), ...call(1)] }, { body: [...call(2), ...call(2)] }, { body: forever }],
    ],
  ];
  it.each(endless)('%s ends', (_what, functions) => {
    const { counter, call } = metered(smallModule(...functions));
    counter.value = 5_000;
    expect(() => call('0')).toThrow(WebAssembly.RuntimeError);
    expect(counter.value).toBe(-1);
  });

  it('nothing runs until the counter is filled again', () => {
    const { counter, call } = metered(smallModule({ results: 1, body: constant(3) }));
    counter.value = 0;
    expect(() => call('0')).toThrow(WebAssembly.RuntimeError);
    expect(() => call('0')).toThrow(WebAssembly.RuntimeError);
    counter.value = 1;
    expect(call('0')).toBe(3);
    expect(counter.value).toBe(0);
  });

  it('the memory does not grow', () => {
    const { counter, call } = metered(smallModule({ results: 1, body: [...constant(1), 0x40, 0] }));
    counter.value = growthFuel;
    expect(() => call('0')).toThrow(WebAssembly.RuntimeError);
    counter.value = growthFuel + 1;
    expect(call('0')).toBe(1);
  });

  it('a module cannot even start', () => {
    const start = [...header, ...section(1, [signature(0, 0)]), ...section(3, [[0]])];
    const body = section(10, [sized([0, ...forever, end])]);
    const wasm = Uint8Array.from([...start, 8, 1, 0, ...body]);
    expect(() => metered(wasm)).toThrow(WebAssembly.RuntimeError);
  });
});

describe('the counter', () => {
  it('tells a metered module from others', () => {
    const wasm = smallModule({ body: [] });
    expect(isMetered(new WebAssembly.Module(meter(wasm)))).toBe(true);
    const plain = new WebAssembly.Module(wasm);
    expect(isMetered(plain)).toBe(false);
    expect(() => fuelCounter(new WebAssembly.Instance(plain).exports)).toThrow(refused);
  });

  it('comes after imported globals and does not move them', () => {
    const imports = [
      [...name('env'), ...name('f'), 0x00, 0],
      [...name('env'), ...name('t'), 0x01, 0x70, 0x00, 1],
      [...name('env'), ...name('m'), 0x02, 0x01, 1, 2],
      [...name('env'), ...name('g'), 0x03, 0x7f, 0x00],
    ];
    const wasm = Uint8Array.from([
      ...header,
      ...section(1, [signature(0, 0), signature(0, 1)]),
      ...section(2, imports),
      ...section(3, [[1]]),
      ...section(7, [[...name('g'), 0x00, 1]]),
      ...section(10, [sized([0, 0x23, 0, end])]),
    ]);
    const g = new WebAssembly.Global({ value: 'i32' }, 41);
    const t = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
    const m = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    const instance = metered(wasm, { env: { f: () => undefined, t, m, g } });
    expect(instance.call('g')).toBe(41);
    expect(instance.fuelOf('g')).toBe(1);
  });

  it('has an index of several bytes where a module has many globals', () => {
    const globals = Array.from({ length: 300 }, () => [0x7f, 0x00, ...constant(0), end]);
    const wasm = Uint8Array.from([
      ...header,
      ...section(1, [signature(0, 0)]),
      ...section(3, [[0]]),
      ...section(6, globals),
      ...section(7, [[...name('f'), 0x00, 0]]),
      ...section(10, [sized([0, ...loop, end, end])]),
    ]);
    expect(metered(wasm).fuelOf('f')).toBe(2);
  });

  it('is put into a module that has nothing at all', () => {
    expect(isMetered(new WebAssembly.Module(meter(Uint8Array.from(header))))).toBe(true);
  });
});

// Compiled policies that are damaged or lie: none may come into force, and the good one before them stays.

import { revisionId } from '../../../engine/model/index.ts';
import type { CompiledPolicy, Routes } from '../../../engine/policy/compiler/index.ts';
import { meter } from '../../../engine/policy/metering/index.ts';
import type { FakePolicy } from '../../support/fake-policy.ts';
import { unmeteredPolicy } from '../../support/fake-policy.ts';
import type { Arena } from './arena.ts';
import type { Fault } from './fault.ts';
import { fault } from './fault.ts';

/** The compiler answers with the standing policy, and from then on with what was made of it. */
async function refuses(
  arena: Arena,
  damage: (policy: CompiledPolicy) => Partial<CompiledPolicy>,
  word: RegExp,
): Promise<void> {
  const standing = await arena.compiled();
  let policy = standing;
  const subject = await arena.subject({
    compiler: {
      compile: () => Promise.resolve({ ok: true, policy }),
      test: () => Promise.reject(new Error('there are no tests')),
    },
  });
  policy = { ...standing, revision: revisionId('damaged'), ...damage(standing) };
  await subject.refuses([], word);
}

const entrypoints = {
  'sallyport/decision': 0,
  'sallyport/routes/n0/answer': 1,
  'sallyport/routes/n1/answer': 2,
};
const answer = '[{"result":["nonce",[]]}]';
const branchToStart = [0x03, 0x40, 0x0c, 0x00, 0x0b];
const unreachable = [0x00];

type Lie = readonly [name: string, policy: Partial<FakePolicy>, word: RegExp];

const judges = /cannot judge an empty statement/;
const lies: readonly Lie[] = [
  ['answers with an old nonce', { answer }, judges],
  ['answers nothing', { answer: '[]' }, judges],
  ['answers what is no JSON', { answer: '[{"result":' }, judges],
  ['answers a text without end', { answer: '"'.repeat(20_000) }, judges],
  ['traps', { answer: null }, judges],
  ['traps when it starts', { start: unreachable }, /does not load: RuntimeError/],
  ['never ends when it starts', { start: branchToStart }, /does not load: RuntimeError/],
  ['asks for builtins', { builtins: { 'http.send': 0 } }, /imports builtins: http.send/],
  ['speaks an old ABI', { abiMinorVersion: 1 }, /old ABI/],
  ['has no entrypoint of its routes', { entrypoints: { 'sallyport/decision': 0 } }, /has no sally/],
  ['has no resolver', { entrypoints: { 'other/decision': 0 } }, /has no sallyport\/decision/],
  ...['eval', 'opa_json_parse', 'opa_value_parse', 'opa_json_dump', 'builtins', 'entrypoints'].map(
    (without): Lie => [`lacks ${without}`, { without }, /PolicyError/],
  ),
];

const damaged: readonly (readonly [
  name: string,
  damage: (wasm: Uint8Array) => Uint8Array,
  word: RegExp,
])[] = [
  ['is empty', () => new Uint8Array(), /no WebAssembly/],
  ['is text', () => Buffer.from('package x'), /no WebAssembly/],
  ['lacks its last byte', (wasm) => wasm.subarray(0, -1), /no WebAssembly/],
  ['lacks its second half', (wasm) => wasm.subarray(0, wasm.length / 2), /no WebAssembly/],
  ['has another first byte', (wasm) => flipped(wasm, 0), /no WebAssembly/],
  ['is of another version', (wasm) => flipped(wasm, 4), /no WebAssembly/],
  ['has a section of another length', (wasm) => flipped(wasm, 9), /no WebAssembly/],
  ['is not metered', () => unmeteredPolicy({ answer, entrypoints }), /not metered/],
  [
    'is not metered and never ends when it starts',
    () => unmeteredPolicy({ answer, entrypoints, start: branchToStart }),
    /not metered/,
  ],
];

const flipped = (wasm: Uint8Array, at: number): Uint8Array =>
  wasm.map((byte, index) => (index === at ? byte ^ 0x55 : byte));

type Damage = (routes: Routes) => unknown;

/** Changes what lies at the path; `undefined` takes it away. */
const changed =
  (path: readonly (string | number)[], value: unknown): Damage =>
  (routes) => {
    const copy = structuredClone(routes) as Record<string | number, unknown>;
    let at = copy;
    for (const name of path.slice(0, -1)) at = at[name] as Record<string | number, unknown>;
    const last = path.at(-1) ?? '';
    if (value === undefined) Reflect.deleteProperty(at, last);
    else at[last] = value;
    return copy;
  };

const rule = ['postgres', 'index', 'rules', 0] as const;
const source = ['postgres', 'index', 'sources', 0] as const;
const routeDamages: Readonly<Record<string, Damage>> = {
  'there are none': () => undefined,
  'they are a list': () => [],
  'no route for other kinds': changed([''], undefined),
  'a route that is null': changed(['postgres'], null),
  'no entrypoint': changed(['postgres', 'entrypoint'], undefined),
  'an entrypoint that is a number': changed(['postgres', 'entrypoint'], 1),
  'a count that is a text': changed(['postgres', 'direct'], '0'),
  'no paths that are always read': changed(['postgres', 'always'], undefined),
  'a path that is a text': changed(['postgres', 'always'], ['statement']),
  'reads that are a list': changed(['postgres', 'reads'], []),
  'no index': changed(['postgres', 'index'], undefined),
  'no rules': changed(['postgres', 'index', 'rules'], undefined),
  'rules by name': changed(['postgres', 'index', 'rules'], {}),
  'a rule that is null': changed(rule, null),
  'a rule that names no group': changed([...rule, 'try'], ['r0']),
  'a rule without conditions': changed([...rule, 'conditions'], []),
  'a condition on an unknown source': changed([...rule, 'conditions', 0, 'source'], 99),
  'a condition on a source before the first': changed([...rule, 'conditions', 0, 'source'], -1),
  'a condition on half a source': changed([...rule, 'conditions', 0, 'source'], 0.5),
  'a condition whose values are a text': changed([...rule, 'conditions', 0, 'values'], 'DROP'),
  'a rule that reads a text': changed([...rule, 'reads'], 'statement'),
  'a source without a path': changed([...source, 'path'], []),
  'a source whose path is a text': changed([...source, 'path'], 'statement'),
  'a source of half a unit': changed([...source, 'prefix'], 0.5),
};

export const moduleFaults: readonly Fault[] = [
  ...lies.map(([name, policy, word]) =>
    fault('module', `a module that ${name}`, (arena) => {
      const wasm = meter(unmeteredPolicy({ answer, entrypoints, ...policy }));
      return refuses(arena, () => ({ wasm }), word);
    }),
  ),
  ...damaged.map(([name, damage, word]) =>
    fault('module', `a module that ${name}`, (arena) =>
      refuses(arena, ({ wasm }) => ({ wasm: damage(wasm) }), word),
    ),
  ),
  ...Object.entries(routeDamages).map(([name, damage]) =>
    fault('routes', name, (arena) =>
      refuses(arena, ({ routes }) => ({ routes: damage(routes) as Routes }), /routes .* damaged/),
    ),
  ),
  fault('routes', 'an entrypoint that the module lacks', (arena) =>
    refuses(
      arena,
      ({ routes }) => ({
        routes: changed(['postgres', 'entrypoint'], 'constructor')(routes) as Routes,
      }),
      /has no constructor/,
    ),
  ),
  ...['', '{"a":', 'nothing'].map((data) =>
    fault('documents', `the text '${data}'`, (arena) =>
      refuses(arena, () => ({ data }), /documents/),
    ),
  ),
];

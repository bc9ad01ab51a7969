// A WebAssembly module that looks like a compiled policy and answers what a test wants: the traps of a real
// one cannot be had from policies that the compiler accepts.

import { meter } from '../../engine/policy/metering/index.ts';
import type { Bytes } from './wasm-bytes.ts';
import { constant, end, header, i32, name, section, signature, sized } from './wasm-bytes.ts';

export interface FakePolicy {
  /** The C string that an evaluation returns; null executes `unreachable`. */
  readonly answer: string | null;
  /** Builtins that the module asks its host for. */
  readonly builtins?: Readonly<Record<string, number>>;
  readonly entrypoints?: Readonly<Record<string, number>>;
  readonly abiMinorVersion?: number;
  /** What it does when it is instantiated. */
  readonly start?: Bytes;
  /** An export that it lacks. */
  readonly without?: string;
}

const heap = 0x8000;
const addresses = { builtins: 0x1000, entrypoints: 0x2000, answer: 0x3000 };

export const fakePolicy = (policy: FakePolicy): WebAssembly.Module =>
  new WebAssembly.Module(meter(unmeteredPolicy(policy)));

export function unmeteredPolicy(policy: FakePolicy): Uint8Array {
  const { answer, builtins = {}, entrypoints = { 'sallyport/decision': 0 } } = policy;
  const functions: (readonly [name: string, type: number, body: Bytes])[] = [
    ['builtins', 0, constant(addresses.builtins)],
    ['entrypoints', 0, constant(addresses.entrypoints)],
    ['opa_heap_ptr_get', 0, constant(heap)],
    ['opa_json_dump', 1, [0x20, 0]],
    ['opa_malloc', 1, constant(heap)],
    ['opa_json_parse', 2, constant(1)],
    ['opa_value_parse', 2, constant(1)],
    ['opa_heap_ptr_set', 3, []],
    ['opa_value_add_path', 4, constant(0)],
    ['opa_eval_ctx_new', 0, constant(1)],
    ['opa_eval_ctx_set_input', 5, []],
    ['opa_eval_ctx_set_data', 5, []],
    ['opa_eval_ctx_set_entrypoint', 5, []],
    ['opa_eval_ctx_get_result', 1, constant(addresses.answer)],
    ['eval', 1, answer === null ? [0x00] : constant(0)],
    ['start', 6, policy.start ?? []],
  ];
  const versions: [name: string, value: number][] = [
    ['opa_wasm_abi_version', 1],
    ['opa_wasm_abi_minor_version', policy.abiMinorVersion ?? 3],
  ];
  const types = [
    signature(0, 1),
    signature(1, 1),
    signature(2, 1),
    signature(1, 0),
    signature(3, 1),
    signature(2, 0),
    signature(0, 0),
  ];
  const bytes = [
    ...header,
    ...section(1, types),
    ...section(2, [[...name('env'), ...name('memory'), 0x02, 0x00, 0x01]]),
    ...section(
      3,
      functions.map(([, type]) => [type]),
    ),
    ...section(
      6,
      versions.map(([, value]) => [i32, 0x00, ...constant(value), end]),
    ),
    ...section(7, [
      ...functions.map(([text], index) => [
        ...name(text === policy.without ? 'other' : text),
        0x00,
        index,
      ]),
      ...versions.map(([text], index) => [...name(text), 0x03, index]),
    ]),
    ...[8, ...sized([functions.length - 1])],
    ...section(
      10,
      functions.map(([, , body]) => sized([0x00, ...body, end])),
    ),
    ...section(11, [
      segment(addresses.builtins, JSON.stringify(builtins)),
      segment(addresses.entrypoints, JSON.stringify(entrypoints)),
      segment(addresses.answer, answer ?? ''),
    ]),
  ];
  return Uint8Array.from(bytes);
}

const segment = (address: number, text: string): Bytes => [
  0x00,
  ...constant(address),
  end,
  ...name(`${text}\0`),
];

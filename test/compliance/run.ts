// One compliance case through the compile path of policies: passed, refused, or wrong.

import { PolicyError } from '../../engine/model/index.ts';
import type { Address, PolicyExports } from '../../engine/policy/module/abi.ts';
import { align, loadInstance, readText } from '../../engine/policy/module/abi.ts';
import type { ToolchainRequest } from '../../engine/policy/compiler/protocol.ts';
import type { Toolchain } from '../../engine/policy/compiler/toolchain.ts';
import { makeImage } from '../../engine/policy/module/image.ts';
import type { ComplianceCase } from './cases.ts';
import type { Value } from './value.ts';
import { matches, matchesAsSet, parseValue } from './value.ts';

export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'wrong'; readonly why: string };

/** What was answered: the set of bindings, or the error that it ended with. */
type Answer =
  | { readonly kind: 'bindings'; readonly bindings: readonly Value[] }
  | { readonly kind: 'error'; readonly why: string };

type Exports = PolicyExports & { readonly opa_value_dump: (value: Address) => Address };

interface Compiled {
  readonly data?: string;
  readonly diagnostics?: readonly { readonly code: string; readonly message: string }[];
  readonly failed?: string;
}

const memoryBytesMax = 64 * 1024 * 1024;

export async function judgeCase(toolchain: Toolchain, each: ComplianceCase): Promise<Outcome> {
  const asked = await toolchain.ask(requestOf('compile-query', each));
  const { data = '{}', diagnostics, failed } = JSON.parse(asked.response) as Compiled;
  if (failed !== undefined) return { kind: 'wrong', why: `the toolchain failed: ${failed}` };
  if (diagnostics !== undefined) {
    const [{ code, message } = { code: '', message: '' }] = diagnostics;
    return { kind: 'refused', why: `${code}: ${message}` };
  }
  const answer = evaluated(new WebAssembly.Module(asked.wasm), data, each.input);
  if (each.strictError) return asReference(toolchain, each, answer);
  return asWanted(each, answer) ? { kind: 'passed' } : { kind: 'wrong', why: shown(answer) };
}

const requestOf = (
  op: 'compile-query' | 'evaluate-query',
  each: ComplianceCase,
): ToolchainRequest => {
  const modules = each.modules.map((text, at) => ({ path: `m${at}.rego`, text }));
  const files = [...modules, { path: 'data.json', text: each.data }];
  return { op, files, asked: { query: each.query, input: each.input } };
};

function evaluated(wasm: WebAssembly.Module, data: string, input: string): Answer {
  try {
    const image = makeImage(wasm, data, memoryBytesMax);
    const bounds = { initialBytes: image.memoryBytes, maximumBytes: memoryBytesMax };
    const { mem, wasmInstance } = loadInstance(wasm, bounds);
    new Uint8Array(mem.buffer).set(image.bytes);
    const exports = wasmInstance.exports as Exports;
    exports.opa_heap_ptr_set(align(image.bytes.length));
    const context = exports.opa_eval_ctx_new();
    exports.opa_eval_ctx_set_data(context, image.data);
    if (input !== '') exports.opa_eval_ctx_set_input(context, parsed(mem, exports, input));
    exports.opa_eval_ctx_set_entrypoint(context, 0);
    exports.eval(context);
    const result = exports.opa_eval_ctx_get_result(context);
    return bindingsOf(parseValue(readText(mem, exports.opa_value_dump(result))));
  } catch (error) {
    return { kind: 'error', why: error instanceof PolicyError ? error.message : String(error) };
  }
}

function parsed(memory: WebAssembly.Memory, exports: Exports, input: string): Address {
  const bytes = Buffer.from(input);
  const start = align(exports.opa_heap_ptr_get());
  Buffer.from(memory.buffer).set(bytes, start);
  exports.opa_heap_ptr_set(align(start + bytes.length + 1));
  const value = exports.opa_value_parse(start, bytes.length);
  if (value === 0) throw new Error('the input is no value');
  return value;
}

/** `{{"result": <set>}}`, a set of results of one entrypoint. */
function bindingsOf(results: Value): Answer {
  const [result] = results.kind === 'set' || results.kind === 'array' ? results.items : [];
  const [member] = result?.kind === 'object' ? result.members : [];
  const answer = member?.[1];
  return { kind: 'bindings', bindings: answer?.kind === 'set' ? answer.items : [] };
}

function asWanted(each: ComplianceCase, answer: Answer): boolean {
  if (each.wantError) return answer.kind === 'error' || answer.bindings.length === 0;
  if (answer.kind === 'error') return false;
  if (each.wantResult === undefined)
    return answer.bindings.length > 0 === (each.wantDefined ?? true);
  const bindings = each.sortBindings ? answer.bindings.map(listsAsSets) : answer.bindings;
  return matchesAsSet(bindings, each.wantResult);
}

/** Lists directly in bindings are compared without their order. */
const listsAsSets = (binding: Value): Value =>
  binding.kind !== 'object'
    ? binding
    : {
        kind: 'object',
        members: binding.members.map(([name, value]) => [
          name,
          value.kind === 'array' ? { kind: 'set', items: value.items } : value,
        ]),
      };

/** Where OPA errs in its strict mode only, the answer must be what it gives without that mode. */
async function asReference(
  toolchain: Toolchain,
  each: ComplianceCase,
  answer: Answer,
): Promise<Outcome> {
  const { response } = await toolchain.ask(requestOf('evaluate-query', each));
  const { result, error } = JSON.parse(response) as {
    readonly result?: string;
    readonly error?: string;
  };
  if (error !== undefined || result === undefined) {
    const closed = answer.kind === 'error' || answer.bindings.length === 0;
    return closed ? { kind: 'passed' } : { kind: 'wrong', why: shown(answer) };
  }
  const same =
    answer.kind === 'bindings' &&
    sameValues({ kind: 'set', items: answer.bindings }, parseValue(result));
  return same ? { kind: 'passed' } : { kind: 'wrong', why: `${shown(answer)}, not ${result}` };
}

const sameValues = (one: Value, other: Value): boolean => matches(one, plain(other));

/** As YAML would say it. */
const plain = (value: Value): unknown => {
  switch (value.kind) {
    case 'scalar':
      return value.value;
    case 'array':
    case 'set':
      return value.items.map(plain);
    case 'object':
      return Object.fromEntries(
        value.members.map(([key, member]) => [String(plain(key)), plain(member)]),
      );
  }
};

const shown = (answer: Answer): string =>
  answer.kind === 'error' ? `error: ${answer.why}` : JSON.stringify(answer.bindings.map(plain));

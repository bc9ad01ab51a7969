// What the suites of the Rego toolchain share: one toolchain, files, and the deciding module.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import * as sdk from '@open-policy-agent/opa-wasm';

import type { JsonObject } from '../../../../engine/model/index.ts';
import type { CompiledPolicy, PolicyFile } from '../../../../engine/policy/compiler/index.ts';
import { Compiler } from '../../../../engine/policy/compiler/index.ts';

const { loadPolicySync } = (sdk as unknown as { readonly default: typeof sdk }).default;
const root = join(import.meta.dirname, '../../../..');
export const compiler = new Compiler({ idleMilliseconds: 60_000 });

export const read = (directory: string, keep: (name: string) => boolean = () => true) =>
  readdirSync(join(root, directory))
    .filter(keep)
    .map((name) => ({ path: name, text: readFileSync(join(root, directory, name), 'utf8') }));
export const shop = read('test/fixtures/policies/shop');
export const rego = (text: string, path = 'policy.rego'): readonly PolicyFile[] => [{ path, text }];
export const rule = (text: string) => rego(`package rules.postgres.case\n\n${text}\n`);

export async function compiled(files: readonly PolicyFile[]): Promise<CompiledPolicy> {
  const result = await compiler.compile(files);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 1));
  return result.policy;
}

export async function mistakes(files: readonly PolicyFile[]) {
  const result = await compiler.compile(files);
  return result.ok ? [] : result.diagnostics;
}

export async function firstMistake(text: string) {
  const [first] = await mistakes(rule(text));
  return first;
}

interface LoadedPolicy {
  setData(data: JsonObject): void;
  evaluate(input: JsonObject): readonly { readonly result: JsonObject }[];
  readonly mem: { readonly buffer: ArrayBuffer };
  readonly wasmInstance: {
    readonly exports: {
      builtins(): number;
      opa_json_dump(address: number): number;
      /** Of a metered module. */
      readonly sallyport_fuel: WebAssembly.Global;
    };
  };
}

export function load(policy: Pick<CompiledPolicy, 'wasm' | 'data'>): LoadedPolicy {
  const loaded = loadPolicySync(new Uint8Array(policy.wasm)) as unknown as LoadedPolicy;
  loaded.setData(policy.data);
  return loaded;
}

export function importedBuiltins({ mem, wasmInstance: { exports } }: LoadedPolicy): unknown {
  const start = exports.opa_json_dump(exports.builtins());
  const bytes = Buffer.from(mem.buffer);
  return JSON.parse(bytes.toString('utf8', start, bytes.indexOf(0, start)));
}

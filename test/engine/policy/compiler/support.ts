// What the suites of the Rego toolchain share: one toolchain, files, and the deciding module.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect } from '@jest/globals';

import type { JsonObject, Session, Statement } from '../../../../engine/model/index.ts';
import { defaultLimits } from '../../../../engine/model/index.ts';
import type { CompiledPolicy, PolicyFile } from '../../../../engine/policy/compiler/index.ts';
import { Compiler } from '../../../../engine/policy/compiler/index.ts';
import { Generation } from '../../../../engine/policy/generation.ts';
import type { Ruling } from '../../../../engine/policy/result.ts';
import { parseRuling } from '../../../../engine/policy/result.ts';

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

/** A compiled policy in force, asked as hosts ask it; the facts are given again, frozen and not, as memos see them. */
export async function judging(policy: CompiledPolicy) {
  const generation = await Generation.create(policy, { limits: defaultLimits, now: 0 });
  return ({ statement, session, now }: Asked): Ruling => {
    const ruling = generation.evaluate(statement, session, now);
    const facts = Object.freeze({ ...statement.facts });
    for (let time = 0; time < 2; time += 1) {
      expect(generation.evaluate({ ...statement, facts }, session, now)).toEqual(ruling);
    }
    return ruling;
  };
}

export interface Asked {
  readonly statement: Statement;
  readonly session: Session;
  readonly now: number;
}

/** What a decision object says, as the gateway reads it. */
export const rulingOf = (result: JsonObject | undefined): Ruling =>
  parseRuling(JSON.stringify([{ result }]), result?.['nonce'] as string);

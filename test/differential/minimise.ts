// The smallest policy and input that still differ: whatever can be left out is left out, one part after another.

import type { Compiler } from '../../engine/policy/compiler/index.ts';
import type { Json, JsonObject } from '../../engine/model/index.ts';
import type { Case } from './inputs.ts';
import type { Difference } from './judge.ts';
import { judge } from './judge.ts';
import type { Package, Policy, Rule } from './policy.ts';
import { filesOf } from './policy.ts';

export interface Minimal {
  readonly policy: Policy;
  readonly difference: Difference;
}

/** @param difference One that `policy` has. */
export async function minimised(
  compiler: Compiler,
  policy: Policy,
  difference: Difference,
): Promise<Minimal> {
  let least: Minimal = { policy, difference };
  for (let smaller = true; smaller;) {
    const before = least;
    least = await smallerPolicy(compiler, least);
    least = await smallerInput(compiler, least);
    smaller = least !== before;
  }
  return least;
}

async function smallerPolicy(compiler: Compiler, from: Minimal): Promise<Minimal> {
  let least = from;
  for (let at = 0; ;) {
    const candidate = withoutPart(least.policy, at);
    if (candidate === undefined) return least;
    const difference = await stillDiffers(compiler, candidate, [least.difference.input]);
    // What follows has moved up when a part was left out.
    if (difference === undefined) at += 1;
    else least = { policy: candidate, difference };
  }
}

async function smallerInput(compiler: Compiler, from: Minimal): Promise<Minimal> {
  for (let least = from; ;) {
    const candidates = smallerCases(least.difference.input);
    const difference = await stillDiffers(compiler, least.policy, candidates);
    if (difference === undefined) return least;
    least = { policy: least.policy, difference };
  }
}

async function stillDiffers(
  compiler: Compiler,
  policy: Policy,
  cases: readonly Case[],
): Promise<Difference | undefined> {
  try {
    const judged = await judge(compiler, filesOf(policy), cases);
    return judged.kind === 'judged' ? judged.differences[0] : undefined;
  } catch {
    // Another failure is another finding.
    return undefined;
  }
}

const without = <T>(items: readonly T[], at: number): readonly T[] => items.toSpliced(at, 1);

const replaced = <T>(items: readonly T[], at: number, by: T): readonly T[] => items.with(at, by);

/** The policy without its part number `at`, larger parts first; nothing when there are no more. */
function withoutPart(policy: Policy, at: number): Policy | undefined {
  return [...smallerPolicies(policy)][at];
}

function* smallerPolicies(policy: Policy): Generator<Policy> {
  const { packages, documents } = policy;
  for (const at of packages.keys()) yield { ...policy, packages: without(packages, at) };
  for (const [at, each] of packages.entries()) {
    for (const smaller of smallerPackages(each)) {
      yield { ...policy, packages: replaced(packages, at, smaller) };
    }
  }
  for (const smaller of smallerObjects(documents)) yield { ...policy, documents: smaller };
}

function* smallerPackages(each: Package): Generator<Package> {
  const { rules, imports } = each;
  for (const at of rules.keys()) yield { ...each, rules: without(rules, at) };
  for (const at of imports.keys()) yield { ...each, imports: without(imports, at) };
  for (const [at, rule] of rules.entries()) {
    for (const smaller of smallerRules(rule))
      yield { ...each, rules: replaced(rules, at, smaller) };
  }
}

function* smallerRules(rule: Rule): Generator<Rule> {
  const { body, otherwise } = rule;
  for (const at of body.keys()) yield { ...rule, body: without(body, at) };
  for (const at of otherwise.keys()) yield { ...rule, otherwise: without(otherwise, at) };
}

function* smallerObjects(object: JsonObject): Generator<JsonObject> {
  for (const [name, value] of Object.entries(object)) {
    const rest = Object.entries(object).filter(([other]) => other !== name);
    yield Object.fromEntries(rest);
    for (const smaller of smallerValues(value)) {
      yield Object.fromEntries([...rest, [name, smaller]]);
    }
  }
}

function* smallerValues(value: Json): Generator<Json> {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    for (const at of items.keys()) yield without(items, at);
  } else if (typeof value === 'object' && value !== null) {
    yield* smallerObjects(value as JsonObject);
  }
}

const smallerCases = (from: Case): readonly Case[] => {
  const { statement, session } = from;
  const { principal, target } = session;
  return [
    ...[...smallerObjects(statement.facts)].map((facts) => ({
      ...from,
      statement: { ...statement, facts },
    })),
    ...[...smallerObjects(target.labels)].map((labels) => ({
      ...from,
      session: {
        ...session,
        target: { ...target, labels: labels as Readonly<Record<string, string>> },
      },
    })),
    ...[...principal.groups.keys()].map((at) => ({
      ...from,
      session: { ...session, principal: { ...principal, groups: without(principal.groups, at) } },
    })),
  ];
};

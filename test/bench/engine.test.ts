// What makes the engine lane's figures mean something: equal tasks, and no statement that comes twice.

import { readFile } from 'node:fs/promises';

import { describe, expect, it } from '@jest/globals';

import { proveAgreement } from '../../bench/engine/agreement.ts';
import { makeCallers, makeQuestions, meanInputBytes } from '../../bench/engine/questions.ts';
import { regoFiles } from '../../bench/engine/rego.ts';
import { areaCount, generateRules } from '../../bench/engine/rules.ts';
import type { Subject, Verdict } from '../../bench/engine/subject.ts';
import { inProcess } from '../../bench/engine/subject.ts';

const always = (name: string, verdictOf: (index: number) => Verdict): Subject => {
  let asked = 0;
  return inProcess(name, { prepare: () => undefined, decide: () => verdictOf((asked += 1)) });
};
const inTurn = (index: number): Verdict => (['allow', 'deny', 'hold'] as const)[index % 3]!;

describe('agreement', () => {
  const options = { count: 500, areas: 1 };

  it('counts the verdicts that everyone gave', async () => {
    const tally = await proveAgreement([always('one', inTurn), always('two', inTurn)], options);
    expect(tally).toEqual({ allow: 166, deny: 167, hold: 167 });
  });

  it('a single different answer is an error with the input and who said what', async () => {
    const late = always('late', (index) => (index === 499 ? 'hold' : inTurn(index)));
    const proof = proveAgreement([always('one', inTurn), late], options);
    await expect(proof).rejects.toThrow(/"one":"deny"|"one":"allow"/);
    await expect(proof).rejects.toThrow(/"late":"hold".*\n.*"principal"/);
  });

  it('a verdict that never comes is an error: nothing was proven about it', async () => {
    const allowing = always('one', () => 'allow');
    await expect(proveAgreement([allowing], options)).rejects.toThrow('deny');
  });
});

it.each([
  [10, 10],
  [100, 50],
  [1000, 50],
  [10_000, 50],
])('%i rules are in %i packages', (rules, packages) => {
  const files = regoFiles(generateRules(rules));
  const contributions = files.map(({ text }) => text.match(/ contains .* if \{$/gm)?.length);
  expect(contributions).toEqual(Array.from({ length: packages }, () => rules / packages));
});

describe('questions', () => {
  const areas = areaCount(1000);
  const questions = (seed: number) =>
    makeQuestions({ seed, count: 300, callers: makeCallers(seed, areas) });

  it('are the same for a seed, and have facts of their own', () => {
    expect(questions(1)).toEqual(questions(1));
    const facts = [...questions(1), ...questions(2)].map(({ statement }) =>
      JSON.stringify(statement.facts.columns),
    );
    expect(new Set(facts).size).toBe(600);
  });

  it('make input documents of about 0.75 KB', () => {
    expect(meanInputBytes(areas)).toBeGreaterThan(700);
    expect(meanInputBytes(areas)).toBeLessThan(800);
  });
});

it('the peer is the OPA of the toolchain', async () => {
  const required = async (file: string) => {
    const text = await readFile(new URL(`../../${file}/go.mod`, import.meta.url), 'utf8');
    return text.slice(text.indexOf('require'));
  };
  expect(await required('bench/engine/opa-go')).toBe(await required('engine/policy/compiler'));
});

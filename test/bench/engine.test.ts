// What makes the engine lane's figures mean something: rules as told, and no statement that comes twice.

import { describe, expect, it } from '@jest/globals';

import { makeCallers, makeQuestions, meanInputBytes } from '../../bench/engine/questions.ts';
import { regoFiles } from '../../bench/engine/rego.ts';
import { areaCount, generateRules } from '../../bench/engine/rules.ts';

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

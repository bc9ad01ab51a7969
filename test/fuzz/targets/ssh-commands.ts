// Shell commands: facts for any text, in time, which hold of the same text inside of others.

import { strict as assert } from 'node:assert';

import type { CommandFacts } from '../../../hosts/ssh/shell/index.ts';
import {
  commandRules,
  decodeCommand,
  doubts,
  readCommand,
} from '../../../hosts/ssh/shell/index.ts';
import type { Target } from '../target.ts';

class RefusedInput extends Error {}

const factsOf = (text: string): CommandFacts => {
  const read = readCommand(text);
  if (read.kind === 'read') return read.facts;
  assert(read.rule in commandRules);
  throw new RefusedInput(read.rule);
};

const assertWithin = (text: string, { programs }: CommandFacts): void => {
  const outer = factsOf(text);
  if (outer.doubts.includes('size')) return;
  assert.deepEqual(
    programs.filter((name) => !outer.programs.includes(name)),
    [],
  );
};

const check = (input: Buffer): void => {
  const decoded = decodeCommand(input);
  if (decoded.kind === 'refused') throw new RefusedInput(decoded.rule);
  const { text } = decoded;
  const facts = factsOf(text);
  assert(facts.doubts.every((doubt) => doubt in doubts));
  assert.equal(facts.confidence === 'static', facts.doubts.length === 0);
  for (const { name, path, args } of facts.commands) {
    assert(path.endsWith(name));
    assert(args.every((arg) => arg === null || typeof arg === 'string'));
  }
  assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts);
  // Only a text that stands for itself can be put inside another.
  if (facts.confidence !== 'static' || text.length > 8192) return;
  assertWithin(`true\n${text}`, facts);
  assertWithin(`( ${text}\n)`, facts);
  assertWithin(`f() {\n${text}\n}`, facts);
};

export const commandTargets: readonly Target[] = [
  { name: 'readCommand', check, isRefusal: (error) => error instanceof RefusedInput },
];

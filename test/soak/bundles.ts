// What is reloaded: bundles of a thousand rules that answer differently, ones that nobody has compiled, and broken ones.

import type { PolicyFile } from '#engine';
import { regoFiles } from '../../bench/engine/rego.ts';
import { generateRules } from '../../bench/engine/rules.ts';

export const ruleCount = 1000;
const rules = regoFiles(generateRules(ruleCount));

const own = (text: string, path = 'own.rego'): PolicyFile => ({
  path,
  text: `package rules.postgres.own\n\nimport rego.v1\n\n${text}\n`,
});

const commands = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'ALTER TABLE'];

/** Each allows engineers what another denies them. */
export const goodBundles: readonly (readonly PolicyFile[])[] = commands.map((command, index) => [
  ...rules,
  own(`allow contains "bundle ${index}" if "engineering" in input.principal.groups

deny contains "no ${command} in bundle ${index}" if input.statement.command == "${command}"`),
]);

/** Answers as the first one, under a revision of its own. */
export const freshBundle = (number: number): readonly PolicyFile[] => [
  ...(goodBundles[0] ?? []),
  own(`# ${number}`, 'fresh.rego'),
];

export const brokenBundles: readonly (readonly PolicyFile[])[] = [
  [...rules, own('allow contains')],
  [...rules, own('deny contains "typo" if input.statement.comand == "SELECT"')],
  [...rules, own('allow contains "all"'), own('test_never if count(allow) == 7', 'own_test.rego')],
];

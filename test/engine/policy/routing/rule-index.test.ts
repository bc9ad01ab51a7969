import { describe, expect, it } from '@jest/globals';

import type { Json, JsonObject } from '../../../../engine/model/index.ts';
import type { IndexSpec, SourceSpec } from '../../../../engine/policy/compiler/index.ts';
import { FactSource } from '../../../../engine/policy/routing/fact-source.ts';
import { RuleIndex } from '../../../../engine/policy/routing/rule-index.ts';

describe('a source of facts', () => {
  const values = (spec: SourceSpec, document: JsonObject) => new FactSource(spec).values(document);
  const groups = { path: ['principal', 'groups'], each: true };
  const relation = { path: ['statement', 'relations'], each: true, field: ['name'] };
  const area = { path: ['target', 'labels', 'area'], default: '' };

  it.each<[string, SourceSpec, JsonObject, readonly Json[]]>([
    ['a value', { path: ['statement', 'where'] }, { where: false }, [false]],
    ['nothing', { path: ['statement', 'where'] }, {}, []],
    ['a default', area, { target: { labels: {} } }, ['']],
    ['no default where something stands', area, { target: { labels: { area: null } } }, [null]],
    ['the default where the way is blocked', area, { target: 'shop' }, ['']],
    ['elements', groups, { principal: { groups: ['a', 'b'] } }, ['a', 'b']],
    ['the values of an object', groups, { principal: { groups: { x: 'a' } } }, ['a']],
    ['no elements of a text', groups, { principal: { groups: 'ab' } }, []],
    ['a field of each', relation, { relations: [{ name: 'a' }, {}, 'x', { name: 1 }] }, ['a', 1]],
    ['a prefix', { path: ['target', 'name'], prefix: 2 }, { target: { name: 'shop' } }, ['sh']],
    [
      'a short text',
      { path: ['target', 'name'], prefix: 9 },
      { target: { name: 'shop' } },
      ['shop'],
    ],
    ['no inherited members', { path: ['statement', 'constructor'] }, {}, []],
  ])('gives %s', (_what, spec, document, expected) => {
    expect(values(spec, document)).toEqual(expected);
  });

  it('cuts where the module would, though the text is ill-formed', () => {
    const spec = { path: ['target', 'name'], prefix: 2 };
    expect(values(spec, { target: { name: 'a\ud800b' } })).toEqual(['a\ufffd']);
  });
});

describe('the index', () => {
  const spec: IndexSpec = {
    sources: [
      { path: ['statement', 'command'] },
      { path: ['principal', 'groups'], each: true },
      { path: ['statement', 'columns'], each: true },
      { path: ['statement', 'where'] },
    ],
    rules: [
      rule('by group', [1, 'dba', 'ops'], [0, 'DROP']),
      rule('by column', [2, 'a', 'b'], [1, 'dba']),
      rule('by column and command', [2, 'a'], [0, 'SELECT', 'UPDATE']),
      rule('by command', [0, 'DELETE'], [1, 'dba'], [3, false]),
      rule('by group alone', [1, 'dba\ufffd']),
    ],
  };
  const index = new RuleIndex(spec);
  const found = (groups: Json, facts: JsonObject) => {
    const steady = { principal: { groups } };
    const possible = index.possible(steady, facts['command'] ?? null);
    return index.find(possible, steady, facts).map(
      ({
        spec: {
          try: [, name],
        },
      }) => name,
    );
  };

  it.each<[string, Json, JsonObject, readonly string[]]>([
    ['nothing', ['x'], { command: 'DROP', columns: ['c'] }, []],
    [
      'a rule once, though two values lead to it',
      ['ops', 'dba'],
      { command: 'DROP' },
      ['by group'],
    ],
    ['no rule for another command', ['dba'], { command: 'SELECT' }, []],
    ['rules whose session fits', ['dba'], { command: 'X', columns: ['b', 'a'] }, ['by column']],
    ['none whose session does not', ['x'], { command: 'X', columns: ['b', 'a'] }, []],
    [
      'all of a value, in order',
      ['dba'],
      { command: 'SELECT', columns: ['a'] },
      ['by column', 'by column and command'],
    ],
    ['rules under every condition', ['dba'], { command: 'DELETE', where: false }, ['by command']],
    ['none when one fails', ['dba'], { command: 'DELETE', where: true }, []],
    ['ill-formed text as the module reads it', ['dba\ud800'], {}, ['by group alone']],
    ['nothing for a command that is no text', ['dba'], { command: ['DROP'] }, []],
  ])('finds %s', (_what, groups, facts, expected) => {
    expect(found(groups, facts)).toEqual(expected);
  });

  it('refuses a rule that names no source', () => {
    const broken = { sources: [], rules: [rule('x', [0, 'a'])] };
    expect(() => new RuleIndex(broken)).toThrow(TypeError);
  });
});

function rule(name: string, ...conditions: readonly (readonly [number, ...Json[]])[]) {
  return {
    try: ['g0', name] as const,
    conditions: conditions.map(([source, ...values]) => ({ source, values })),
    reads: [],
  };
}

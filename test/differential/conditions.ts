// Expressions of rule bodies: every form that the compiler's index recognises, near misses of each, and all the rest.

import type { Draw } from './draw.ts';
import { chance, choose, count, fresh, pick, several } from './draw.ts';
import {
  amount,
  anyText,
  anything,
  labels,
  list,
  object,
  relations,
  set,
  source,
} from './terms.ts';
import { literal, number, strangers, text } from './vocabulary.ts';

/** What other rules offer to a body. */
export interface Offer {
  readonly kind:
    'truth' | 'value' | 'function' | 'textFunction' | 'predicate' | 'contributions' | 'package';
  readonly ref: string;
}

/** Lines of a body; all must hold. */
export type Lines = readonly string[];

const line = (...lines: string[]): Lines => lines;

const literalSet = (draw: Draw, low: number, high: number): string =>
  `{${several(draw, low, high, () => literal(draw)).join(', ')}}`;

const literalList = (draw: Draw, low: number, high: number): string =>
  `[${several(draw, low, high, () => literal(draw)).join(', ')}]`;

/** A comparison that says which texts a term may be. */
const oneOfTexts = (draw: Draw, term: string): string =>
  choose(draw, 'texts', {
    equal: () => `${term} == ${literal(draw)}`,
    equalAlso: () => `${term} == ${literal(draw)}`,
    turned: () => `${literal(draw)} == ${term}`,
    unified: () => `${term} = ${literal(draw)}`,
    inSet: () => `${term} in ${literalSet(draw, 1, 3)}`,
    inList: () => `${term} in ${literalList(draw, 1, 5)}`,
    inLargeSet: () => `${term} in ${literalSet(draw, 4, 8)}`,
    inMixed: () => `${term} in {${literal(draw)}, ${number(draw)}, null}`,
    inComputed: () => `${term} in {${literal(draw)}, ${source(draw)}}`,
    inObject: () => `${term} in {"a": ${literal(draw)}, "b": ${literal(draw)}}`,
    asKey: () => `{${literal(draw)}: true, "x": false}[${term}]`,
    setMember: () => `${literalSet(draw, 1, 6)}[${term}]`,
  });

/** Conditions that an index could look up, and their near misses. */
export const lookedUp = (draw: Draw): Lines =>
  choose<Lines>(draw, 'indexed', {
    source: () => line(oneOfTexts(draw, source(draw))),
    command: () => line(oneOfTexts(draw, 'input.statement.command')),
    member: () => line(`${literal(draw)} in ${list(draw)}`),
    memberOfField: () => line(`${literal(draw)} in input.principal.groups`),
    some: () => element(draw, 'input.principal.groups'),
    someOfList: () => element(draw, list(draw)),
    alias: () => {
      const name = fresh(draw);
      return line(`${name} := ${source(draw)}`, oneOfTexts(draw, name));
    },
    chain: () => {
      const [first, second] = [fresh(draw), fresh(draw)];
      const [part, field] = pick(draw, [
        ['principal', 'id'],
        ['statement', 'command'],
        ['target', 'name'],
        ['target', 'labels.env'],
      ] as const);
      return line(
        `${first} := input.${part}`,
        `${second} := ${first}.${field}`,
        oneOfTexts(draw, second),
      );
    },
    aliasOfList: () => {
      const name = fresh(draw);
      return line(`${name} := input.principal.groups`, ...element(draw, name));
    },
    field: () => {
      const name = fresh(draw);
      return line(
        `some ${name} in ${relations}`,
        oneOfTexts(draw, `${name}.${pick(draw, ['name', 'access'])}`),
      );
    },
    fieldAlias: () => {
      const [one, name] = [fresh(draw), fresh(draw)];
      return line(`some ${one} in ${relations}`, `${name} := ${one}.name`, oneOfTexts(draw, name));
    },
    twoFields: () => {
      const name = fresh(draw);
      return line(
        `some ${name} in ${relations}`,
        `${name}.name == ${literal(draw)}`,
        `${name}.access == ${literal(draw)}`,
      );
    },
    wildcard: () => line(oneOfTexts(draw, `${relations}[_].name`)),
    wildcardText: () => line(oneOfTexts(draw, 'input.principal.groups[_]')),
    variable: () => {
      const index = fresh(draw, 'i');
      return line(
        `some ${index}`,
        oneOfTexts(draw, `${relations}[${index}].name`),
        oneOfTexts(draw, `${relations}[${index}].access`),
      );
    },
    bareVariable: () => {
      const index = fresh(draw, 'i');
      return line(
        oneOfTexts(draw, `${relations}[${index}].name`),
        `${relations}[${index}].access == "read"`,
      );
    },
    boundVariable: () => {
      const index = fresh(draw, 'i');
      return line(
        `${index} := ${count(draw, 0, 1)}`,
        oneOfTexts(draw, `input.principal.groups[${index}]`),
      );
    },
    labelValues: () => line(oneOfTexts(draw, `${labels}[_]`)),
    pair: () => {
      const [key, value] = [fresh(draw), fresh(draw)];
      return line(
        `some ${key}, ${value} in ${labels}`,
        oneOfTexts(draw, key),
        oneOfTexts(draw, value),
      );
    },
    value: () => {
      const value = fresh(draw);
      return line(`some _, ${value} in ${labels}`, oneOfTexts(draw, value));
    },
    key: () => line(`some ${literal(draw)}, _ in ${labels}`),
    pattern: () => {
      const name = fresh(draw);
      return line(
        `some {"name": ${name}, "access": ${literal(draw)}} in ${relations}`,
        oneOfTexts(draw, name),
      );
    },
    twice: () => {
      const name = fresh(draw);
      return line(
        `some ${name} in input.principal.groups`,
        oneOfTexts(draw, name),
        oneOfTexts(draw, name),
      );
    },
    twoSources: () => line(oneOfTexts(draw, source(draw)), oneOfTexts(draw, source(draw))),
    textOfAny: () => line(`${literal(draw)} in {${source(draw)}, ${source(draw)}}`),
  });

const element = (draw: Draw, of: string): Lines => {
  const name = fresh(draw);
  return line(`some ${name} in ${of}`, oneOfTexts(draw, name));
};

const compared = (draw: Draw, left: string, right: string): string =>
  `${left} ${pick(draw, ['==', '!=', '<', '<=', '>', '>='])} ${right}`;

export function condition(draw: Draw, offers: readonly Offer[], depth = 0): Lines {
  if (depth < 2 && chance(draw, 0.15)) return nested(draw, offers, depth + 1);
  if (offers.length > 0 && chance(draw, 0.25)) return ofOffer(draw, pick(draw, offers));
  return chance(draw, 0.5) ? lookedUp(draw) : plain(draw);
}

const plain = (draw: Draw): Lines =>
  choose<Lines>(draw, 'condition', {
    numbers: () => line(compared(draw, amount(draw), amount(draw))),
    texts: () => line(compared(draw, anyText(draw), anyText(draw))),
    startsWith: () =>
      line(
        `${pick(draw, ['startswith', 'endswith', 'contains'])}(${source(draw)}, ${literal(draw)})`,
      ),
    pattern: () =>
      line(
        `regex.match(${text(pick(draw, ['^[a-z]+$', '(?i)select', '', '.', '^public\\.', '\\pL', '^(a|b)*$']))}, ${source(draw)})`,
      ),
    network: () =>
      line(
        `net.cidr_contains(${text(pick(draw, ['10.0.0.0/8', '0.0.0.0/0', '192.168.1.0/24', '::/0']))}, ${source(draw)})`,
      ),
    type: () =>
      line(
        `is_${pick(draw, ['array', 'boolean', 'null', 'number', 'object', 'set', 'string'])}(${anything(draw)})`,
      ),
    truth: () =>
      line(
        pick(draw, [
          'input.statement.where',
          'not input.statement.where',
          'input.statement.truncated',
          'true',
        ]),
      ),
    falsehood: () =>
      line(
        pick(draw, [
          'input.statement.where == false',
          'is_null(input.statement.limit)',
          'not false',
        ]),
      ),
    memberOfSet: () => line(`${anyText(draw)} in ${set(draw)}`),
    memberOfList: () => line(`${anyText(draw)} in ${list(draw)}`),
    keyed: () => line(`${literal(draw)}, ${anyText(draw)} in ${object(draw)}`),
    defined: () => line(anything(draw)),
    sets: () => line(compared(draw, set(draw), set(draw))),
    lists: () => line(`${list(draw)} == ${list(draw)}`),
    objects: () => line(`${object(draw)} == ${object(draw)}`),
    unpacked: () => {
      const [first, second] = [fresh(draw), fresh(draw)];
      return line(
        `[${first}, ${second}] := [${source(draw)}, ${amount(draw)}]`,
        oneOfTexts(draw, first),
        `${second} != 1`,
      );
    },
    allLists: () => {
      const [index, item] = [fresh(draw), fresh(draw)];
      return line(
        `some ${index}, ${item} in ${list(draw)}`,
        `${index} < 2`,
        oneOfTexts(draw, item),
      );
    },
    wholeInput: () => {
      const name = fresh(draw);
      return line(`${name} := input`, oneOfTexts(draw, `${name}.statement.command`));
    },
    dynamicField: () =>
      line(`input.statement[${pick(draw, ['"where"', 'input.principal.id', '"command"'])}]`),
    dynamicPart: () =>
      line(
        `input[${pick(draw, ['input.principal.id', 'input.kind', 'lower(input.statement.command)'])}]`,
      ),
    anyTypes: () => line(compared(draw, `loose(${anything(draw)})`, `loose(${anything(draw)})`)),
    memberOfAny: () => line(`${anything(draw)} in loose(${anything(draw)})`),
    fieldOfAny: () => {
      const name = fresh(draw);
      return line(
        `${name} := loose(input)`,
        oneOfTexts(
          draw,
          `${name}.${pick(draw, ['principal.id', 'statement.command', 'target.labels[_]'])}`,
        ),
      );
    },
    partOfAny: () =>
      line(
        oneOfTexts(
          draw,
          `loose(input.${pick(draw, ['principal', 'statement', 'target'])})[${literal(draw)}]`,
        ),
      ),
    anyMember: () => {
      const [key, value] = [fresh(draw), fresh(draw)];
      return line(
        `some ${key}, ${value} in input.statement`,
        oneOfTexts(draw, key),
        `${value} != null`,
      );
    },
    everyMember: () => line(`count({key | some key, _ in input}) > ${count(draw, 4, 8)}`),
    documents: () => line(`${anyText(draw)} in data.tables.names`),
    document: () => line(`data.tables.byName[${source(draw)}] == ${literal(draw)}`),
    anyDocument: () =>
      line(oneOfTexts(draw, `data.tables.${pick(draw, ['names[0]', 'names[_]', 'byName[_]'])}`)),
    documentAlias: () => {
      const table = fresh(draw, 'table');
      return line(
        `${table} := data.tables.${pick(draw, ['names', 'byName'])}`,
        `${table}[${anything(draw)}]`,
      );
    },
    documentPairs: () => {
      const [key, value] = [fresh(draw), fresh(draw)];
      return line(
        `some ${key}, ${value} in data.tables.byName`,
        oneOfTexts(draw, key),
        `${value} == ${source(draw)}`,
      );
    },
    documentLookup: () =>
      line(oneOfTexts(draw, `object.get(data.tables.byName, ${source(draw)}, ${literal(draw)})`)),
    wholeDocument: () => line(`count(data.tables) == ${count(draw, 1, 4)}`),
    nonce: () => line(`input.nonce != ${literal(draw)}`),
  });

const nested = (draw: Draw, offers: readonly Offer[], depth: number): Lines =>
  choose<Lines>(draw, 'nested', {
    not: () => {
      const [only, ...rest] = condition(draw, offers, depth);
      const plainLine =
        only !== undefined && rest.length === 0 && !/^(not|some|every) |:=|_/.test(only);
      return line(plainLine ? `not ${only}` : `not ${oneOfTexts(draw, source(draw))}`);
    },
    every: () => {
      const name = fresh(draw);
      return line(
        `every ${name} in ${list(draw)} { ${[oneOfTexts(draw, name), ...condition(draw, offers, depth)].join('; ')} }`,
      );
    },
    everyPair: () => {
      const [key, value] = [fresh(draw), fresh(draw)];
      return line(
        `every ${key}, ${value} in ${labels} { ${key} != ${literal(draw)}; ${oneOfTexts(draw, value)} }`,
      );
    },
    setOf: () => {
      const name = fresh(draw);
      const body = [`some ${name} in ${list(draw)}`, ...condition(draw, offers, depth)].join('; ');
      return line(
        `count({${name} | ${body}}) ${pick(draw, ['>', '==', '<='])} ${count(draw, 0, 2)}`,
      );
    },
    listOf: () => {
      const name = fresh(draw);
      const body = [`some ${name} in ${list(draw)}`, ...condition(draw, offers, depth)].join('; ');
      return line(
        `count([${name} | ${body}]) ${pick(draw, ['>', '==', '<='])} ${count(draw, 0, 2)}`,
      );
    },
    objectOf: () => {
      const [key, value] = [fresh(draw), fresh(draw)];
      const body = [`some ${key}, ${value} in ${labels}`, ...condition(draw, offers, depth)].join(
        '; ',
      );
      return line(`${literal(draw)} in {${key}: ${value} | ${body}}`);
    },
  });

const ofOffer = (draw: Draw, { kind, ref }: Offer): Lines => {
  const modifier = chance(draw, 0.25) ? ` ${replaced(draw)}` : '';
  const direct = {
    truth: () => `${chance(draw, 0.3) ? 'not ' : ''}${ref}`,
    value: () =>
      pick(draw, [
        oneOfTexts(draw, `loose(${ref})`),
        `${anyText(draw)} in loose(${ref})`,
        `loose(${ref})[${source(draw)}]`,
        `count(loose(${ref})) > 1`,
        `${literal(draw)} in {item | some item in loose(${ref})}`,
        `loose(${ref})[_] == ${source(draw)}`,
      ]),
    function: () => oneOfTexts(draw, `${ref}(loose(${anything(draw)}))`),
    textFunction: () => oneOfTexts(draw, `${ref}(${anyText(draw)})`),
    predicate: () => `${ref}(loose(${anything(draw)}), loose(${anything(draw)}))`,
    contributions: () =>
      pick(draw, [
        `count(${ref}) > 0`,
        `count(${ref}) == 0`,
        `${literal(draw)} in loose(${ref})`,
        `loose(${ref})[_].msg == ${literal(draw)}`,
      ]),
    package: () =>
      pick(draw, [
        `count(loose(${ref})) > ${count(draw, 1, 3)}`,
        `count(loose(${ref})[${text(pick(draw, ['deny', 'allow', 'mask']))}]) > 0`,
        `count(loose(${ref})[lower(input.principal.kind)]) > 0`,
        `is_set(object.get(loose(${ref}), ${text(pick(draw, ['deny', 'allow', 'mask']))}, 1))`,
      ]),
  } satisfies Readonly<Record<Offer['kind'], () => string>>;
  draw.taken.add(`offer/${kind}`);
  return line(direct[kind]() + modifier);
};

const replaced = (draw: Draw): string =>
  choose(draw, 'with', {
    groups: () => `with input.principal.groups as ${literalList(draw, 0, 5)}`,
    command: () => `with input.statement.command as ${literal(draw)}`,
    twice: () => `with input.statement.where as true with input.principal.id as ${source(draw)}`,
    statement: () => `with input.statement as {"command": ${literal(draw)}, "relations": []}`,
    input: () =>
      `with input as {"principal": {"id": ${literal(draw)}, "groups": [${literal(draw)}]}}`,
    label: () => `with input.target.labels as {${literal(draw)}: ${source(draw)}}`,
    stranger: () => `with input.extra as ${literal(draw)}`,
    table: () => `with data.tables.names as ${literalList(draw, 1, 5)}`,
    tables: () => `with data.tables as {"names": [${literal(draw)}], "byName": {}}`,
    builtin: () => 'with count as 1',
  });

/** A reference that only helper packages may make: their input has no schema. */
export const strangeField = (draw: Draw): string => {
  const words = several(draw, 1, 3, () => pick(draw, strangers));
  const root = pick(draw, ['input', 'input.statement', 'input.target.labels', 'input.principal']);
  return `${root}${words.map((name) => `[${text(name)}]`).join('')}`;
};

// Terms by type, so that what is generated passes OPA's type checker: texts, numbers, lists, objects over the input.

import type { Draw } from './draw.ts';
import { chance, choose, chooseGuarded, count, pick, several } from './draw.ts';
import { filled, labelName, literal, number, scalar, text, word } from './vocabulary.ts';

const textFields = [
  'principal.id',
  'principal.kind',
  'session.id',
  'session.client',
  'session.application',
  'target.name',
  'target.database',
  'statement.command',
  'statement.command',
  'statement.command',
  'kind',
];
const listFields = [
  'principal.groups',
  'principal.groups',
  'statement.columns',
  'statement.functions',
];
const numberFields = ['time.hour', 'time.weekday', 'time.minute', 'session.started_at'];
const numberField = (draw: Draw): string =>
  path(draw, draw.millisecond && chance(draw, 0.3) ? 'time.epoch_ms' : pick(draw, numberFields));

export const relations = 'input.statement.relations';
export const labels = 'input.target.labels';

/** `a.b` as Rego: dotted, or with one or all words in brackets. */
function path(draw: Draw, dotted: string): string {
  if (chance(draw, 0.8)) return `input.${dotted}`;
  return `input${dotted
    .split('.')
    .map((name) => (chance(draw, 0.5) ? `[${text(name)}]` : `.${name}`))
    .join('')}`;
}

/** The same field through object.get, with a key or a path. */
function lookup(draw: Draw, dotted: string): string {
  const names = dotted.split('.');
  const cut = count(draw, 0, names.length - 1);
  const below = names.slice(cut).map(text);
  const from = ['input', ...names.slice(0, cut)].join('.');
  const key = below.length === 1 && chance(draw, 0.6) ? below[0] : `[${below.join(', ')}]`;
  return `object.get(${from}, ${key ?? ''}, ${literal(draw)})`;
}

const labelPath = (draw: Draw): string => {
  const name = word(draw);
  return /^[a-z]+$/.test(name) && chance(draw, 0.5)
    ? `${labels}.${name}`
    : `${labels}[${text(name)}]`;
};

/** A text that an index could be made of, or nearly. */
export const source = (draw: Draw): string =>
  chooseGuarded(draw, 'source', {
    always: {
      field: () => path(draw, pick(draw, textFields)),
      command: () => path(draw, 'statement.command'),
      lookup: () => lookup(draw, pick(draw, textFields)),
      labelLookup: () => `object.get(${labels}, ${labelName(draw)}, ${literal(draw)})`,
      labelPathLookup: () =>
        `object.get(input, ["target", "labels", ${literal(draw)}], ${literal(draw)})`,
      computedLookup: () => `object.get(${labels}, input.principal.id, ${literal(draw)})`,
    },
    unguarded: {
      label: () => labelPath(draw),
      lookupInField: () => `object.get(input.target, "labels", {})[${literal(draw)}]`,
      computedLabel: () => `${labels}[input.session.application]`,
      position: () => `${path(draw, pick(draw, listFields))}[0]`,
    },
  });

/** A field that may be of any type to the checker, for its default is. */
export const defaulted = (draw: Draw): string =>
  choose(draw, 'defaulted', {
    fact: () =>
      `object.get(input.statement, ${text(pick(draw, ['limit', 'where', 'truncated', 'command']))}, ${scalar(draw)})`,
    path: () =>
      `object.get(input, ["statement", ${text(pick(draw, ['limit', 'where', 'command']))}], ${scalar(draw)})`,
    label: () => `object.get(${labels}, ${labelName(draw)}, ${scalar(draw)})`,
    emptyDefault: () => `object.get(${labels}, ${literal(draw)}, ${pick(draw, ['[]', '{}'])})`,
  });

export const list = (draw: Draw): string =>
  choose(draw, 'list', {
    field: () => path(draw, pick(draw, listFields)),
    lookup: () => `object.get(input.principal, "groups", [])`,
    literal: () => `[${several(draw, 1, 6, () => literal(draw)).join(', ')}]`,
    appended: () => `array.concat(${path(draw, pick(draw, listFields))}, [${literal(draw)}])`,
    split: () => `split(${source(draw)}, ${text(pick(draw, ['.', ' ', '', 'a']))})`,
    names: () => `[name | some relation in ${relations}; name := relation.name]`,
    sorted: () => `sort(${path(draw, pick(draw, listFields))})`,
    slice: () =>
      `array.slice(${path(draw, pick(draw, listFields))}, ${count(draw, 0, 2)}, ${count(draw, 0, 3)})`,
    withDefault: () =>
      `object.get(input.statement, ${text(pick(draw, ['columns', 'functions']))}, [${literal(draw)}])`,
  });

export const set = (draw: Draw): string =>
  choose(draw, 'set', {
    small: () => `{${several(draw, 1, 3, () => literal(draw)).join(', ')}}`,
    large: () => `{${several(draw, 4, 9, () => literal(draw)).join(', ')}}`,
    mixed: () => `{${[literal(draw), number(draw), 'null', `[${literal(draw)}]`].join(', ')}}`,
    comprehension: () => `{item | some item in ${path(draw, pick(draw, listFields))}}`,
    joined: () => `({${literal(draw)}} | {item | some item in ${list(draw)}})`,
    met: () => `({${literal(draw)}, ${literal(draw)}} & {item | some item in ${list(draw)}})`,
    less: () => `({item | some item in ${list(draw)}} - {${literal(draw)}})`,
    keys: () => `object.keys(${labels})`,
    union: () => `union({{${literal(draw)}}, {item | some item in ${list(draw)}}})`,
  });

export const object = (draw: Draw): string =>
  choose(draw, 'object', {
    small: () => `{${pairs(draw, 1, 3)}}`,
    large: () => `{${pairs(draw, 4, 8)}}`,
    labels: () => labels,
    kept: () => `object.filter(${labels}, {${literal(draw)}, ${literal(draw)}})`,
    removed: () => `object.remove(${labels}, [${literal(draw)}])`,
    joined: () => `object.union(${labels}, {${pairs(draw, 1, 2)}})`,
    united: () => `object.union_n([{${pairs(draw, 1, 2)}}, ${labels}, {${pairs(draw, 1, 5)}}])`,
    comprehension: () => `{key: item | some key, item in ${labels}; item != ${literal(draw)}}`,
  });

/** Keys that differ, since an object literal may not repeat one. */
const pairs = (draw: Draw, low: number, high: number): string => {
  const keys = new Set(several(draw, low, high, () => literal(draw)));
  return [...keys].map((key) => `${key}: ${literal(draw)}`).join(', ');
};

export const anyText = (draw: Draw): string =>
  chooseGuarded(draw, 'text', {
    always: {
      literal: () => literal(draw),
      source: () => source(draw),
      also: () => source(draw),
      lower: () => `lower(${source(draw)})`,
      upper: () => `upper(${source(draw)})`,
      trimmed: () =>
        `${pick(draw, ['trim', 'trim_left', 'trim_right', 'trim_prefix', 'trim_suffix'])}(${source(draw)}, ${literal(draw)})`,
      trimSpace: () => `trim_space(${source(draw)})`,
      concat: () => `concat(${literal(draw)}, [${source(draw)}, ${literal(draw)}])`,
      replace: () => `replace(${source(draw)}, ${filled(draw)}, ${literal(draw)})`,
      substring: () => `substring(${source(draw)}, ${count(draw, 0, 3)}, ${count(draw, -1, 4)})`,
      tableLookup: () => `object.get(${object(draw)}, ${source(draw)}, ${literal(draw)})`,
      largestOf: () => `max([${source(draw)}, ${literal(draw)}])`,
      smallestOf: () => `min({${source(draw)}, ${source(draw)}})`,
      firstPart: () => `split(${source(draw)}, ${text(pick(draw, ['.', ' ', 'a']))})[0]`,
    },
    unguarded: {
      fromTable: () => `${object(draw)}[${source(draw)}]`,
      largest: () => `max(${list(draw)})`,
      smallest: () => `min(${set(draw)})`,
      part: () => `split(${source(draw)}, ".")[${count(draw, 0, 2)}]`,
    },
  });

export const amount = (draw: Draw): string =>
  chooseGuarded(draw, 'number', {
    always: {
      literal: () => number(draw),
      field: () => numberField(draw),
      also: () => path(draw, pick(draw, numberFields.slice(0, 3))),
      counted: () => `count(${pick(draw, [list, set, object])(draw)})`,
      length: () => `count(${source(draw)})`,
      sum: () => `(${numberField(draw)} + ${number(draw)})`,
      difference: () => `(${number(draw)} - ${numberField(draw)})`,
      product: () => `(${path(draw, pick(draw, numberFields.slice(0, 3)))} * ${number(draw)})`,
      summed: () => `sum([${number(draw)}, ${numberField(draw)}])`,
      absolute: () => `abs(${number(draw)} - ${numberField(draw)})`,
      remainder: () => `(${numberField(draw)} % ${count(draw, 1, 9)})`,
      place: () => `indexof(${source(draw)}, ${filled(draw)})`,
      range: () => `count(numbers.range(${count(draw, -3, 3)}, ${count(draw, -3, 9)}))`,
    },
    unguarded: {
      limit: () => 'input.statement.limit',
      absoluteLimit: () => 'abs(input.statement.limit)',
      limitRemainder: () => `(input.statement.limit % ${count(draw, 1, 9)})`,
    },
  });

/** Anything at all, for what takes any type. */
export const anything = (draw: Draw): string =>
  choose(draw, 'any', {
    text: () => anyText(draw),
    number: () => amount(draw),
    list: () => list(draw),
    set: () => set(draw),
    object: () => object(draw),
    truth: () => pick(draw, ['input.statement.where', 'input.statement.truncated', 'true', 'null']),
    defaulted: () => defaulted(draw),
    range: () => `numbers.range(${count(draw, -3, 3)}, ${count(draw, -3, 9)})`,
    part: () => pick(draw, ['input.principal', 'input.statement', relations]),
    nested: () => `[${literal(draw)}, {"a": ${set(draw)}, "b": [${number(draw)}, null]}]`,
    nestedTable: () =>
      `{${literal(draw)}: {"k": {1, 2.5, "x"}}, 7: [true, null, set()], ["a"]: {}, null: ${literal(draw)}}`,
  });

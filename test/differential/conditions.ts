// Expressions of rule bodies: what an index could look up, all the rest, and both inside of others.

import type { Draw } from './draw.ts';
import { chance, choose, chooseGuarded, count, fresh, guarded, pick, several } from './draw.ts';
import type { Lines } from './indexed.ts';
import { line, literalList, lookedUp, oneOfTexts } from './indexed.ts';
import { amount, anyText, anything, labels, list, object, set, source } from './terms.ts';
import { literal, strangers, text } from './vocabulary.ts';

/** What other rules offer to a body. */
export interface Offer {
  readonly kind:
    'truth' | 'value' | 'function' | 'textFunction' | 'predicate' | 'contributions' | 'package';
  readonly ref: string;
  /** It reads what may be absent, so that rules which would fail open must not depend on it. */
  readonly open: boolean;
}

const compared = (draw: Draw, left: string, right: string): string =>
  `${left} ${pick(draw, ['==', '!=', '<', '<=', '>', '>='])} ${right}`;

export function condition(draw: Draw, offers: readonly Offer[], depth = 0): Lines {
  if (depth < 2 && chance(draw, 0.15)) return nested(draw, offers, depth + 1);
  const able = draw.guarded ? offers.filter(({ open }) => !open) : offers;
  if (able.length > 0 && chance(draw, 0.25)) return ofOffer(draw, pick(draw, able));
  if (draw.whole && chance(draw, 0.1)) return ofWholeInput(draw);
  if (chance(draw, 0.06)) return elsewhere(draw);
  return chance(draw, 0.5) ? lookedUp(draw) : plain(draw);
}

const plain = (draw: Draw): Lines =>
  chooseGuarded<Lines>(draw, 'condition', {
    always: {
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
      objects: () => line(`${object(draw)} == loose(${object(draw)})`),
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
      anyTypes: () => line(compared(draw, `loose(${anything(draw)})`, `loose(${anything(draw)})`)),
      memberOfAny: () => line(`${anything(draw)} in loose(${anything(draw)})`),
      anyMember: () => {
        const [key, value] = [fresh(draw), fresh(draw)];
        return line(
          `some ${key}, ${value} in input.statement`,
          oneOfTexts(draw, key),
          `${value} != null`,
        );
      },
      documents: () => line(`${anyText(draw)} in data.tables.names`),
      anyDocument: () =>
        line(
          oneOfTexts(
            draw,
            `data.tables.${pick(draw, [...(draw.guarded ? [] : ['names[0]']), 'names[_]', 'byName[_]'])}`,
          ),
        ),
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
      clock: () => line(ofClock(draw)),
      clockAlso: () => line(ofClock(draw)),
      numbersRange: () =>
        line(`${amount(draw)} in numbers.range(${count(draw, -3, 3)}, ${count(draw, 0, 30)})`),
      unlike: () => line(`not ${oneOfTexts(guarded(draw), source(guarded(draw)))}`),
      limit: () => line(compared(draw, 'input.statement.limit', amount(draw))),
      networkLiteral: () => line('net.cidr_contains("10.0.0.0/8", "10.1.2.3")'),
    },
    unguarded: {
      network: () =>
        line(
          `net.cidr_contains(${text(pick(draw, ['10.0.0.0/8', '0.0.0.0/0', '192.168.1.0/24', '::/0']))}, ${source(draw)})`,
        ),
      dynamicField: () =>
        line(`input.statement[${pick(draw, ['"where"', 'input.principal.id', '"command"'])}]`),
      partOfAny: () =>
        line(
          oneOfTexts(
            draw,
            `loose(input.${pick(draw, ['principal', 'statement', 'target'])})[${literal(draw)}]`,
          ),
        ),
      document: () => line(`data.tables.byName[${source(draw)}] == ${literal(draw)}`),
      documentAlias: () => {
        const table = fresh(draw, 'table');
        return line(
          `${table} := data.tables.${pick(draw, ['names', 'byName'])}`,
          `${table}[${anything(draw)}]`,
        );
      },
      deep: () =>
        line(oneOfTexts(draw, `loose(input.statement)[${text(pick(draw, strangers))}].deep`)),
    },
  });

/** What holds at some times of the day and not at others. */
const ofClock = (draw: Draw): string => {
  if (draw.millisecond) return `input.time.epoch_ms % ${count(draw, 2, 5)} == ${count(draw, 0, 1)}`;
  return choose(draw, 'clock', {
    hour: () => compared(draw, 'input.time.hour', String(count(draw, 0, 23))),
    weekday: () => `input.time.weekday in {${count(draw, 4, 5)}, ${count(draw, 5, 6)}}`,
    minute: () => compared(draw, 'input.time.minute', String(count(draw, 0, 59))),
    parity: () => `input.time.minute % 2 == ${count(draw, 0, 1)}`,
  });
};

/** What could be looked up, but for being asked of another input. */
const elsewhere = (draw: Draw): Lines => {
  draw.taken.add('condition/elsewhere');
  const command = literal(draw);
  const other = chance(draw, 0.5) ? `with input.statement.command as ${command}` : replaced(draw);
  return line(`input.statement.command == ${command} ${other}`);
};

/** What reads all of the input: then no rule of the policy is looked up, so that few policies have any. */
const ofWholeInput = (draw: Draw): Lines =>
  choose<Lines>(draw, 'whole', {
    wholeInput: () => {
      const name = fresh(draw);
      return line(`${name} := input`, oneOfTexts(draw, `${name}.statement.command`));
    },
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
    everyMember: () => line(`count({key | some key, _ in input}) > ${count(draw, 4, 8)}`),
    nonce: () => line(`input.nonce != ${literal(draw)}`),
    dynamicPart: () =>
      line(
        `is_object(object.get(input, ${pick(draw, ['input.principal.id', 'input.kind', 'lower(input.statement.command)'])}, "x"))`,
      ),
  });

/** What is undefined inside of these may make the whole hold. */
const nested = (outer: Draw, offers: readonly Offer[], depth: number): Lines => {
  const draw = guarded(outer);
  return choose<Lines>(draw, 'nested', {
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
};

const ofOffer = (draw: Draw, { kind, ref }: Offer): Lines => {
  const modifier = chance(draw, 0.25) ? ` ${replaced(draw)}` : '';
  const direct = {
    truth: () => `${chance(draw, 0.3) ? 'not ' : ''}${ref}`,
    value: () => ofValue(draw, ref),
    function: () => ofValue(draw, `${ref}(loose(${anything(draw)}))`),
    textFunction: () => oneOfTexts(draw, `${ref}(${anyText(draw)})`),
    predicate: () => `${ref}(loose(${anything(draw)}), loose(${anything(draw)}))`,
    contributions: () =>
      pick(draw, [
        `count(${ref}) > 0`,
        `count(${ref}) == 0`,
        `${literal(draw)} in loose(${ref})`,
        ...(draw.guarded ? [] : [`loose(${ref})[_].msg == ${literal(draw)}`]),
      ]),
    package: () => ofPackage(draw, ref),
  } satisfies Readonly<Record<Offer['kind'], () => string>>;
  draw.taken.add(`offer/${kind}`);
  return line(direct[kind]() + modifier);
};

const ofValue = (draw: Draw, ref: string): string =>
  chooseGuarded(draw, 'value', {
    always: {
      equal: () => `loose(${ref}) == ${literal(draw)}`,
      among: () => `loose(${ref}) in ${literalList(draw, 1, 5)}`,
      member: () => `${anyText(draw)} in loose(${ref})`,
      items: () => `${literal(draw)} in {item | some item in loose(${ref})}`,
      iterated: () => `loose(${ref})[_] == ${source(draw)}`,
    },
    unguarded: {
      texts: () => oneOfTexts(draw, `loose(${ref})`),
      key: () => `loose(${ref})[${source(draw)}]`,
      counted: () => `count(loose(${ref})) > 1`,
    },
  });

const ofPackage = (draw: Draw, ref: string): string => {
  const name = text(pick(draw, ['deny', 'allow', 'mask']));
  return chooseGuarded(draw, 'package', {
    always: {
      anySet: () => `is_set(loose(${ref})[_])`,
      anyMember: () => `loose(${ref})[_][_] == ${literal(draw)}`,
    },
    unguarded: {
      counted: () => `count(loose(${ref})) > ${count(draw, 1, 3)}`,
      countedSet: () => `count(loose(${ref})[${name}]) > 0`,
      computed: () => `count(loose(${ref})[lower(input.principal.kind)]) > 0`,
      lookup: () => `is_set(object.get(loose(${ref}), ${name}, 1))`,
    },
  });
};

const replaced = (draw: Draw): string =>
  choose(draw, 'with', {
    groups: () => `with input.principal.groups as ${literalList(draw, 0, 5)}`,
    command: () => `with input.statement.command as ${literal(draw)}`,
    twice: () => `with input.statement.where as true with input.principal.id as ${source(draw)}`,
    statement: () => `with input.statement as {"command": ${literal(draw)}, "relations": []}`,
    label: () => `with input.target.labels as {${literal(draw)}: ${source(draw)}}`,
    stranger: () => `with input.extra as ${literal(draw)}`,
    table: () => `with data.tables.names as ${literalList(draw, 1, 5)}`,
    tables: () => `with data.tables as {"names": [${literal(draw)}], "byName": {}}`,
    builtin: () => 'with count as 1',
    ...(draw.whole && {
      input: () =>
        `with input as {"principal": {"id": ${literal(draw)}, "groups": [${literal(draw)}]}}`,
    }),
  });

/** A reference that only helper packages may make: their input has no schema. */
export const strangeField = (draw: Draw): string => {
  const words = several(draw, 1, 3, () => pick(draw, strangers));
  const root = pick(draw, ['input', 'input.statement', 'input.target.labels', 'input.principal']);
  return `${root}${words.map((name) => `[${text(name)}]`).join('')}`;
};

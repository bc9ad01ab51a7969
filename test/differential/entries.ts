// What rules contribute: written out and computed entries, well-formed and malformed, of all four kinds.

import type { Draw } from './draw.ts';
import { chance, choose, count, fresh, guarded, pick, several } from './draw.ts';
import type { Lines } from './indexed.ts';
import type { Rule } from './policy.ts';
import { amount, anything, anyText, list, set, source } from './terms.ts';
import { literal, text } from './vocabulary.ts';

const strategies = ['null', 'fixed', 'hash', 'partial'];
/** Mostly one of its own, so that it shows which rule was overlooked. */
const message = (draw: Draw): string =>
  text(
    chance(draw, 0.7)
      ? fresh(draw, 'm')
      : pick(draw, ['one', 'two', 'three', 'ü "q" \\', 'line\nfeed', 'a\u0000b', '\u2028']),
  );

export interface Contribution {
  readonly computed: boolean;
  readonly body: (draw: Draw) => Lines;
}

/** A rule that contributes, such as `deny contains "x"`. */
export function contributed(outer: Draw, contribution: Contribution): Rule {
  const name = pick(outer, outer.contributions);
  const draw = name === 'allow' ? outer : guarded(outer);
  const body = [
    ...contribution.body(draw),
    ...(name === 'allow' || outer.guarded ? [] : negated(draw)),
  ];
  const { computed } = contribution;
  if (computed && chance(draw, 0.1)) {
    // Shapes that can be read from the head are refused, so it does not show this one.
    const entry = fresh(draw, 'made');
    return {
      head: `${name} contains ${entry}`,
      body: [...body, `${entry} := ${broken(draw, name)}`],
      otherwise: [],
    };
  }
  return { head: `${name} contains ${sound(draw, name, computed)}`, body, otherwise: [] };
}

/** Where an absent label makes a negation hold, and this is to hold. */
const negated = (draw: Draw): Lines =>
  chance(draw, 0.05)
    ? [`not input.target.labels.${pick(draw, ['env', 'name'])} == ${literal(draw)}`]
    : [];

function sound(draw: Draw, name: string, computed: boolean): string {
  if (name === 'mask') return computed ? computedMask(draw) : mask(draw);
  if (name === 'approve') return computed ? computedApproval(draw) : approval(draw);
  return computed ? computedReason(draw) : reason(draw);
}

const reason = (draw: Draw): string =>
  choose(draw, 'reason', {
    text: () => message(draw),
    object: () => `{"id": ${message(draw)}, "msg": ${message(draw)}}`,
    without: () => `{"msg": ${message(draw)}}`,
  });

const computedReason = (draw: Draw): string =>
  choose(draw, 'computedReason', {
    concat: () => `concat(" ", ["because", ${source(draw)}])`,
    object: () => `{"id": ${message(draw)}, "msg": concat("", ["of ", ${source(draw)}])}`,
    id: () => `{"id": concat("/", ["r", ${source(draw)}]), "msg": ${message(draw)}}`,
    field: () => source(draw),
  });

const written = (draw: Draw): string => {
  const quorum = chance(draw, 0.5) ? [`"quorum": ${count(draw, 1, 3)}`] : [];
  const ttl = chance(draw, 0.5) ? [`"ttl": ${text(pick(draw, ['90s', '10m', '2h']))}`] : [];
  const id = chance(draw, 0.5) ? [`"id": ${message(draw)}`] : [];
  return [...quorum, ...ttl, ...id].map((member) => `, ${member}`).join('');
};

const approval = (draw: Draw): string =>
  choose(draw, 'approval', {
    list: () => `{"msg": ${message(draw)}, "groups": [${groups(draw)}]${written(draw)}}`,
    set: () => `{"msg": ${message(draw)}, "groups": {${groups(draw)}}${written(draw)}}`,
  });

const groups = (draw: Draw): string =>
  several(draw, 1, 5, () => text(pick(draw, ['dba', 'ops', 'security', 'ü', 'x\u0000']))).join(
    ', ',
  );

const computedApproval = (draw: Draw): string =>
  choose(draw, 'computedApproval', {
    message: () =>
      `{"msg": concat("", ["m", ${source(draw)}]), "groups": [${groups(draw)}]${written(draw)}}`,
    groupList: () =>
      `{"msg": ${message(draw)}, "groups": array.concat(["dba"], ${list(draw)})${written(draw)}}`,
    groupSet: () =>
      `{"msg": ${message(draw)}, "groups": {"dba"} | {item | some item in ${list(draw)}}${written(draw)}}`,
    anyGroups: () => `{"msg": ${message(draw)}, "groups": ${pick(draw, [list, set])(draw)}}`,
    quorum: () => `{"msg": ${message(draw)}, "groups": ["dba"], "quorum": ${amount(draw)}}`,
    ttl: () =>
      `{"msg": ${message(draw)}, "groups": {"dba"}, "ttl": concat("", [${text(pick(draw, ['1', '90', '']))}, ${text(pick(draw, ['m', 's', 'h', 'd', '']))}])}`,
  });

const column = (draw: Draw): string =>
  text(pick(draw, ['public.users.email', 'public.users.name', 'a.b.c']));

const mask = (draw: Draw): string =>
  `{"column": ${column(draw)}, "strategy": ${text(pick(draw, strategies))}}`;

const computedMask = (draw: Draw): string =>
  choose(draw, 'computedMask', {
    column: () => `{"column": ${anyText(draw)}, "strategy": ${text(pick(draw, strategies))}}`,
    strategy: () =>
      `{"column": ${column(draw)}, "strategy": lower(${text(pick(draw, ['HASH', 'Null', 'partail']))})}`,
    joined: () => `{"column": concat(".", ["public", ${source(draw)}]), "strategy": "hash"}`,
  });

/** Entries whose shape only shows when they are evaluated. */
const broken = (draw: Draw, name: string): string =>
  choose(draw, 'broken', {
    fields: () => brokenFields(draw, name),
    also: () => brokenFields(draw, name),
    list: () => `[${source(draw)}, ${amount(draw)}]`,
    value: () => `[${anything(draw)}]`,
    set: () => `{${source(draw)}}`,
    number: () => amount(draw),
  });

/** The right fields with values of any type. */
function brokenFields(draw: Draw, name: string): string {
  switch (name) {
    case 'approve':
      return `{"msg": ${anything(draw)}, "groups": ${anything(draw)}}`;
    case 'mask':
      return `{"column": ${anything(draw)}, "strategy": ${anyText(draw)}}`;
    default:
      return `{"id": ${anything(draw)}, "msg": ${anyText(draw)}}`;
  }
}

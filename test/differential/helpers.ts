// Helper rules and functions of every kind, and what they offer to the bodies of others.

import type { Offer } from './conditions.ts';
import { condition, strangeField } from './conditions.ts';
import type { Draw } from './draw.ts';
import { chance, choose, fresh, guarded, several } from './draw.ts';
import type { Lines } from './indexed.ts';
import { anyText, anything, labels, list, object, relations, set, source } from './terms.ts';
import type { Branch, Rule } from './policy.ts';
import { literal, text } from './vocabulary.ts';

interface Helpers {
  readonly rules: readonly Rule[];
  readonly offers: readonly Offer[];
}

interface Helper {
  readonly rules: readonly Rule[];
  readonly kind: Offer['kind'];
}

/** As the package's own rules may name it. */
export const local = (offer: Offer): Offer => ({
  ...offer,
  ref: offer.ref.slice(offer.ref.lastIndexOf('.') + 1),
});

const rule = (head: string, body: Lines = [], otherwise: readonly Branch[] = []): Rule => ({
  head,
  body,
  otherwise,
});

export function helpers(draw: Draw, where: string): Helpers {
  const rules: Rule[] = [];
  const offers: Offer[] = [];
  for (const name of several(draw, 1, 5, () => fresh(draw, 'h'))) {
    // Its own package's, so by their short names, and only the earlier ones: recursion is refused.
    const known = offers.map(local);
    const own = chance(draw, 0.3) ? draw : guarded(draw);
    const made = helper(own, name, known, where.startsWith('data.lib.'));
    rules.push(...made.rules);
    offers.push({ kind: made.kind, ref: `${where}.${name}`, open: !own.guarded });
  }
  return { rules, offers };
}

const helper = (draw: Draw, name: string, offers: readonly Offer[], lib: boolean): Helper => {
  const body = (): Lines => several(draw, 1, 2, () => condition(draw, offers)).flat();
  return choose<Helper>(draw, 'helper', {
    truth: () => ({ kind: 'truth', rules: [rule(name, body()), rule(name, body())] }),
    defaulted: () => ({
      kind: 'truth',
      rules: [
        rule(`default ${name} := ${chance(draw, 0.5) ? 'false' : 'true'}`),
        rule(`${name} := false`, body()),
      ],
    }),
    text: () => ({ kind: 'value', rules: [rule(`${name} := ${anyText(draw)}`, body())] }),
    otherwise: () => ({
      kind: 'value',
      rules: [
        rule(`${name} := ${literal(draw)}`, body(), [
          { value: source(draw), body: body() },
          { value: literal(draw), body: [] },
        ]),
      ],
    }),
    conflicting: () => ({
      kind: 'value',
      rules: [
        rule(`${name} := ${literal(draw)}`, body()),
        rule(`${name} := ${source(draw)}`, body()),
      ],
    }),
    defaultText: () => ({
      kind: 'value',
      rules: [
        rule(`default ${name} := ${literal(draw)}`),
        rule(`${name} := ${source(draw)}`, body()),
      ],
    }),
    set: () => {
      const item = fresh(draw);
      // It may be counted.
      const body = (): Lines => condition(guarded(draw), offers).flat();
      return {
        kind: 'value',
        rules: [
          rule(`${name} contains ${item}`, [`some ${item} in ${list(draw)}`, ...body()]),
          rule(`${name} contains ${literal(draw)}`, body()),
        ],
      };
    },
    table: () => ({ kind: 'value', rules: [rule(`${name} := ${set(draw)}`)] }),
    objectTable: () => ({ kind: 'value', rules: [rule(`${name} := ${object(draw)}`)] }),
    object: () => {
      const [key, value] = [fresh(draw), fresh(draw)];
      return {
        kind: 'value',
        rules: [
          rule(`${name}[${key}] := ${value}`, [`some ${key}, ${value} in ${labels}`, ...body()]),
        ],
      };
    },
    deepObject: () => {
      const one = fresh(draw);
      return {
        kind: 'value',
        rules: [
          rule(`${name}[${one}.access] contains ${one}.name`, [`some ${one} in ${relations}`]),
        ],
      };
    },
    fieldKey: () => ({
      kind: 'value',
      rules: [rule(`${name}[input.principal.id] := ${literal(draw)}`, body())],
    }),
    function: () => {
      const given = fresh(draw, 'given');
      return {
        kind: 'function',
        rules: [
          rule(
            `${name}(${given}) := ${literal(draw)}`,
            [`${given} == loose(${anything(draw)})`, ...body()],
            [{ value: literal(draw), body: body() }],
          ),
        ],
      };
    },
    field: () => ({
      kind: 'function',
      rules: [
        rule(`${name}(given) := ${draw.guarded ? literal(draw) : 'given.command'}`, [
          'is_object(given)',
        ]),
        rule(`${name}(given) := ${literal(draw)}`, ['is_string(given)']),
      ],
    }),
    tableFunction: () => ({
      kind: 'textFunction',
      rules: [
        rule(
          `${name}(given) := ${draw.guarded ? 'object.get(' : ''}{${several(draw, 4, 6, () =>
            fresh(draw, 'k'),
          )
            .map((key) => `${text(key)}: ${literal(draw)}`)
            .join(', ')}, ${literal(draw)}: "hit"}${draw.guarded ? ', given, "miss")' : '[given]'}`,
        ),
      ],
    }),
    matched: () => ({
      kind: 'textFunction',
      rules: [
        rule(`${name}(${literal(draw)}) := ${literal(draw)}`),
        rule(`default ${name}(_) := ${literal(draw)}`),
      ],
    }),
    predicate: () => ({
      kind: 'predicate',
      rules: [
        rule(`${name}(one, other)`, ['one == other']),
        rule(`${name}(one, _)`, ['is_object(one)', ...body()]),
      ],
    }),
    matchedList: () => {
      const items = several(draw, 4, 6, () => literal(draw)).join(', ');
      return {
        kind: 'value',
        rules: [
          rule(`${name}_of([${items}]) := ${literal(draw)}`),
          rule(`default ${name}_of(_) := ${literal(draw)}`),
          rule(`${name} := {${name}_of([${items}]), ${name}_of(loose(${anything(draw)}))}`),
        ],
      };
    },
    member: () => ({ kind: 'predicate', rules: [rule(`${name}(one, other)`, ['other in one'])] }),
    stranger: () => ({
      kind: 'value',
      rules: [rule(`${name} := ${lib && !draw.guarded ? strangeField(draw) : source(draw)}`)],
    }),
    strangerLookup: () => ({
      kind: 'value',
      rules: [
        rule(`${name} := object.get(input.target.labels, ${literal(draw)}, input.principal.id)`),
      ],
    }),
  });
};

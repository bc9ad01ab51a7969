// Whole policies: packages with their rules as parts that can be left out one by one, and the documents beside them.

import type { JsonObject } from '../../engine/model/index.ts';
import type { PolicyFile } from '../../engine/policy/index.ts';
import type { Random } from '../support/random.ts';
import type { Offer } from './conditions.ts';
import { condition } from './conditions.ts';
import type { Draw } from './draw.ts';
import { chance, count, guarded, newDraw, several } from './draw.ts';
import { contributed } from './entries.ts';
import { helpers, local } from './helpers.ts';
import type { Lines } from './indexed.ts';
import { lookedUp } from './indexed.ts';
import { inputNumber, literal, sharedWords, word } from './vocabulary.ts';

export interface Branch {
  readonly value: string;
  readonly body: Lines;
}

export interface Rule {
  readonly head: string;
  /** Nothing for a rule that always holds. */
  readonly body: Lines;
  readonly otherwise: readonly Branch[];
}

export interface Package {
  readonly name: string;
  readonly imports: Lines;
  readonly rules: readonly Rule[];
}

export interface Policy {
  readonly packages: readonly Package[];
  readonly documents: JsonObject;
}

export interface Generated {
  readonly policy: Policy;
  readonly words: readonly string[];
  readonly taken: ReadonlySet<string>;
}

const blockOf = (body: Lines): string =>
  body.length === 0 ? '' : ` if {\n\t${body.join('\n\t')}\n}`;

const ruleText = ({ head, body, otherwise }: Rule): string =>
  [
    head + blockOf(body),
    ...otherwise.map(({ value, body }) => `else := ${value}${blockOf(body)}`),
  ].join(' ');

/** Of any type to OPA's checker, so that any two values may be compared. */
const loose: Rule = { head: 'loose(value) := value', body: [], otherwise: [] };

function packageText({ name, imports, rules }: Package): string {
  const texts = rules.map(ruleText);
  const needed = texts.some((text) => text.includes('loose(')) ? [ruleText(loose)] : [];
  return [
    `package ${name}`,
    ...imports.map((path) => `import ${path}`),
    ...needed,
    ...texts,
    '',
  ].join('\n\n');
}

export const filesOf = ({ packages, documents }: Policy): readonly PolicyFile[] => [
  ...packages.map((each, at) => ({ path: `p${at}.rego`, text: packageText(each) })),
  { path: 'data.json', text: JSON.stringify(documents) },
];

export function generatePolicy(random: Random): Generated {
  const draw = newDraw(random, sharedWords(random));
  if (chance(draw, 0.2)) return { policy: fewRules(draw), words: draw.words, taken: draw.taken };
  const packages: Package[] = [];
  const offers: Offer[] = [];
  if (chance(draw, 0.5)) {
    const library = helpers(draw, 'data.lib.help');
    packages.push({ name: 'lib.help', imports: [], rules: library.rules });
    offers.push(...library.offers);
  }
  for (let at = count(draw, 1, 3); at > 0; at -= 1) {
    // What is read whole is read for what it lacks, too.
    const own = chance(draw, 0.4) ? guarded(draw) : draw;
    const made = rulesPackage(own, `rules.postgres.p${at}`, offers);
    packages.push(made.package);
    // Only what comes later may refer to it: recursion is refused.
    offers.push(...made.offers);
    if (own.guarded) offers.push(...wholes(made.package));
  }
  return { policy: { packages, documents: documents(draw) }, words: draw.words, taken: draw.taken };
}

/** Where few rules read few facts, what is sent and remembered of the rest shows. */
function fewRules(draw: Draw): Policy {
  const ofCommand = (draw: Draw): Lines => [
    `input.statement.command == ${literal(draw)}`,
    ...lookedUp(draw),
  ];
  const rules = [
    ...several(draw, 1, 3, () => contributed(draw, { computed: false, body: ofCommand })),
    ...several(draw, 0, 1, () => probe(draw)),
  ];
  const name = 'rules.postgres.p1';
  return { packages: [{ name, imports: [], rules }], documents: documents(draw) };
}

const wholes = ({ name, rules }: Package): readonly Offer[] => {
  const sets = rules.flatMap(({ head }) => /^(?:allow|deny|mask)(?= contains)/.exec(head) ?? []);
  const ref = `data.${name}`;
  return [
    { kind: 'package', ref, open: false },
    ...sets
      .slice(0, 1)
      .map((set): Offer => ({ kind: 'contributions', ref: `${ref}.${set}`, open: false })),
  ];
};

function rulesPackage(draw: Draw, name: string, offers: readonly Offer[]) {
  const own = chance(draw, 0.4) ? helpers(draw, `data.${name}`) : { rules: [], offers: [] };
  const imported = offers.some(({ ref }) => ref.startsWith('data.lib.help.')) && chance(draw, 0.5);
  const known = [
    ...offers.map((offer) => (imported ? short(offer) : offer)),
    ...own.offers.map(local),
  ];
  const rules = [
    ...several(draw, 1, 8, () => contribution(draw, known)),
    ...(chance(draw, 0.5) ? family(draw, known) : []),
    ...several(draw, 2, 12, () => probe(draw)),
    ...(chance(draw, 0.1) ? several(draw, 9, 20, () => contribution(draw, known)) : []),
  ];
  // An import that nothing uses is refused.
  const used = imported && rules.map(ruleText).some((text) => text.includes('aid.'));
  if (used) draw.taken.add('package/import');
  const imports = used ? ['data.lib.help as aid'] : [];
  return { package: { name, imports, rules: [...own.rules, ...rules] }, offers: own.offers };
}

const short = (offer: Offer): Offer => ({
  ...offer,
  ref: offer.ref.replace(/^data\.lib\.help\./, 'aid.'),
});

const contribution = (draw: Draw, offers: readonly Offer[]): Rule =>
  contributed(draw, {
    computed: chance(draw, 0.3),
    body: (draw) =>
      several(draw, chance(draw, 0.1) ? 0 : 1, 3, () => condition(draw, offers)).flat(),
  });

/** A rule of one condition that can be looked up: where that is overlooked, nothing else hides it. */
const probe = (draw: Draw): Rule => contributed(draw, { computed: false, body: lookedUp });

/** Rules about the same sources, as policies have them. */
function family(outer: Draw, offers: readonly Offer[]): readonly Rule[] {
  outer.taken.add('package/family');
  const draw = guarded(outer);
  const pattern = lookedUp(draw).join('\u0001');
  const quoted = /"(?:[^"\\]|\\.)*"/g;
  const body = (draw: Draw): Lines => [
    ...pattern
      .replace(quoted, (old) =>
        chance(draw, 0.6) && !isKey(old) ? JSON.stringify(word(draw)) : old,
      )
      .split('\u0001'),
    ...(chance(draw, 0.3) ? condition(draw, offers) : []),
    ...(chance(draw, 0.3) ? lookedUp(draw) : []),
  ];
  return several(draw, 4, 12, () => contributed(draw, { computed: chance(draw, 0.1), body }));
}

/** Words that name a field, without which the pattern would be about something else or refused. */
const isKey = (quoted: string): boolean =>
  /^"(principal|session|target|statement|labels|groups|id|kind|client|application|name|database|command|columns|functions|access|env)"$/.test(
    quoted,
  );

const documents = (draw: Draw): JsonObject => ({
  tables: {
    names: several(draw, 0, 5, () => word(draw)),
    byName: Object.fromEntries(several(draw, 0, 5, () => [word(draw), word(draw)] as const)),
    numbers: several(draw, 0, 3, () => inputNumber(draw)),
  },
});

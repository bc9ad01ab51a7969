// Whole policies: packages with their rules as parts that can be left out one by one, and the documents beside them.

import type { JsonObject } from '../../engine/model/index.ts';
import type { PolicyFile } from '../../engine/policy/index.ts';
import type { Random } from '../support/random.ts';
import type { Lines, Offer } from './conditions.ts';
import { condition, lookedUp } from './conditions.ts';
import type { Draw } from './draw.ts';
import { chance, count, pick, several } from './draw.ts';
import { contributed } from './entries.ts';
import { helpers } from './helpers.ts';
import { inputNumber, sharedWords, word } from './vocabulary.ts';

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
  const draw: Draw = { random, taken: new Set(), words: sharedWords(random), names: 0 };
  const packages: Package[] = [];
  const offers: Offer[] = [];
  if (chance(draw, 0.5)) {
    const library = helpers(draw, 'data.lib.help');
    packages.push({ name: 'lib.help', imports: [], rules: library.rules });
    offers.push(...library.offers);
  }
  for (let at = count(draw, 1, 3); at > 0; at -= 1) {
    const made = rulesPackage(draw, `rules.postgres.p${at}`, offers);
    packages.push(made.package);
    // Only what comes later may refer to it: recursion is refused.
    offers.push({
      kind: 'contributions',
      ref: `data.${made.package.name}.${pick(draw, ['deny', 'allow', 'mask'])}`,
    });
    offers.push({ kind: 'package', ref: `data.${made.package.name}` }, ...made.offers);
  }
  return { policy: { packages, documents: documents(draw) }, words: draw.words, taken: draw.taken };
}

function rulesPackage(draw: Draw, name: string, offers: readonly Offer[]) {
  const own = chance(draw, 0.4) ? helpers(draw, `data.${name}`) : { rules: [], offers: [] };
  const local = own.offers.map(({ kind, ref }) => ({
    kind,
    ref: ref.slice(ref.lastIndexOf('.') + 1),
  }));
  const imported = offers.some(({ ref }) => ref.startsWith('data.lib.help.')) && chance(draw, 0.5);
  const known = [...offers.map((offer) => (imported ? short(offer) : offer)), ...local];
  const rules = [
    ...several(draw, 1, 8, () => contribution(draw, known)),
    ...(chance(draw, 0.5) ? family(draw, known) : []),
    ...(chance(draw, 0.1) ? several(draw, 9, 20, () => contribution(draw, known)) : []),
  ];
  // An import that nothing uses is refused.
  const used = imported && rules.map(ruleText).some((text) => text.includes('aid.'));
  if (used) draw.taken.add('package/import');
  const imports = used ? ['data.lib.help as aid'] : [];
  return { package: { name, imports, rules: [...own.rules, ...rules] }, offers: own.offers };
}

const short = ({ kind, ref }: Offer): Offer => ({
  kind,
  ref: ref.replace(/^data\.lib\.help\./, 'aid.'),
});

const contribution = (draw: Draw, offers: readonly Offer[]): Rule => {
  const body = several(draw, chance(draw, 0.1) ? 0 : 1, 3, () => condition(draw, offers)).flat();
  return contributed(draw, chance(draw, 0.3), body);
};

/** Rules about the same sources, so that there are enough of them for an index. */
function family(draw: Draw, offers: readonly Offer[]): readonly Rule[] {
  draw.taken.add('package/family');
  const pattern = lookedUp(draw).join('\u0001');
  const quoted = /"(?:[^"\\]|\\.)*"/g;
  const body = (): Lines => [
    ...pattern
      .replace(quoted, (old) =>
        chance(draw, 0.6) && !isKey(old) ? JSON.stringify(word(draw)) : old,
      )
      .split('\u0001'),
    ...(chance(draw, 0.3) ? condition(draw, offers) : []),
    ...(chance(draw, 0.3) ? lookedUp(draw) : []),
  ];
  return several(draw, 4, 12, () => contributed(draw, chance(draw, 0.1), body()));
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

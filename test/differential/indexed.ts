// Conditions that the compiler's index looks up: every form that it recognises, and near misses of each.

import type { Draw } from './draw.ts';
import { chance, choose, chooseGuarded, count, fresh, pick, several } from './draw.ts';
import { defaulted, labels, list, relations, source } from './terms.ts';
import { labelName, literal, number, prefix, scalar, text } from './vocabulary.ts';

/** Lines of a body; all must hold. */
export type Lines = readonly string[];

export const line = (...lines: string[]): Lines => lines;

const literalSet = (draw: Draw, low: number, high: number): string =>
  `{${several(draw, low, high, () => literal(draw)).join(', ')}}`;

export const literalList = (draw: Draw, low: number, high: number): string =>
  `[${several(draw, low, high, () => literal(draw)).join(', ')}]`;

/** A comparison that says which texts a term may be. */
export const oneOfTexts = (draw: Draw, term: string): string =>
  chooseGuarded(draw, 'texts', {
    always: {
      equal: () => `${term} == ${literal(draw)}`,
      equalAlso: () => `${term} == ${literal(draw)}`,
      turned: () => `${literal(draw)} == ${term}`,
      unified: () => `${term} = ${literal(draw)}`,
      inSet: () => `${term} in ${literalSet(draw, 1, 3)}`,
      inList: () => `${term} in ${literalList(draw, 1, 5)}`,
      inLargeSet: () => `${term} in ${literalSet(draw, 4, 8)}`,
      inMixed: () => `${term} in {${literal(draw)}, ${number(draw)}, null}`,
      inComputed: () => `${term} in {${source(draw)}, ${source(draw)}}`,
      inObject: () => `${term} in {"a": ${literal(draw)}, "b": ${literal(draw)}}`,
      keyLookup: () => `object.get({${literal(draw)}: true, "x": false}, ${term}, false)`,
      inMeeting: () => `count(${literalSet(draw, 4, 8)} & {${term}}) == 1`,
      prefix: () => `startswith(${term}, ${prefix(draw)})`,
      suffix: () => `endswith(${term}, ${literal(draw)})`,
    },
    unguarded: {
      asKey: () => `{${literal(draw)}: true, "x": false}[${term}]`,
      setMember: () => `${literalSet(draw, 1, 6)}[${term}]`,
    },
  });

/** A comparison with constants of any type; the checker must not know the term's. */
const oneOfScalars = (draw: Draw, term: string): string =>
  choose(draw, 'scalars', {
    equal: () => `${term} == ${scalar(draw)}`,
    turned: () => `${scalar(draw)} == ${term}`,
    unlike: () => `${term} != ${scalar(draw)}`,
    inSet: () => `${term} in ${scalarSet(draw, scalar(draw))}`,
    inList: () => `${term} in [${scalar(draw)}, ${scalar(draw)}]`,
    inDeep: () => `${term} in [${scalar(draw)}, [${scalar(draw)}], {}]`,
  });

/** With one of the term's own type, without which the checker refuses it. */
const scalarSet = (draw: Draw, own: string): string =>
  `{${[...several(draw, 0, 4, () => scalar(draw)), own].join(', ')}}`;

/** A fact that is no text, with constants of which it may be one. */
export const scalarCondition = (draw: Draw): string => {
  const limit = 'input.statement.limit';
  const truth = `input.statement.${pick(draw, ['where', 'truncated'])}`;
  return choose(draw, 'scalar', {
    limit: () => `${limit} == ${number(draw)}`,
    limitIn: () => `${limit} in ${scalarSet(draw, number(draw))}`,
    truth: () => `${truth} == ${pick(draw, ['true', 'false'])}`,
    truthIn: () => `${truth} in ${scalarSet(draw, pick(draw, ['true', 'false']))}`,
    started: () => `input.session.started_at == ${number(draw)}`,
    defaulted: () => oneOfScalars(draw, defaulted(draw)),
    absent: () => {
      const meaning = scalar(draw);
      return `object.get(${labels}, ${labelName(draw)}, ${meaning}) == ${meaning}`;
    },
    absentFact: () => {
      const meaning = scalar(draw);
      const fact = text(pick(draw, ['limit', 'where', 'command']));
      return `object.get(input.statement, ${fact}, ${meaning}) in {${meaning}, ${scalar(draw)}}`;
    },
    textIn: () => `${source(draw)} in ${scalarSet(draw, literal(draw))}`,
    elementIn: () =>
      `${scalar(draw)} in object.get(input.statement, ${text(pick(draw, ['columns', 'functions']))}, [${scalar(draw)}])`,
  });
};

/** Conditions that an index could look up, and their near misses. */
export const lookedUp = (draw: Draw): Lines =>
  chance(draw, 0.2) ? line(scalarCondition(draw)) : textual(draw);

const textual = (draw: Draw): Lines =>
  chooseGuarded<Lines>(draw, 'indexed', {
    always: {
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
          draw.guarded ? ['target', 'database'] : ['target', 'labels.env'],
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
        return line(
          `some ${one} in ${relations}`,
          `${name} := ${one}.name`,
          oneOfTexts(draw, name),
        );
      },
      twoFields: () => {
        const name = fresh(draw);
        return line(
          `some ${name} in ${relations}`,
          `${name}.name == ${literal(draw)}`,
          `${name}.access == ${literal(draw)}`,
        );
      },
      elementOfElement: () => {
        const [one, name] = [fresh(draw), fresh(draw)];
        return line(
          `some ${one} in ${relations}`,
          `some ${name} in ${one}`,
          oneOfTexts(draw, name),
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
      scalarAlso: () => line(scalarCondition(draw), scalarCondition(draw)),
      scalarAlias: () => {
        const name = fresh(draw);
        return line(`${name} := ${defaulted(draw)}`, oneOfScalars(draw, name));
      },
      scalarElement: () => {
        const name = fresh(draw);
        return line(
          `some ${name} in ${list(draw)}`,
          `${name} in ${scalarSet(draw, literal(draw))}`,
        );
      },
      scalarField: () => {
        const name = fresh(draw);
        return line(
          `some ${name} in ${relations}`,
          `${name}.access in ${scalarSet(draw, text('read'))}`,
        );
      },
      scalarWildcard: () => line(`${relations}[_].name in ${scalarSet(draw, literal(draw))}`),
      prefixOfField: () => line(`startswith(${relations}[_].name, ${prefix(draw)})`),
      prefixOfElement: () => {
        const name = fresh(draw);
        return line(`some ${name} in ${list(draw)}`, `startswith(${name}, ${prefix(draw)})`);
      },
      prefixAndMore: () =>
        line(`startswith(${source(draw)}, ${prefix(draw)})`, oneOfTexts(draw, source(draw))),
    },
    unguarded: {
      key: () => line(`some ${literal(draw)}, _ in ${labels}`),
      boundVariable: () => {
        const index = fresh(draw, 'i');
        return line(
          `${index} := ${count(draw, 0, 1)}`,
          oneOfTexts(draw, `input.principal.groups[${index}]`),
        );
      },
      anyElement: () => {
        const name = fresh(draw);
        return line(
          `some ${name} in object.get(input.statement, "columns", [${scalar(draw)}])`,
          oneOfScalars(draw, name),
        );
      },
      anyField: () => {
        const name = fresh(draw);
        return line(
          `some ${name} in object.get(input.statement, "relations", [{"name": ${scalar(draw)}}])`,
          oneOfScalars(
            draw,
            `${name}.${pick(draw, ['name', 'access', 'name.deep', 'name.deep', 'extra'])}`,
          ),
        );
      },
      belowDefault: () => {
        const [name, meaning] = [fresh(draw), literal(draw)];
        return line(
          `${name} := object.get(input.statement, "relations", {"name": ${meaning}})`,
          `${name}.name == ${meaning}`,
        );
      },
      anyWildcard: () => line(oneOfScalars(draw, `loose(${relations})[_].name`)),
      prefixOfAny: () => line(`startswith(${defaulted(draw)}, ${prefix(draw)})`),
    },
  });

const element = (draw: Draw, of: string): Lines => {
  const name = fresh(draw);
  return line(`some ${name} in ${of}`, oneOfTexts(draw, name));
};

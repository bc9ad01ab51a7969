// Texts that were analysed before, for clients send the same ones again and again, or such that differ in literals only.

import { analyse } from './analyse.ts';
import { constantsIn } from './analysis/constants.ts';
import { provenSafe } from './analysis/settings.ts';
import type { Catalog } from './catalog.ts';
import { parseSql } from './parser.ts';
import type { TextShape } from './text-shape.ts';
import { shapeOf } from './text-shape.ts';
import type { AnalysedStatement, AnalyseOptions, Analysed, Refused } from './types.ts';

const entriesMax = 1000;
/** Of the literals of one shape that matter. */
const valuesMax = 16;
/** UTF-16 units of a text: longer ones seldom come again. */
const textMax = 4096;

/** Of one catalog. */
interface Known {
  readonly texts: Map<string, Analysed | Refused>;
  readonly shapes: Map<string, KnownShape>;
}

/** A shape, and what its texts are by the values of those literals that matter. */
interface KnownShape {
  /** What was left out of it is constants, each the whole of one: nothing is remembered by any other shape. */
  readonly isSound: boolean;
  /** Numbers of the literals on whose values an analysis depended. */
  readonly mattering: ReadonlySet<number>;
  readonly byValues: Map<string, AnalysedStatement>;
}

const none: ReadonlySet<number> = new Set();

const caches = new WeakMap<Catalog, Known>();

/**
 * As `analyse`, answered from memory where the same text came before, or one that differs in literals only whose values
 * the analysis never looked at. Facts of such texts are frozen: the engine remembers what it ruled on those.
 */
export function analyseAgain(
  text: string,
  catalog: Catalog,
  options: AnalyseOptions,
): Analysed | Refused {
  // Other settings decide whether a text may be analysed at all.
  if (text.length > Math.min(textMax, options.statementBytesMax) || !provenSafe(options.settings)) {
    return analyse(text, catalog, options);
  }
  let known = caches.get(catalog);
  if (known === undefined) caches.set(catalog, (known = { texts: new Map(), shapes: new Map() }));
  const before = known.texts.get(text);
  if (before !== undefined) return frozen(before);
  const shape = shapeOf(text);
  const alike = shape === undefined ? undefined : recall(known.shapes, shape);
  if (alike !== undefined) return frozen({ kind: 'analysed', statements: [{ ...alike, text }] });
  const analysed = analyse(text, catalog, options);
  if (known.texts.size >= entriesMax) known.texts.clear();
  known.texts.set(text, analysed);
  const only = analysed.kind === 'analysed' && analysed.statements.length === 1;
  if (shape !== undefined && only) remember(known.shapes, shape, analysed.statements[0]);
  return analysed;
}

function recall(shapes: Known['shapes'], shape: TextShape): AnalysedStatement | undefined {
  const known = shapes.get(shape.shape);
  return known?.byValues.get(valuesOf(shape, known.mattering));
}

function remember(
  shapes: Known['shapes'],
  shape: TextShape,
  statement: AnalysedStatement | undefined,
): void {
  if (statement === undefined) return;
  let known = shapes.get(shape.shape);
  const mattering = matteringIn(shape, statement.consulted);
  const before = known?.mattering ?? none;
  if (known === undefined || mattering.some((index) => !before.has(index))) {
    if (shapes.size >= entriesMax) shapes.clear();
    const isSound = known?.isSound ?? leavesOutConstants(shape, statement.text);
    // What was kept by the values of fewer literals is forgotten with them.
    known = { isSound, mattering: new Set([...before, ...mattering]), byValues: new Map() };
    shapes.set(shape.shape, known);
  }
  if (!known.isSound) return;
  if (known.byValues.size >= valuesMax) known.byValues.clear();
  known.byValues.set(valuesOf(shape, known.mattering), statement);
}

/** The parser's word for it: the lexer here is not the only one that must be right. */
function leavesOutConstants({ literals }: TextShape, text: string): boolean {
  const parsed = parseSql(text, textMax);
  if (parsed.kind === 'refused') return false;
  const places = constantsIn(parsed.statements);
  return literals.every(({ from, at }) => {
    let found = 0;
    for (let place = from; place <= at; place += 1) if (places.has(place)) found += 1;
    return found === 1;
  });
}

function matteringIn({ literals }: TextShape, consulted: ReadonlySet<number>): readonly number[] {
  const places = [...consulted];
  const matters = ({ from, at }: TextShape['literals'][number]): boolean =>
    places.some((place) => from <= place && place <= at);
  return literals.flatMap((literal, index) => (matters(literal) ? [index] : []));
}

/** In the order of the text; what parts them is in no literal. */
function valuesOf({ literals }: TextShape, mattering: ReadonlySet<number>): string {
  if (mattering.size === 0) return '';
  return literals.flatMap(({ text }, index) => (mattering.has(index) ? [text] : [])).join('\u0001');
}

/** For what will be judged again: the engine remembers what it ruled on facts that cannot change. */
export function frozen<Result extends Analysed | Refused>(analysed: Result): Result {
  if (analysed.kind === 'refused') return analysed;
  for (const { judged } of analysed.statements) judged.forEach((facts) => Object.freeze(facts));
  return analysed;
}

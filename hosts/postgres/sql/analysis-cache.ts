// Texts that were analysed before, for clients send the same ones again and again.

import { analyse } from './analyse.ts';
import { provenSafe } from './analysis/settings.ts';
import type { Catalog } from './catalog.ts';
import type { AnalyseOptions, Analysed, Refused } from './types.ts';

const textsMax = 1000;
/** UTF-16 units of a text: longer ones seldom come again. */
const textMax = 4096;

const caches = new WeakMap<Catalog, Map<string, Analysed | Refused>>();

/**
 * As `analyse`, answered from memory where the same text came before. Facts of such texts are frozen: the engine remembers
 * what it ruled on those.
 */
export function analyseAgain(
  text: string,
  catalog: Catalog,
  options: AnalyseOptions,
): Analysed | Refused {
  // Other settings decide whether a text may be analysed at all.
  if (text.length > textMax || !provenSafe(options.settings)) {
    return analyse(text, catalog, options);
  }
  let known = caches.get(catalog);
  if (known === undefined) caches.set(catalog, (known = new Map<string, Analysed | Refused>()));
  const before = known.get(text);
  if (before !== undefined) return frozen(before);
  const analysed = analyse(text, catalog, options);
  if (known.size >= textsMax) known.clear();
  known.set(text, analysed);
  return analysed;
}

function frozen(analysed: Analysed | Refused): Analysed | Refused {
  if (analysed.kind === 'refused') return analysed;
  for (const { judged } of analysed.statements) judged.forEach((facts) => Object.freeze(facts));
  return analysed;
}

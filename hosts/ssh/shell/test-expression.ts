// Arguments of `test` and `[`: which of them bash evaluates, and whether unknown ones could turn into operators.

import type { Reading } from './place.ts';
import type { Value } from './value.ts';
import { isSingle } from './value.ts';

const unary = /^-[a-hknoprstuwxzGLNOS]$/;
const binary = /^(?:=|==|!=|<|>|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/;

export function checkTest(args: readonly Value[], { found }: Reading): void {
  const last = args.at(-1);
  const operands = last?.kind === 'literal' && last.text === ']' ? args.slice(0, -1) : args;
  const segments: Value[][] = [[]];
  for (const value of operands) {
    const text = value.kind === 'literal' ? value.text : undefined;
    if (text === '-a' || text === '-o') segments.push([]);
    else if (text !== '(' && text !== ')' && !(text === '!' && segments.at(-1)?.length === 0)) {
      segments.at(-1)?.push(value);
    }
  }
  if (!segments.every(isPlain)) found.doubt('reevaluated');
}

/** Nothing in it is a name with a subscript (`-v 'a[$(id)]'`), and no unknown value can make it one. */
function isPlain(segment: readonly Value[]): boolean {
  const [first, second] = segment;
  if (segment.length > 3 || !segment.every(isSingle)) return false;
  if (segment.length < 2) return true;
  if (segment.length === 3) return second?.kind === 'literal' && binary.test(second.text);
  if (first?.kind !== 'literal') return false;
  if (unary.test(first.text)) return true;
  return first.text === '-v' && second?.kind === 'literal' && /^\w+$/.test(second.text);
}

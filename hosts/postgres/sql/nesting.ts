// An upper bound of a statement's syntax-tree depth, taken from its text before the recursive parser may
// touch it.

import {
  closeBracket,
  closeParen,
  comma,
  dot,
  isWordStart,
  openBracket,
  openParen,
  semicolon,
  tokenEnd,
} from './tokens.ts';

/**
 * Depth that neither parser nor visitor may exceed. By experiment on Node 24 the worst shape per unit
 * (sub-selects, 3 units a level) overflows between 3,000 and 6,000; most between 8,000 and 16,000.
 */
export const nestingMax = 1000;

// These nest their operands without brackets and across commas, AND and OR, so they add up over a whole level.
const chains = new Set(['case', 'between']);
// So do these, but no expression reaches across them.
const breaks = new Set(['union', 'except', 'intersect', 'join']);

interface Level {
  /** Tokens since the last comma, AND or OR: an expression is no deeper than its tokens. */
  run: number;
  /** Deepest bracket in that run. */
  child: number;
  /** Deepest earlier run. */
  deepest: number;
  chained: number;
}

const newLevel = (): Level => ({ run: 0, child: 0, deepest: 0, chained: 0 });

const endRun = (level: Level): void => {
  level.deepest = Math.max(level.deepest, level.run + level.child);
  level.run = 0;
  level.child = 0;
};

const depthOf = (level: Level): number =>
  Math.max(level.deepest, level.run + level.child) + level.chained;

/** True when the parsed tree could be deeper than `nestingMax`; may say so of a flatter one, never the reverse. */
export const nestsTooDeep = (text: string): boolean =>
  // Every unit of depth takes at least one character.
  text.length > nestingMax && nestingBound(text) > nestingMax;

/** The bound itself, in units that each stand for at most four nested syntax nodes; stops at `nestingMax`. */
export function nestingBound(text: string): number {
  const open: Level[] = [];
  let level = newLevel();
  // Function bodies nest across semicolons.
  let bodies = 0;
  let deepest = 0;
  let afterDot = false;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    const end = tokenEnd(text, at, code);
    if (end > at) {
      const word = wordAt(text, at, end);
      // `a.and || a.and || …`: after a dot a keyword is only a name.
      if (!afterDot && (word === 'and' || word === 'or')) endRun(level);
      else if (chains.has(word)) level.chained += 1;
      else if (breaks.has(word)) {
        level.chained += 1;
        endRun(level);
      } else if (word === 'atomic') bodies += 1;
      else level.run += 1;
      afterDot = code === dot;
      at = end;
      continue;
    }
    at = -end;
    if (code === openParen || code === openBracket) {
      level.run += 1;
      open.push(level);
      if (open.length > nestingMax) return Infinity;
      level = newLevel();
    } else if (code === closeParen || code === closeBracket) {
      const inner = depthOf(level) + 1;
      level = open.pop() ?? level;
      level.child = Math.max(level.child, inner);
    } else if (code === comma) {
      endRun(level);
    } else if (code === semicolon) {
      deepest = Math.max(deepest, depthOf(level));
      level = newLevel();
    }
  }
  for (const outer of open) deepest = Math.max(deepest, depthOf(outer));
  return Math.max(deepest, depthOf(level)) + bodies;
}

function wordAt(text: string, at: number, end: number): string {
  const length = end - at;
  return length >= 2 && length <= 9 && isWordStart(text.charCodeAt(at))
    ? text.slice(at, end).toLowerCase()
    : '';
}

// An upper bound of a statement's syntax-tree depth, taken from its text before the recursive parser may
// touch it. Lexes as PostgreSQL's scan.l does under standard_conforming_strings, which is what the parser assumes.

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

const openParen = 0x28;
const closeParen = 0x29;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const semicolon = 0x3b;
const quote = 0x27;
const doubleQuote = 0x22;
const dollar = 0x24;
const dot = 0x2e;
const minus = 0x2d;
const slash = 0x2f;
const star = 0x2a;
const backslash = 0x5c;
const newline = 0x0a;
const carriageReturn = 0x0d;

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
const isWordStart = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code >= 0x80;

/** The end of the token at `at`; negative, the end alone, for what is no token (space, comment) or is punctuation. */
function tokenEnd(text: string, at: number, code: number): number {
  if (isSpace(code)) return -(at + 1);
  if (isWordStart(code)) return wordEnd(text, at, code);
  const next = text.charCodeAt(at + 1);
  switch (code) {
    case openParen:
    case closeParen:
    case openBracket:
    case closeBracket:
    case comma:
    case semicolon:
      return -(at + 1);
    case quote:
    case doubleQuote:
      return quotedEnd(text, at + 1, code);
    case dollar:
      return dollarEnd(text, at);
    case minus:
      return next === minus ? -lineEnd(text, at) : at + 1;
    case slash:
      return next === star ? -commentEnd(text, at + 2) : at + 1;
    default:
      return isDigit(code) ? numberEnd(text, at) : at + 1;
  }
}

function wordAt(text: string, at: number, end: number): string {
  const length = end - at;
  return length >= 2 && length <= 9 && isWordStart(text.charCodeAt(at))
    ? text.slice(at, end).toLowerCase()
    : '';
}

function wordEnd(text: string, at: number, first: number): number {
  if ((first === 0x65 || first === 0x45) && text.charCodeAt(at + 1) === quote) {
    return escapedEnd(text, at + 2);
  }
  let end = at + 1;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (!isWordStart(code) && !isDigit(code) && code !== dollar) break;
  }
  return end;
}

// A dollar after a number starts a dollar quote, so it is not part of it.
function numberEnd(text: string, at: number): number {
  let end = at + 1;
  while (isDigit(text.charCodeAt(end)) || isWordStart(text.charCodeAt(end))) end += 1;
  return end;
}

function quotedEnd(text: string, from: number, mark: number): number {
  const character = String.fromCharCode(mark);
  for (let at = from; ; at += 2) {
    at = text.indexOf(character, at);
    if (at < 0) return text.length;
    if (text.charCodeAt(at + 1) !== mark) return at + 1;
  }
}

function escapedEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === quote) {
      if (text.charCodeAt(at + 1) === quote) at += 1;
      else {
        const resumed = continuation(text, at + 1);
        if (resumed < 0) return at + 1;
        at = resumed;
      }
    }
  }
  return text.length;
}

// `E'a' <newline> '\''` is one literal that keeps its escapes: the quote that resumes it, or -1.
function continuation(text: string, from: number): number {
  let lines = false;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === newline || code === carriageReturn) lines = true;
    else if (code === minus && text.charCodeAt(at + 1) === minus) at = lineEnd(text, at) - 1;
    else if (!isSpace(code)) return lines && code === quote ? at : -1;
  }
  return -1;
}

function dollarEnd(text: string, at: number): number {
  let end = at + 1;
  if (isDigit(text.charCodeAt(end))) {
    while (isDigit(text.charCodeAt(end))) end += 1;
    return end;
  }
  while (isWordStart(text.charCodeAt(end)) || (end > at + 1 && isDigit(text.charCodeAt(end)))) {
    end += 1;
  }
  if (text.charCodeAt(end) !== dollar) return at + 1;
  const close = text.indexOf(text.slice(at, end + 1), end + 1);
  return close < 0 ? text.length : close + (end + 1 - at);
}

function lineEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === newline || code === carriageReturn) break;
    end += 1;
  }
  return end;
}

function commentEnd(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (code === slash && next === star) {
      depth += 1;
      at += 1;
    } else if (code === star && next === slash) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

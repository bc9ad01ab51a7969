// Brace expansion (bash manual §3.5.1) of words without quotes and expansions.

const wordsMax = 128;

interface Group {
  readonly before: string;
  readonly alternatives: readonly string[];
  readonly after: string;
}

/** undefined when there would be too many words, or a form that is not read here. */
export function expandBraces(word: string): readonly string[] | undefined {
  let done = [''];
  let rest = word;
  for (;;) {
    const group = firstGroup(rest);
    if (group === 'unread') return undefined;
    if (group === undefined) return done.map((text) => text + rest);
    const expanded = group.alternatives.map(expandBraces);
    const alternatives = expanded.flatMap((words) => words ?? []);
    if (expanded.includes(undefined) || done.length * alternatives.length > wordsMax)
      return undefined;
    done = done.flatMap((text) => alternatives.map((word) => text + group.before + word));
    rest = group.after;
  }
}

/** The leftmost group that expands; bash leaves others, such as `{}` and `{a}`, as they are. */
function firstGroup(word: string): Group | 'unread' | undefined {
  const start = word.indexOf('{');
  if (start === -1) return undefined;
  // `{}` and `${` are text to bash, too; anything else that is odd is left alone.
  if (word[start + 1] === '}') {
    const later = firstGroup(word.slice(start + 2));
    if (later === undefined || later === 'unread') return later;
    return { ...later, before: word.slice(0, start + 2) + later.before };
  }
  const parts: string[] = [];
  let [depth, from] = [0, start + 1];
  for (let at = start + 1; at < word.length; at += 1) {
    const character = word[at];
    if (character === '{') depth += 1;
    else if (character === ',' && depth === 0) {
      parts.push(word.slice(from, at));
      from = at + 1;
    } else if (character === '}') {
      if (depth > 0) depth -= 1;
      else {
        const inner = word.slice(start + 1, at);
        const alternatives = parts.length > 0 ? [...parts, word.slice(from, at)] : sequence(inner);
        if (alternatives === undefined) return 'unread';
        return { before: word.slice(0, start), alternatives, after: word.slice(at + 1) };
      }
    }
  }
  return 'unread';
}

/** `1..5`, `01..10..3`, `a..e` */
function sequence(text: string): readonly string[] | undefined {
  const match = /^(-?\d{1,9}|[a-zA-Z])\.\.(-?\d{1,9}|[a-zA-Z])(?:\.\.(-?\d{1,9}))?$/.exec(text);
  const [, first = '', last = '', stepText = '1'] = match ?? [];
  const isLetters = /[a-zA-Z]/.test(first);
  if (match === null || isLetters !== /[a-zA-Z]/.test(last)) return undefined;
  const number = (bound: string): number => (isLetters ? bound.charCodeAt(0) : Number(bound));
  const step = Math.abs(Number(stepText)) || 1;
  const length = Math.floor(Math.abs(number(last) - number(first)) / step) + 1;
  // From `Z` to `a` lie brackets and a backtick.
  if (length > wordsMax || (isLetters && isLower(first) !== isLower(last))) return undefined;
  const sign = number(last) < number(first) ? -1 : 1;
  const width =
    /^-?0\d/.test(first) || /^-?0\d/.test(last) ? Math.max(first.length, last.length) : 0;
  return Array.from({ length }, (_, at) => {
    const value = number(first) + sign * step * at;
    if (isLetters) return String.fromCharCode(value);
    return value < 0
      ? `-${String(-value).padStart(width - 1, '0')}`
      : String(value).padStart(width, '0');
  });
}

const isLower = (letter: string): boolean => letter >= 'a';

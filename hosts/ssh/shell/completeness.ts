// Lexical completeness: every character of a script belongs to a node of its tree, or is an operator, a keyword, a
// comment or space between them. A parser that recovers from what it does not understand drops it silently.

import type { Script, SyntaxNode } from 'unbash';
import { forEachChild } from 'unbash';

/** Nodes that stand for all of their text. */
const leaves: ReadonlySet<string> = new Set([
  ...['Word', 'Assignment', 'FileDescriptor', 'FileDescriptorVariable', 'HereDocDelimiter'],
  ...['HereDocBody', 'ArithmeticCommand', 'Time', 'Negation'],
]);

interface Span {
  readonly pos: number;
  readonly end: number;
  readonly type?: string;
}

function leavesOf(script: Script, source: string): readonly Span[] {
  const spans: Span[] = [];
  const visit = (node: SyntaxNode): void => {
    if (leaves.has(node.type)) {
      spans.push(node);
      return;
    }
    // Its three expressions are between parentheses that only it has.
    if (node.type === 'ArithmeticFor') {
      spans.push({ pos: node.pos, end: node.body.pos });
      visit(node.body);
      return;
    }
    const operator = operatorSpan(node, source);
    if (operator !== undefined) spans.push(operator);
    if (node.type === 'HereDoc' && node.closing !== undefined) spans.push(node.closing);
    forEachChild(node, visit);
  };
  visit(script);
  return spans.sort((one, other) => one.pos - other.pos);
}

/** Operators of `[[ … ]]` are words elsewhere. */
function operatorSpan(node: SyntaxNode, source: string): Span | undefined {
  if (node.type !== 'TestUnary' && node.type !== 'TestBinary') return undefined;
  const span =
    node.type === 'TestUnary'
      ? { pos: node.pos, end: node.operand.pos }
      : { pos: node.left.end, end: node.right.pos };
  return source.slice(span.pos, span.end).trim() === node.operator ? span : undefined;
}

const gapToken =
  /\s+|\\\n|#[^\n]*|\[\[|\]\]|\(\(|\)\)|;;&|;;|;&|&>>|&>|&&|\|\||\|&|<<-|<<<|<<|<>|<&|>>|>&|>\||[;&|()<>!{}]|(?:if|then|elif|else|fi|for|in|do|done|while|until|case|esac|select|function|coproc|time)(?![^\s;&|()<>])/y;

/** Operators may not be taken apart by lines that go on, nor may a comment begin within a word. */
function isGap(source: string, { pos, end }: Span): boolean {
  const gap = source.slice(pos, end);
  gapToken.lastIndex = 0;
  while (gapToken.lastIndex < gap.length) {
    const at = pos + gapToken.lastIndex;
    const [token] = gapToken.exec(gap) ?? [];
    if (token === undefined) return false;
    const before = source[at - 1] ?? '\n';
    if (token.startsWith('#') && !/[\s;&|()<>]/.test(before)) return false;
    if (token === '\\\n' && !/\s/.test(before) && !/\s/.test(source[at + 2] ?? '\n')) return false;
  }
  return true;
}

/** The first text that belongs to nothing; undefined when there is none. */
export function unreadText(script: Script, source: string): string | undefined {
  let from = 0;
  let wordEnd = -1;
  for (const span of leavesOf(script, source)) {
    // A word within a word is seen once.
    if (span.pos > from && !isGap(source, { pos: from, end: span.pos })) {
      return source.slice(from, span.pos);
    }
    // To bash, two words with nothing between them are one.
    const isWord = span.type === 'Word' || span.type === 'Assignment';
    if (isWord && span.pos === wordEnd) return source.slice(span.pos, span.end);
    if (isWord) wordEnd = span.end;
    from = Math.max(from, span.end);
  }
  return isGap(source, { pos: from, end: source.length }) ? undefined : source.slice(from);
}

// Walks a parsed script: lists, pipelines and compound commands (bash manual §3.2), with what each leaves for the next.

import type {
  CommandNode,
  PipelineNode,
  Redirection,
  Script,
  Statement,
  SyntaxNode,
  TestExpression,
  Word,
} from 'unbash';

import { assignedNames, checkArithmetic } from './arithmetic.ts';
import { readSimpleCommand } from './commands.ts';
import type { Place, Reading } from './place.ts';
import { eitherPlace } from './place.ts';
import { readRedirects } from './redirects.ts';
import { readHidden } from './substitutions.ts';
import type { Value } from './value.ts';
import { isSingle } from './value.ts';
import { isDangerousVariable } from './variables.ts';
import { readSingle, readWord } from './words.ts';

interface List {
  readonly commands: readonly Statement[];
}

type Node = PipelineNode | Statement['command'];

/** A loop whose words are all known is read once for each. */
const turnsMax = 16;
const nestingMax = 64;

export function readScript(script: Script, reading: Reading, place: Place): Place {
  if (script.shebang !== undefined) reading.found.doubt('unread');
  return readList(script, reading, place);
}

/** The place after the list. */
function readList(list: List, reading: Reading, start: Place): Place {
  let place = start;
  for (const { command, background } of list.commands) {
    if (reading.found.isFull) return place;
    if (background === true) {
      readNode(command, reading, { ...place, background: true });
      continue;
    }
    const after = readNode(command, reading, place);
    // It may have failed: then a `cd` in it did not happen.
    place = eitherPlace(after, place);
  }
  return { ...start, directories: place.directories, bound: place.bound };
}

function readNode(node: Node, reading: Reading, outer: Place): Place {
  const { found } = reading;
  if (found.isFull) return outer;
  if (outer.nesting >= nestingMax) {
    found.doubt('size');
    return outer;
  }
  const place = { ...outer, nesting: outer.nesting + 1 };
  const after = readCommandNode(node, reading, place);
  return { ...after, nesting: outer.nesting };
}

function readCommandNode(node: Node, reading: Reading, place: Place): Place {
  const { found } = reading;
  switch (node.type) {
    case 'Command':
      return readSimpleCommand(node, reading, place);
    case 'Pipeline':
      if (node.prefixes.some(({ type }) => type === 'Time')) checkTime(node.commands[0], reading);
      return readPipeline(node.commands, reading, place);
    case 'AndOr':
      return readAndOr(node, reading, place);
    case 'Redirected':
      return readRedirected(node.command, node.redirects, reading, place);
    case 'Subshell':
      readList(node.body, reading, place);
      return place;
    case 'BraceGroup':
      return readList(node.body, reading, place);
    case 'If':
      return readBranches(node, reading, place);
    case 'While':
      readLoop([node.clause, node.body], reading, place);
      return place;
    case 'For':
    case 'Select':
      readFor(node, reading, place);
      return place;
    case 'ArithmeticFor': {
      for (const expression of [node.initialize, node.test, node.update]) {
        for (const name of assignedNames(expression)) found.assign(name, siteOf(node, place), true);
        checkArithmetic(expression, reading);
        if (expression !== undefined) readHidden(expression, reading, place);
      }
      readLoop([node.body], reading, place);
      return place;
    }
    case 'Case':
      return readCase(node, reading, place);
    case 'Function': {
      const name = readSingle(node.name, reading, place);
      if (name.kind !== 'literal' || reading.isKnown(name.text)) found.doubt('shadow');
      else found.define(name.text);
      readNodeOrList(node.body, reading, { ...place, bound: new Map(), piped: false });
      return place;
    }
    case 'Coproc':
      if (node.name !== undefined) found.assign(node.name.text, siteOf(node, place), false);
      found.doubt('dialect');
      readNodeOrList(node.body, reading, { ...place, background: true, piped: true });
      return place;
    case 'TestCommand':
      readTest(node.expression, reading, place);
      return place;
    case 'ArithmeticCommand':
      // To dash these are two subshells, and what is in them a command.
      found.doubt('dialect');
      for (const name of assignedNames(node.expression))
        found.assign(name, siteOf(node, place), true);
      if (node.expression === undefined) found.doubt('reevaluated');
      checkArithmetic(node.expression, reading);
      readHidden(node, reading, place);
      return place;
    default:
      return node satisfies never;
  }
}

/** A keyword to bash; to dash a program, whose options the first words are. */
function checkTime(first: CommandNode | undefined, { found }: Reading): void {
  found.program('time');
  if (first?.type === 'Command' && first.name?.text.startsWith('-') === true) {
    found.doubt('dialect');
  }
}

function readCase(node: Extract<Node, { type: 'Case' }>, reading: Reading, place: Place): Place {
  readSingle(node.word, reading, place);
  let after = place;
  for (const { pattern, body } of node.items) {
    for (const word of pattern) readHidden(word, reading, place);
    after = eitherPlace(after, readList(body, reading, place));
  }
  return { ...place, directories: after.directories };
}

const siteOf = (node: SyntaxNode, place: Place): string => `${place.depth}:${node.pos}`;

function readNodeOrList(
  node: CommandNode | (List & { readonly type: 'CompoundList' }),
  reading: Reading,
  place: Place,
): void {
  if (node.type === 'CompoundList') {
    reading.found.doubt('syntax');
    readList(node, reading, place);
  } else readNode(node, reading, place);
}

function readPipeline(commands: readonly CommandNode[], reading: Reading, place: Place): Place {
  const [only] = commands;
  if (commands.length === 1 && only !== undefined) return readNode(only, reading, place);
  commands.forEach((command, at) => {
    readNode(
      command,
      reading,
      at === 0 ? place : { ...place, piped: true, input: { kind: 'pipe' } },
    );
  });
  return place;
}

function readAndOr(
  { commands, operators }: Extract<Node, { type: 'AndOr' }>,
  reading: Reading,
  start: Place,
): Place {
  let place = start;
  let before = start;
  commands.forEach((command, at) => {
    const isAnd = at === 0 || operators[at - 1] === '&&';
    const entry = isAnd ? place : eitherPlace(before, place);
    before = entry;
    const after = readNode(command, reading, entry);
    place = isAnd ? after : eitherPlace(entry, after);
    // What is bound by a command that may not run is not bound.
    if (at > 0) place = { ...place, bound: entry.bound };
  });
  return place;
}

function readRedirected(
  command: CommandNode,
  redirects: readonly Redirection[],
  reading: Reading,
  place: Place,
): Place {
  const input = readRedirects(redirects, reading, place);
  const inner = input === undefined ? place : { ...place, input, piped: false };
  const after = readNode(command, reading, inner);
  return { ...place, directories: after.directories, bound: after.bound };
}

function readBranches(node: Extract<Node, { type: 'If' }>, reading: Reading, place: Place): Place {
  let tested = eitherPlace(readList(node.clause, reading, place), place);
  let after = eitherPlace(tested, readList(node.then, reading, tested));
  for (const branch of node.elif) {
    tested = eitherPlace(readList(branch.clause, reading, tested), tested);
    after = eitherPlace(after, readList(branch.then, reading, tested));
  }
  if (node.else !== undefined) after = eitherPlace(after, readList(node.else, reading, tested));
  return { ...place, directories: after.directories };
}

function readLoop(lists: readonly List[], reading: Reading, place: Place): void {
  let after = place;
  for (const list of lists) after = readList(list, reading, after);
  // The next turn starts where this one ended.
  if (String(after.directories) !== String(place.directories)) reading.found.doubt('directory');
}

function readFor(
  node: Extract<Node, { type: 'For' | 'Select' }>,
  reading: Reading,
  place: Place,
): void {
  const name = node.name.text;
  if (isDangerousVariable(name)) reading.found.doubt('variable');
  const words = node.wordlist?.flatMap((word) => readWord(word, reading, place)) ?? [];
  const isNumeric = words.every((word) => word.kind === 'literal' && /^\d+$/.test(word.text));
  reading.found.assign(name, siteOf(node, place), isNumeric && node.wordlist !== undefined);
  const values = turns(
    node.wordlist === undefined || node.type === 'Select' ? undefined : words,
    place,
  );
  for (const value of values) {
    const bound = new Map(place.bound);
    if (value === undefined) bound.delete(name);
    else bound.set(name, value);
    readLoop([node.body], reading, { ...place, bound, turns: place.turns * values.length });
  }
}

/** The values a body is read with; undefined: one that is known only when it runs. */
function turns(words: readonly Value[] | undefined, place: Place): readonly (Value | undefined)[] {
  if (words === undefined || words.length === 0) return [undefined];
  if (words.length * place.turns > turnsMax) return [undefined];
  return words.map((word) => {
    if (word.kind === 'literal') return word;
    if (word.kind === 'pattern') return { ...word, single: true };
    return isSingle(word) ? word : undefined;
  });
}

const reevaluating = /^-(?:v|R|eq|ne|lt|le|gt|ge)$/;

/** `[[ … ]]`: operands of some operators are names with subscripts, or arithmetic. */
function readTest(expression: TestExpression, reading: Reading, place: Place): void {
  const { found } = reading;
  // dash looks for a program `[[`, and takes `&&`, `||`, `<`, `>` and parentheses as it does elsewhere.
  switch (expression.type) {
    case 'TestLogical':
      found.doubt('dialect');
      for (const operand of expression.operands) readTest(operand, reading, place);
      return;
    case 'TestGroup':
      found.doubt('dialect');
      return readTest(expression.expression, reading, place);
    case 'TestNot':
      return readTest(expression.operand, reading, place);
    case 'TestUnary':
      return readOperand(expression.operand, expression.operator, reading, place);
    case 'TestBinary':
      if (/[<>]/.test(expression.operator)) found.doubt('dialect');
      if (/[|&;()<>]/.test(unquoted(expression.right))) found.doubt('dialect');
      readOperand(expression.left, expression.operator, reading, place);
      readOperand(expression.right, expression.operator, reading, place);
  }
}

function readOperand(word: Word, operator: string, reading: Reading, place: Place): void {
  readHidden(word, reading, place);
  if (!reevaluating.test(operator)) return;
  const { text } = word;
  if (/^-?\d+$/.test(text) || (operator === '-v' && /^[A-Za-z_]\w*$/.test(text))) return;
  const name = /^"?\$\{?([A-Za-z_]\w*)\}?"?$/.exec(text)?.[1];
  if (name !== undefined && operator !== '-v') reading.found.calculate(name);
  else if (!/^"?\$[#?$!]"?$/.test(text)) reading.found.doubt('reevaluated');
}

const unquoted = (word: Word): string =>
  (word.parts ?? [word])
    .map((part) => (/^(?:Literal|Word|Extended)/.test(part.type) ? part.text : ''))
    .join('');

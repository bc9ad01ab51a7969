// What words hide: the programs of `$(…)`, backticks, `<(…)`, and arithmetic, at any depth of a word.

import type { CommandExpansionPart, ProcessSubstitutionPart, SyntaxNode } from 'unbash';
import { forEachChild } from 'unbash';

import { checkArithmetic } from './arithmetic.ts';
import type { Place, Reading } from './place.ts';

/** Reads the program of a substitution. */
export function readInner(
  part: CommandExpansionPart | ProcessSubstitutionPart,
  reading: Reading,
  place: Place,
): void {
  const { text } = part;
  // bash 5.3 runs `${ id; }` and `${| id; }`; older ones and dash call them mistakes.
  if (text.startsWith('${')) reading.found.doubt('dialect');
  const isBackquoted = text.startsWith('`');
  const inner = isBackquoted ? (part.script?.source ?? text.slice(1, -1)) : text.slice(2, -1);
  const isClosed = isBackquoted
    ? text.length > 1 && text.endsWith('`')
    : /^.[({].*[)}]$/s.test(text);
  if (!isClosed || part.script === undefined) reading.found.doubt('syntax');
  // bash takes away backslashes before it reads what is between backquotes.
  if (isBackquoted && text.includes('\\')) reading.found.doubt('unread');
  reading.text(inner, {
    ...place,
    depth: place.depth + 1,
    background: place.background || part.type === 'ProcessSubstitution',
  });
}

/** Finds every program and every arithmetic expression below `node`. */
export function readHidden(node: SyntaxNode, reading: Reading, place: Place): void {
  switch (node.type) {
    case 'CommandExpansion':
    case 'ProcessSubstitution':
      return readInner(node, reading, place);
    case 'ArithmeticCommandExpansion':
      if (node.script === undefined) reading.found.doubt('syntax');
      reading.text(node.text.startsWith('`') ? node.text.slice(1, -1) : node.text.slice(2, -1), {
        ...place,
        depth: place.depth + 1,
      });
      return;
    case 'ArithmeticExpansion':
      if (node.expression === undefined) reading.found.doubt('reevaluated');
      checkArithmetic(node.expression, reading);
      break;
    case 'ParameterExpansion':
      // Subscripts are arithmetic, `${!x}` and `${x@P}` take values for names and text to expand.
      if (node.index !== undefined && !/^(?:\d+|[@*])$/.test(node.index.text)) {
        reading.found.doubt('reevaluated');
      }
      if (node.prefix === '!') reading.found.doubt('reevaluated');
      switch (node.operation?.type) {
        case 'Transform':
        case 'Unknown':
          reading.found.doubt('reevaluated');
          break;
        case 'Slice':
          if (
            !/^[\s\d-]*$/.test(node.operation.offset.text + (node.operation.length?.text ?? ''))
          ) {
            reading.found.doubt('reevaluated');
          }
          break;
        case 'Default':
          if (node.operation.operator.includes('=')) {
            reading.found.assign(node.parameter, `${place.depth}:${node.pos}`, false);
          }
          break;
        case 'Remove':
        case 'Replace':
        case 'CaseModification':
        case 'Names':
        case undefined:
          break;
      }
      break;
    default:
      break;
  }
  forEachChild(node, (child) => readHidden(child, reading, place));
}

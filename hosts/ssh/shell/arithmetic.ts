// Arithmetic (bash manual §6.5): names in it are variables, whose values bash evaluates as expressions of their own, with
// the subscripts and substitutions that are in them.

import type { ArithmeticExpression } from 'unbash';
import { forEachChild } from 'unbash';

import type { Reading } from './place.ts';

const number = /^(?:\d[\d#a-zA-Z@_]*)$/;
const name = /^(?:\$?[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\})$/;

export function checkArithmetic(
  expression: ArithmeticExpression | undefined,
  { found }: Reading,
): void {
  const visit = (node: ArithmeticExpression): void => {
    switch (node.type) {
      case 'ArithmeticBinary':
        visit(node.left);
        visit(node.right);
        return;
      case 'ArithmeticUnary':
        visit(node.operand);
        return;
      case 'ArithmeticTernary':
        visit(node.test);
        visit(node.consequent);
        visit(node.alternate);
        return;
      case 'ArithmeticGroup':
        visit(node.expression);
        return;
      case 'ArithmeticCommandExpansion':
        found.doubt('reevaluated');
        return;
      case 'ArithmeticWord':
        visitWord(node.value);
    }
  };
  const visitWord = (text: string): void => {
    if (number.test(text) || /^\$[#?$!]$/.test(text)) return;
    if (name.test(text)) found.calculate(text.replaceAll(/[${}]/g, ''));
    else found.doubt('reevaluated');
  };
  if (expression !== undefined) visit(expression);
}

/** Names that the expression assigns to, by `=`, `+=`, `++` and their like. */
export function assignedNames(expression: ArithmeticExpression | undefined): readonly string[] {
  const names: string[] = [];
  const visit = (node: Parameters<typeof forEachChild>[0]): void => {
    const target =
      node.type === 'ArithmeticBinary' && /^(?:[-+*/%&^|]|<<|>>)?=$/.test(node.operator)
        ? node.left
        : node.type === 'ArithmeticUnary' && /^(?:\+\+|--)$/.test(node.operator)
          ? node.operand
          : undefined;
    if (target?.type === 'ArithmeticWord') names.push(target.value);
    forEachChild(node, visit);
  };
  if (expression !== undefined) visit(expression);
  return names;
}

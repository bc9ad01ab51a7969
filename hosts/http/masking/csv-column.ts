// Which columns of a table selectors mean. A table has no levels: exporters write them into its names.

import type { Automaton } from './automaton.ts';

/** `user.email`, `user/email`, `users[0].email`. */
const levels = /[./[\]]+/;

/**
 * A strategy's code for the column, 0 for none. The name, each level of it and what lies below are looked up as they would
 * be in a record, the column's index as in an array; the strictest applies.
 */
export const columnStrategy = (automaton: Automaton, header: string, index: number): number => {
  const name = header.trim();
  const parts = name.split(levels).filter((part) => part !== '');
  const paths = [[name], ...parts.map((_, start) => parts.slice(start))];
  const { names, record } = automaton;
  const states = paths.map((path) =>
    path.reduce((state, part) => automaton.memberState(state, names.placeOf(part)), record),
  );
  const codes = [...states, automaton.elementState(record, index)]
    .map((state) => automaton.strategies[state] ?? 0)
    .filter((code) => code !== 0);
  return codes.length === 0 ? 0 : Math.min(...codes);
};

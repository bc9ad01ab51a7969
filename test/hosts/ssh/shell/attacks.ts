// Lines that hide what they run from those who read them, with what must be said: a program or path by name, or a doubt.

import { byGrammar } from './attacks-grammar.ts';
import { byPrograms } from './attacks-programs.ts';

export interface Attack {
  readonly line: string;
  /** Programs, paths, hosts or doubts, of which all must be among the facts; `!`: any doubt. */
  readonly said: string;
}

/**
 * Rows of `what must be said`, a tab, and the line; `␤` stands for a newline, `‷` for a backquote, `‸` for a dollar
 * before a brace.
 */
export const attacks: readonly Attack[] = `${byGrammar}${byPrograms}`
  .replaceAll('‷', '`')
  .replaceAll('‸', '$')
  .split('\n')
  .filter((row) => row !== '')
  .map((row) => {
    const at = row.indexOf('\t');
    return { said: row.slice(0, at), line: row.slice(at + 1).replaceAll('␤', '\n') };
  });

// `git-upload-pack`, `git-receive-pack` and `git-upload-archive` with one repository and no option (git-upload-pack(1)).

import type { FileFacts } from '../facts.ts';
import { isPath } from './program.ts';

const operations: Readonly<Partial<Record<string, FileFacts['operation']>>> = {
  'git-upload-pack': 'read',
  'git-upload-archive': 'read',
  'git-receive-pack': 'write',
};

/**
 * Hooks and configuration of the repository run as whoever serves it: reading and writing is what git itself does.
 *
 * @param words what follows the program
 */
export function recogniseGit(
  program: string | undefined,
  words: readonly string[],
): readonly FileFacts[] | undefined {
  if (program === undefined) return undefined;
  const [first, ...rest] = words;
  if (program === 'git') {
    return first === undefined || first === '' ? undefined : recogniseGit(`git-${first}`, rest);
  }
  const operation = Object.hasOwn(operations, program) ? operations[program] : undefined;
  if (operation === undefined || first === undefined || rest.length > 0) return undefined;
  return isPath(first)
    ? [{ operation, path: first, to: '', protocol: 'git', recursive: true }]
    : undefined;
}

// Tests that need a program which npm cannot bring: without it they count as skipped, which CI refuses.

import { describe } from '@jest/globals';

import { findProgram } from '#lab';

/** `tests` gets the program's path. */
export function describeIf(program: string, name: string, tests: (path: string) => void): void {
  const path = findProgram(program);
  const register = path === null ? describe.skip : describe;
  register(`${name} (${program})`, () => {
    tests(path ?? program);
  });
}

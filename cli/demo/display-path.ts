// Paths as the reader of the tour can type them where they are.

import { relative } from 'node:path';

/** Relative below the working directory, absolute elsewhere. */
export function displayPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

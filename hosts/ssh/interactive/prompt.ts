// The prompt of the gateway's editor: whose shell it is, and where that stands.

import { widthOf } from './display-width.ts';

const directoryColumnsMax = 60;

/** @param directory printable, or null when nobody can show it */
export function promptFor(label: string, directory: string | null): string {
  return `${label}:${directory === null ? '?' : shortened(directory)}$ `;
}

/** The end of a path says more than its start. */
function shortened(directory: string): string {
  const characters = Array.from(directory);
  let columns = 0;
  let start = characters.length;
  while (start > 0) {
    columns += widthOf(characters[start - 1] ?? '');
    if (columns > directoryColumnsMax) break;
    start -= 1;
  }
  return start === 0 ? directory : `…${characters.slice(start).join('')}`;
}

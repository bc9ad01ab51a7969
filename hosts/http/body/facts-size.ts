// Facts are given whole or not at all: what is over the bound is refused, never cut.

import { refusal } from './refusal.ts';

/** As JSON; leaves room in the 64 KiB of an evaluation's input for path, query and headers. */
export const factsBytesMax = 48 * 1024;

export const withinFactsBound = <Facts>(facts: Facts): Facts => {
  const bytes = Buffer.byteLength(JSON.stringify(facts));
  if (bytes > factsBytesMax) {
    throw refusal('facts-too-large', `${bytes} bytes, at most ${factsBytesMax}`);
  }
  return facts;
};

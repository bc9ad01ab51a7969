// What a reader of the room made of its input: the value, or the rule that refused it.

import type { Read } from '../../../../hosts/http/body/index.ts';

export const outcomeOf = <T>(read: Read<T>): T | string =>
  read.kind === 'read' ? read.value : read.rule;

/** The value of what must be readable. */
export const valueOf = <T>(read: Read<T>): T => {
  if (read.kind === 'refused') throw new Error(`${read.rule}: ${read.message}`);
  return read.value;
};

// What can be told about whatever was thrown.

/** By shape: an error of another realm is no instance of this one's Error. */
const hasKey = <Key extends string>(thrown: unknown, key: Key): thrown is Record<Key, unknown> =>
  typeof thrown === 'object' && thrown !== null && key in thrown;

/** Several addresses tried in vain give an AggregateError without a message of its own. */
export function thrownMessage(thrown: unknown): string {
  if (hasKey(thrown, 'message') && thrown.message !== '') return String(thrown.message);
  if (hasKey(thrown, 'errors') && Array.isArray(thrown.errors)) {
    return thrown.errors.map(thrownMessage).join(', ');
  }
  return String(thrown);
}

export const thrownCode = (thrown: unknown): string | undefined =>
  hasKey(thrown, 'code') ? String(thrown.code) : undefined;

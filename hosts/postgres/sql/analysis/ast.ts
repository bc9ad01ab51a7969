// Access to the parser's JSON: a node is an object with its tag as the only key, `{"ColumnRef": {…}}`.

import type { Node, RangeVar } from 'libpg-query';

/** A node's fields, or a structure that the parser writes without a tag. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The tag of a tagged node; undefined for bare structures such as a statement's `relation`. */
export function tagOf(value: Fields): string | undefined {
  for (const key in value) {
    const first = key.charCodeAt(0);
    return first >= 0x41 && first <= 0x5a ? key : undefined;
  }
  return undefined;
}

/** A node's fields by tag, if it is of that tag. */
export function only<Tag extends string>(
  node: Node | undefined,
  tag: Tag,
): Extract<Node, Readonly<Record<Tag, unknown>>>[Tag] | undefined {
  return (node as Readonly<Record<string, unknown>> | undefined)?.[tag] as
    Extract<Node, Readonly<Record<Tag, unknown>>>[Tag] | undefined;
}

/** The text of a `String` node; empty for any other. */
export const stringOf = (node: Node | undefined): string => only(node, 'String')?.sval ?? '';

export const stringsOf = (nodes: readonly Node[] | undefined): readonly string[] =>
  (nodes ?? []).map(stringOf);

/** `RangeVar` fields appear bare under known keys and tagged in lists. */
export const isRangeVar = (value: Fields): value is Fields & RangeVar =>
  typeof value['relname'] === 'string';

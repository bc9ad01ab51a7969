// What is known of a word before it runs.

/**
 * One word of argv, or what may become several.
 * literal: exactly this text.
 * pattern: one or more words that match it: a glob, a path under a home directory, a date in a file's name.
 * open: anything.
 */
export type Value =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'pattern';
      readonly text: string;
      /** One word, so that the words after it keep their places. */
      readonly single: boolean;
      /** Could begin with `-`, where a program would take it for an option. */
      readonly dash: boolean;
    }
  | {
      readonly kind: 'open';
      readonly single: boolean;
      readonly dash: boolean;
    };

export const literal = (text: string): Value => ({ kind: 'literal', text });

export const open = (single: boolean, dash = true): Value => ({ kind: 'open', single, dash });

/** Argument as policies see it. */
export const argumentOf = (value: Value): string | null =>
  value.kind === 'literal' ? value.text : null;

export const isSingle = (value: Value): boolean => value.kind === 'literal' || value.single;

export const mayBeOption = (value: Value): boolean =>
  value.kind === 'literal' ? value.text.startsWith('-') : value.dash;

/** A path that the value may be; undefined when it may be any. */
export const pathOf = (value: Value): string | undefined =>
  value.kind === 'open' ? undefined : value.text;

/** What a variable that only ever gets numbers may be. */
export const someNumber: Value = { kind: 'pattern', text: '*', single: true, dash: true };

export const isNumber = (value: Value): boolean => value === someNumber;

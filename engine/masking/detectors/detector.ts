// What a detector is: it finds one kind of value in text by its form and, where the kind has one, its checksum.

import type { MaskStrategy } from '../../model/index.ts';

/** `text[start, end)` is a value. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** The value goes on: all bytes of this class that follow belong to it. */
  readonly rest?: Uint8Array;
}

/** A place in text. `before` is the byte before `text[0]`, 0 where there is none; text may follow unless it is `final`. */
export interface Place {
  readonly text: Buffer;
  readonly at: number;
  /** Before this, text is gone or belongs to another value. */
  readonly floor: number;
  readonly before: number;
  readonly final: boolean;
}

export interface Detector {
  readonly name: string;
  /** 1 for the bytes at which `match` is asked. */
  readonly triggers: Uint8Array;
  /** 1 for the bytes that can follow the trigger in a value. */
  readonly seconds: Uint8Array;
  /** 1 for the bytes behind which `match` is not asked: a value does not begin inside a word or a number. */
  readonly notBehind: Uint8Array;
  /** No value has fewer bytes from its trigger on: at the end of a text it is not looked for. */
  readonly bytesMin: number;
  /** How far before its trigger a value may begin. */
  readonly lookBehind: number;
  /** 1 for the bytes that a value may have before its trigger. */
  readonly behind: Uint8Array;
  /** Whether a JSON number can be such a value. */
  readonly inNumbers: boolean;
  /** `'more'`: what is there may become a value; the answer never needs more than some hundred bytes, or has a `rest`. */
  readonly match: (place: Place) => Match | 'more' | undefined;
}

export interface ChosenDetector {
  readonly detector: Detector;
  readonly strategy: MaskStrategy;
}

/** 1 for each byte of the ranges: `byteClass('09', 'AZ', '__')`. */
export const byteClass = (...ranges: readonly string[]): Uint8Array => {
  const bytes = new Uint8Array(256);
  for (const range of ranges) bytes.fill(1, range.charCodeAt(0), range.charCodeAt(1) + 1);
  return bytes;
};

export const noBytes = byteClass();
export const digits = byteClass('09');
export const alphanumerics = byteClass('09', 'AZ', 'az');

/** Past the last byte of the class that directly follows `at`, at most `bytesMax` on. */
export const endOfRun = (text: Buffer, at: number, bytes: Uint8Array, bytesMax: number): number => {
  const limit = Math.min(text.length, at + bytesMax);
  let end = at;
  while (end < limit && bytes[text[end] ?? 0] === 1) end += 1;
  return end;
};

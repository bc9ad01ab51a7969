// What is fuzzed: a decoder, the inputs it starts from, and what must hold for every input.

import { existsSync, readFileSync } from 'node:fs';
import type { Random } from './random.ts';

export interface Target {
  /** The decoder's exported name. */
  readonly name: string;
  /**
   * Decodes `input` and asserts what must hold of the result. The room's own error means that the input is refused;
   * anything else thrown is a finding.
   */
  readonly check: (input: Buffer, random: Random) => void;
  readonly isRefusal: (error: unknown) => boolean;
  /** Turns a mutated input into one that passes the outermost check, so that what lies behind it is reached. */
  readonly repair?: (input: Buffer) => Buffer;
}

/** `test/fuzz/seeds/NAME.hex`: one input a line; lines with `#` are comments. */
export const readSeeds = (name: string): readonly Buffer[] => {
  const file = new URL(`./seeds/${name}.hex`, import.meta.url);
  if (!existsSync(file)) throw new Error(`no seeds for the fuzz target ${name}`);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => Buffer.from(line, 'hex'));
};

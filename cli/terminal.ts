// What commands may write to: data on stdout, explanations on stderr.

import type { Writable } from 'node:stream';
import { stripVTControlCharacters, styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  readonly json: (value: unknown) => void;
  /** Text as it is, to stdout; resolves when it is taken. */
  readonly write: (text: string) => Promise<void>;
  /** Whether stdout is a terminal. */
  readonly isScreen: boolean;
  /** Colours where stdout is a terminal, the bare text elsewhere. */
  readonly style: (style: Style, text: string) => string;
}

interface Streams {
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
}

export function terminalOf({ stdout, stderr }: Streams): Terminal {
  const colours = stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  return {
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    write: (text) =>
      new Promise((resolve) => {
        stdout.write(text, () => {
          resolve();
        });
      }),
    isScreen: stdout.isTTY === true,
    json: (value) => void stdout.write(`${harmlessJson(value)}\n`),
    style: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
  };
}

/**
 * Text of strangers, such as statements, made harmless: control and formatting characters become
 * escapes, so that no recording can repaint an auditor's terminal or reorder what they read.
 */
export function harmless(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => named[character] ?? `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

const named: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** JSON that means the same, with escapes for what JSON leaves as it is and terminals act on. */
function harmlessJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu,
    (character) =>
      character
        .split('')
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
  );
}

/** The same of a text of several lines: what follows the first is marked, so that it passes for nothing else. */
export function harmlessLines(text: string): readonly string[] {
  const [first = '', ...rest] = text.split('\n').map(harmless);
  return [first, ...rest.map((line) => `| ${line}`.trimEnd())];
}

/** Rows in columns as wide as their widest cell; the last one is left ragged. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      const { length } = stripVTControlCharacters(cell);
      widths[column] = Math.max(widths[column] ?? 0, length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const gap = (widths[column] ?? 0) - stripVTControlCharacters(cell).length;
        return column === row.length - 1 ? cell : cell + ' '.repeat(gap);
      })
      .join('  '),
  );
}

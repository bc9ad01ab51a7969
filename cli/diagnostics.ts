// Mistakes and warnings as `file:line: message`, the form that editors and people jump by.

import type { Terminal } from './terminal.ts';

export interface Finding {
  readonly code: string;
  readonly message: string;
  /** Empty where the message says the place. */
  readonly file: string;
  /** From 1; 0 where there is none. */
  readonly line: number;
  readonly hint?: string | undefined;
}

export function placeOf({ file, line }: Pick<Finding, 'file' | 'line'>): string {
  if (file === '') return '';
  return line > 0 ? `${file}:${line}: ` : `${file}: `;
}

export function reportFindings(
  terminal: Terminal,
  word: 'error' | 'warning',
  findings: readonly Finding[],
): void {
  for (const finding of findings) {
    terminal.err(`${word}: ${placeOf(finding)}${finding.message}`);
    if (finding.hint !== undefined) terminal.err(`hint: ${finding.hint}`);
  }
}

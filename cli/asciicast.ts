// asciicast v2 (docs.asciinema.org, "asciicast v2"): a header, then one event a line. Any player that knows v3 reads it, too.

import type { Frame, Screen } from './screen-recording.ts';

const millisecondsPerSecond = 1000;

export function castHeader({ columns, rows, startedAt, title }: Screen): string {
  const timestamp = Math.floor(startedAt / millisecondsPerSecond);
  return `${JSON.stringify({ version: 2, width: columns, height: rows, timestamp, title })}\n`;
}

export function castEvent(frame: Frame, startedAt: number): string {
  const seconds = Math.max(0, frame.at - startedAt) / millisecondsPerSecond;
  const [code, content] = codeAndContent(frame);
  return `${JSON.stringify([seconds, code, content])}\n`;
}

function codeAndContent(frame: Frame): readonly [string, string] {
  switch (frame.kind) {
    case 'output':
      return ['o', frame.text];
    case 'input':
      return ['i', frame.text];
    case 'mark':
      return ['m', frame.text];
    case 'window':
      return ['r', `${frame.columns}x${frame.rows}`];
  }
}

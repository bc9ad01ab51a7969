// What stands between a person, a target and a judge in an interactive session: any bytes, in any chunks.

import { strict as assert } from 'node:assert';

import { LineEditor } from '../../../hosts/ssh/interactive/index.ts';
import { ScreenHints } from '../../../hosts/ssh/interactive/index.ts';
import { MarkFilter } from '../../../hosts/ssh/interactive/mark-filter.ts';
import { ReportReader } from '../../../hosts/ssh/interactive/report-reader.ts';
import { readShellText } from '../../../hosts/ssh/interactive/shell-text.ts';
import { Screen } from '../../support/ssh/screen.ts';
import type { Target } from '../target.ts';

const target = (name: string, check: Target['check']): Target => ({
  name,
  check,
  isRefusal: () => false,
});

const columns = 16;

/** What a session would give to its judge. */
const linesOf = (chunks: readonly Buffer[]): readonly string[] => {
  const editor = new LineEditor(columns);
  const screen = new Screen(columns);
  const lines: string[] = [];
  const prompt = (): void => {
    let { output, event } = editor.prompt('$ ');
    for (;;) {
      screen.write(output);
      if (event?.kind !== 'line') return;
      lines.push(event.text);
      ({ output, event } = editor.prompt('$ '));
    }
  };
  prompt();
  for (const chunk of chunks) {
    for (let rest = chunk; rest.length > 0;) {
      const step = editor.feed(rest);
      screen.write(step.output);
      rest = step.rest;
      if (step.event === undefined) continue;
      if (step.event.kind === 'line') lines.push(step.event.text);
      prompt();
    }
  }
  // Painting it all again changes nothing that can be seen.
  const shown = screen.text.slice();
  screen.write(editor.resize(columns));
  assert.deepEqual(screen.text, shown);
  return lines;
};

const cutInto = (input: Buffer): readonly Buffer[] =>
  Array.from(input, (_, at) => input.subarray(at, at + 1));

const checkEditor: Target['check'] = (input) => {
  const lines = linesOf([input]);
  assert.deepEqual(linesOf(cutInto(input)), lines);
  for (const line of lines) {
    assert(line.trim() !== '');
    assert(!/[^\P{Cc}\n]|[\p{Cf}\p{Cs}]/u.test(line));
    assert(Buffer.byteLength(line) <= 16 * 1024);
  }
};

const nonce = 'a'.repeat(32);

const checkReports: Target['check'] = (input) => {
  const read = (chunks: readonly Buffer[]) => {
    const reader = new ReportReader();
    reader.expect(nonce);
    return chunks.flatMap((chunk) => reader.push(chunk));
  };
  const reports = read([input]);
  assert.deepEqual(read(cutInto(input)), reports);
  if (!input.includes(nonce)) assert.equal(reports.length, 0);
};

const due = '7'.repeat(32);

const checkMarks: Target['check'] = (input) => {
  const filter = (chunks: readonly Buffer[]): string => {
    const marks = new MarkFilter('0'.repeat(32));
    const shown = chunks.map((chunk) => marks.push(chunk, due).output);
    // Lets go of what could have become a mark.
    return Buffer.concat([...shown, marks.push(Buffer.from('.'), due).output]).toString('latin1');
  };
  const output = filter([input]);
  assert.equal(filter(cutInto(input)), output);
  assert(output.length <= input.length + 1);
};

const checkHints: Target['check'] = (input, random) => {
  let found = 0;
  const hints = new ScreenHints(({ text }) => {
    found += 1;
    assert(text.length <= 2 * 4096);
  });
  for (const byte of cutInto(input)) {
    if (random.below(4) === 0) hints.typed(byte);
    hints.shown(byte);
  }
  assert(found <= input.length);
};

const checkText: Target['check'] = (input) => {
  readShellText(input.toString('utf8'));
};

export const interactiveTargets: readonly Target[] = [
  target('LineEditor', checkEditor),
  target('ReportReader', checkReports),
  target('MarkFilter', checkMarks),
  target('ScreenHints', checkHints),
  target('readShellText', checkText),
];

// What the recording of a session shows of the terminal, or the output, of one channel. Dangerous sequences never come out of
// here: the recording has them, who watches it must not run them.

import type { Entry, Json, Verification } from '#engine';
import { readRecording } from '#engine';
import { TerminalFilter } from '#hosts/ssh/output';
import { field, forEachEntry, streamBytes, textOf, unrecordedOf } from './recordings.ts';
import { harmless } from './terminal.ts';

export interface Screen {
  readonly channel: number;
  /** A terminal; else output whose lines end without a carriage return. */
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly title: string;
}

/** `at`: milliseconds since 1970. */
export type Frame =
  | { readonly kind: 'output' | 'input' | 'mark'; readonly at: number; readonly text: string }
  | {
      readonly kind: 'window';
      readonly at: number;
      readonly columns: number;
      readonly rows: number;
    };

const columnsDefault = 80;
const rowsDefault = 24;

/** What a recording has to show, channel by channel. */
export async function screensOf(file: string): Promise<readonly Screen[]> {
  const screens = new Map<number, Screen>();
  let title = '';
  await forEachEntry(file, (entry) => {
    if (entry['type'] === 'session-start') title = titleOf(entry);
    const { type, channel } = entry;
    if (typeof channel !== 'number' || screens.has(channel)) return;
    if (type === 'window') {
      screens.set(channel, {
        channel,
        isTerminal: true,
        title,
        ...sizeOf(entry),
        ...startOf(entry),
      });
    } else if (type === 'output') {
      const size = { columns: columnsDefault, rows: rowsDefault };
      screens.set(channel, { channel, isTerminal: false, title, ...size, ...startOf(entry) });
    }
  });
  return Array.from(screens.values());
}

/** The frames of one of them, in order; the returned value says whether the chain of the recording holds. */
export async function* framesOf(file: string, screen: Screen): AsyncGenerator<Frame, Verification> {
  const filters = new Map<Json | undefined, TerminalFilter>();
  const entries = readRecording(file);
  for (;;) {
    const next = await entries.next();
    if (next.done === true) return next.value;
    const entry = next.value;
    const { type, stream, channel } = entry;
    if (channel !== undefined && channel !== screen.channel) continue;
    if (type === 'output') {
      const filter = filters.get(stream) ?? new TerminalFilter();
      filters.set(stream, filter);
      const text = filter.push(streamBytes(entry)).toString('utf8');
      if (text === '') continue;
      const kind = stream === 'stdin' ? 'input' : 'output';
      yield { kind, at: timeOf(entry), text: screen.isTerminal ? text : returning(text) };
    } else if (type === 'window') {
      yield { kind: 'window', at: timeOf(entry), ...sizeOf(entry) };
    } else {
      const text = markOf(entry);
      if (text !== undefined) yield { kind: 'mark', at: timeOf(entry), text: harmless(text) };
    }
  }
}

const returning = (text: string): string => text.replaceAll('\n', '\r\n');

/** What an entry says that the screen does not show. */
function markOf(entry: Entry): string | undefined {
  const { type, verdict, text } = entry;
  if (type === 'statement') return `${textOf(verdict)} ${textOf(text)}`;
  if (type !== 'outcome') return undefined;
  const unrecorded = unrecordedOf(entry);
  return unrecorded.length === 0 ? undefined : unrecorded.join('; ');
}

const titleOf = ({ principal, target }: Entry): string =>
  harmless(`${textOf(field(principal, 'id'))} to ${textOf(target)}`);

const timeOf = ({ at }: Entry): number => (typeof at === 'number' ? at : 0);
const startOf = (entry: Entry) => ({ startedAt: timeOf(entry) });

const sizeOf = ({ columns, rows }: Entry) => ({
  columns: typeof columns === 'number' ? columns : columnsDefault,
  rows: typeof rows === 'number' ? rows : rowsDefault,
});

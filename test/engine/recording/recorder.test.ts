import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { Session } from '../../../engine/model/index.ts';
import { sessionId } from '../../../engine/model/index.ts';
import {
  SessionRecorder,
  fileSink,
  listRecordings,
  readRecording,
  sessionStart,
  verifyRecording,
} from '../../../engine/recording/index.ts';

const session: Session = {
  id: sessionId('7d3c'),
  host: 'postgres',
  principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
  target: { name: 'shop', labels: {}, database: 'shop' },
  client: '127.0.0.1',
  clientPort: 5000,
  application: 'psql',
  startedAt: Date.UTC(2026, 10, 21),
};

describe('a recording', () => {
  let directory: string;
  const file = () => join(directory, '2026-11-21', '7d3c.jsonl');

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sallyport-recording-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function record(): SessionRecorder {
    let now = 0;
    const recorder = new SessionRecorder(fileSink(directory, session), () => (now += 1));
    recorder.write(sessionStart(session, '0'));
    recorder.write({ type: 'statement', text: 'select "1"', hash: 'of the attacker' });
    recorder.note({ type: 'outcome', tag: 'SELECT 1' });
    return recorder;
  }

  it('is on disk as soon as write returns, notes with the next write', () => {
    const recorder = record();
    expect(readFileSync(file(), 'utf8').trimEnd().split('\n')).toHaveLength(2);
    recorder.close();
    expect(readFileSync(file(), 'utf8').trimEnd().split('\n')).toHaveLength(3);
  });

  it('writes nothing to a descriptor that it has closed', () => {
    const recorder = record();
    recorder.close();
    const before = readFileSync(file(), 'utf8');
    expect(() => recorder.write({ type: 'outcome' })).toThrow('broken off');
    expect(readFileSync(file(), 'utf8')).toBe(before);
  });

  it('reads back what was written and verifies', async () => {
    const recorder = record();
    expect(await verifyRecording(file())).toEqual({ entries: 2, state: 'open' });
    recorder.note({ type: 'session-end', reason: 'client-terminated' });
    recorder.close();
    expect(await verifyRecording(file())).toEqual({ entries: 4, state: 'closed' });
    const types: unknown[] = [];
    for await (const entry of readRecording(file())) types.push(entry['type']);
    expect(types).toEqual(['session-start', 'statement', 'outcome', 'session-end']);
    expect(await listRecordings(directory)).toEqual([
      { session: '7d3c', day: '2026-11-21', file: file() },
    ]);
  });

  it.each([
    ['an altered entry', (lines: string[]) => (lines[1] = lines[1]!.replace('1', '2'))],
    ['a removed entry', (lines: string[]) => lines.splice(1, 1)],
    ['a removed beginning', (lines: string[]) => lines.shift()],
    ['entries in another order', (lines: string[]) => lines.reverse()],
    ['a doubled entry', (lines: string[]) => lines.splice(1, 0, lines[1]!)],
    ['a torn line', (lines: string[]) => (lines[2] = lines[2]!.slice(0, -5))],
    ['a line that is no entry', (lines: string[]) => lines.push('{}')],
  ])('shows %s', async (_name, tamper) => {
    record().close();
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n');
    tamper(lines);
    writeFileSync(file(), `${lines.join('\n')}\n`);
    expect((await verifyRecording(file())).state).toBe('broken');
  });

  it('holds any text, whatever ends a line elsewhere', async () => {
    const texts = [
      'a\u2028b\u2029c',
      'a\rb\r\nc\u0085d\ve\ff',
      '\ufeff\u0000',
      'ä\u2028'.repeat(50_000),
    ];
    const recorder = record();
    for (const text of texts) recorder.note({ type: 'output', text });
    recorder.close();
    const read: unknown[] = [];
    for await (const entry of readRecording(file())) {
      if (entry['type'] === 'output') read.push(entry['text']);
    }
    expect(read).toEqual(texts);
    expect(await verifyRecording(file())).toEqual({ entries: 3 + texts.length, state: 'open' });
  });

  it('never overwrites another recording', () => {
    record().close();
    expect(() => fileSink(directory, session)).toThrow('EEXIST');
  });

  it('lists nothing where nothing was recorded', async () => {
    expect(await listRecordings(join(directory, 'missing'))).toEqual([]);
    appendFileSync(join(directory, 'stray'), '');
    expect(readdirSync(directory)).toEqual(['stray']);
    expect(await listRecordings(directory)).toEqual([]);
  });

  it('refuses every entry behind one that could not be written', () => {
    let full = false;
    const written: string[] = [];
    const recorder = new SessionRecorder(
      {
        append: (text) => {
          if (full) throw new Error('ENOSPC');
          written.push(text);
        },
        close: () => undefined,
      },
      () => 0,
    );
    recorder.write({ type: 'session-start' });
    full = true;
    expect(() => recorder.write({ type: 'statement' })).toThrow('ENOSPC');
    full = false;
    expect(() => recorder.write({ type: 'statement' })).toThrow('broken off');
    expect(written).toHaveLength(1);
  });
});

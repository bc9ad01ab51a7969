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

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import type { Session } from '../../../engine/model/index.ts';
import { sessionId } from '../../../engine/model/index.ts';
import { sealLine } from '../../../engine/recording/entry.ts';
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

  const typesIn = (path: string): unknown[] =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly type: unknown }).type);

  function record(): SessionRecorder {
    let now = 0;
    const recorder = new SessionRecorder(fileSink(directory, session), () => (now += 1));
    recorder.write(sessionStart(session, '0'));
    recorder.write({ type: 'statement', text: 'select "1"', hash: 'of the attacker' });
    recorder.note({ type: 'outcome', tag: 'SELECT 1' });
    return recorder;
  }

  /** Four entries and their seal, the end and its seal. */
  function stretches(): void {
    const recorder = record();
    recorder.write({ type: 'output', text: 'x'.repeat(70_000) });
    recorder.note({ type: 'session-end' });
    recorder.close();
  }

  it('is on disk as soon as write returns, notes with the next write', () => {
    const recorder = record();
    expect(typesIn(file())).toEqual(['session-start', 'statement']);
    recorder.close();
    expect(typesIn(file())).toEqual(['session-start', 'statement', 'outcome', 'seal']);
  });

  it('seals what was written, and writes what was noted, within a second', () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'performance'] });
    try {
      const recorder = record();
      jest.advanceTimersByTime(999);
      expect(typesIn(file())).toEqual(['session-start', 'statement']);
      jest.advanceTimersByTime(1);
      expect(typesIn(file())).toEqual(['session-start', 'statement', 'outcome', 'seal']);
      jest.advanceTimersByTime(5_000);
      recorder.note({ type: 'outcome', text: 'x'.repeat(70_000) });
      jest.advanceTimersByTime(1_000);
      expect(typesIn(file()).slice(4)).toEqual(['outcome', 'seal']);
      recorder.close();
      expect(typesIn(file())).toHaveLength(6);
    } finally {
      jest.useRealTimers();
    }
  });

  it('seals 64 entries at most, and no longer stretch than 64 KB and an entry', async () => {
    const recorder = record();
    for (let entry = 3; entry < 200; entry += 1) recorder.write({ type: 'output', text: 'x' });
    const seals = () => typesIn(file()).flatMap((type, at) => (type === 'seal' ? [at] : []));
    expect(seals()).toEqual([64, 129, 194]);
    expect(await verifyRecording(file())).toEqual({ entries: 200, unsealed: 8, state: 'open' });
    recorder.write({ type: 'output', text: 'x'.repeat(70_000) });
    expect(seals()).toEqual([64, 129, 194, 204]);
    recorder.close();
    expect(await verifyRecording(file())).toEqual({ entries: 201, unsealed: 0, state: 'open' });
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
    expect(await verifyRecording(file())).toEqual({ entries: 2, unsealed: 2, state: 'open' });
    recorder.note({ type: 'session-end', reason: 'client-terminated' });
    recorder.close();
    expect(await verifyRecording(file())).toEqual({ entries: 4, unsealed: 0, state: 'closed' });
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
    ['a removed seal', (lines: string[]) => lines.splice(4, 1)],
    ['an altered seal', (lines: string[]) => (lines[4] = lines[4]!.replace('":4', '":5'))],
    ['a doubled seal', (lines: string[]) => lines.splice(4, 0, lines[4]!)],
    ['a seal of nothing', (lines: string[]) => lines.push('{"type":"seal"}')],
    [
      'an end with something behind it, sealed by a forger',
      (lines: string[]) => {
        lines[3] = lines[3]!.replace('output', 'session-end');
        const { line } = sealLine(`${lines.slice(0, 4).join('\n')}\n{"seq":4,"at":9}\n`, {
          ...{ entries: 5, prev: '0'.repeat(64) },
        });
        lines.splice(4, 3, '{"seq":4,"at":9}', line.trimEnd());
      },
    ],
    ['a removed stretch', (lines: string[]) => lines.splice(0, 5)],
    ['an entry behind the end', (lines: string[]) => lines.push('{"seq":5,"at":9,"type":"x"}')],
  ])('shows %s', async (_name, tamper) => {
    stretches();
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n');
    tamper(lines);
    writeFileSync(file(), `${lines.join('\n')}\n`);
    expect((await verifyRecording(file())).state).toBe('broken');
  });

  it('shows any byte that is another', async () => {
    stretches();
    const whole = readFileSync(file());
    const untouched = whole.indexOf('xx') + 10;
    for (let at = 0; at < whole.length - 1; at += at === untouched ? 69_000 : 1) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(file(), bytes);
      expect([at, (await verifyRecording(file())).state]).toEqual([at, 'broken']);
    }
  });

  it('is open wherever it is cut, and what is left of a stretch is unsealed', async () => {
    stretches();
    const lines = readFileSync(file(), 'utf8').split(/(?<=\n)/);
    const found: unknown[] = [];
    for (let count = 0; count <= lines.length; count += 1) {
      writeFileSync(file(), lines.slice(0, count).join(''));
      const { entries, unsealed, state } = await verifyRecording(file());
      found.push([entries, unsealed, state]);
    }
    expect(found).toEqual([
      ...[0, 1, 2, 3, 4].map((count) => [count, count, 'open']),
      ...[0, 1].map((count) => [4 + count, count, 'open']),
      [5, 0, 'closed'],
    ]);
  });

  it('is open when its process was killed in the middle of a write', async () => {
    stretches();
    const whole = readFileSync(file());
    const sealed = whole.indexOf('{"type":"seal"');
    for (
      let length = 0;
      length <= whole.length;
      length += length > 500 && length < sealed ? 97 : 1
    ) {
      writeFileSync(file(), whole.subarray(0, length));
      const { state, entries } = await verifyRecording(file());
      const isEnded = length >= whole.length - 1;
      expect([length, state]).toEqual([length, isEnded ? 'closed' : 'open']);
      expect(entries).toBeLessThanOrEqual(5);
    }
  });

  it('shows what is torn behind the end', async () => {
    stretches();
    appendFileSync(file(), '{"seq":5,"at":');
    expect((await verifyRecording(file())).state).toBe('broken');
  });

  it.each([
    ['64 entries', Array.from({ length: 100 }, (_, seq) => `{"seq":${seq},"at":0,"type":"x"}\n`)],
    [
      '192 KB',
      Array.from({ length: 4 }, (_, seq) => `{"seq":${seq},"x":"${'x'.repeat(70_000)}"}\n`),
    ],
  ])('shows that there is no seal behind %s', async (_name, lines) => {
    record().close();
    writeFileSync(file(), lines.join(''));
    expect(await verifyRecording(file())).toMatchObject({
      ...{ entries: 0, state: 'broken', line: 1, why: 'a seal is missing' },
    });
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
    expect(await verifyRecording(file())).toEqual({
      entries: 3 + texts.length,
      unsealed: 0,
      state: 'open',
    });
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
    const { heapUsed } = process.memoryUsage();
    for (let more = 0; more < 100; more += 1) {
      const entry = { type: 'statement', text: `${more}`.repeat(500_000) };
      expect(() => recorder.write(entry)).toThrow('broken off');
    }
    expect(process.memoryUsage().heapUsed - heapUsed).toBeLessThan(50_000_000);
    expect(() => recorder.close()).not.toThrow();
  });

  it('tells of what could not be written between two entries', () => {
    jest.useFakeTimers();
    try {
      let full = false;
      const append = (): void => {
        if (full) throw new Error('ENOSPC');
      };
      const recorder = new SessionRecorder({ append, close: () => undefined }, () => 0);
      recorder.write({ type: 'session-start' });
      recorder.note({ type: 'outcome' });
      full = true;
      jest.advanceTimersByTime(1_000);
      full = false;
      expect(() => recorder.write({ type: 'statement' })).toThrow('broken off');
      expect(() => recorder.close()).toThrow('ENOSPC');
    } finally {
      jest.useRealTimers();
    }
  });
});

import { defaultLimits } from '#engine/model';
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SessionRecorder } from '../../../../engine/recording/index.ts';
import {
  OutputEvidence,
  type EvidenceOptions,
  type RecordedStream,
} from '../../../../hosts/ssh/output/index.ts';
import { cpuSeconds } from './support.ts';

interface Recorded {
  readonly type: string;
  readonly channel: number;
  readonly stream: RecordedStream;
  readonly text?: string;
  readonly base64?: string;
}

const bytesOf = ({ text, base64 }: Recorded): Buffer =>
  text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text);

/** A recorder in memory, and turns that end when the test says so. */
const scene = (options: Partial<EvidenceOptions> = {}) => {
  const appended: string[] = [];
  const tasks: (() => void)[] = [];
  const failures: unknown[] = [];
  let isFull = false;
  const sink = {
    append: (text: string) => {
      if (isFull) throw new Error('no space');
      appended.push(text);
    },
    close: () => undefined,
  };
  const recorder = new SessionRecorder(sink, () => 0);
  const evidence = new OutputEvidence({
    recorder,
    channel: 3,
    bytesMax: 1000,
    hashesRest: true,
    defer: (task) => tasks.push(task),
    failed: (error) => failures.push(error),
    ...options,
  });
  return {
    evidence,
    recorder,
    appended,
    failures,
    fill: () => (isFull = true),
    endTurn: () => {
      for (const task of tasks.splice(0)) task();
    },
    entries: (): readonly Recorded[] =>
      appended
        .join('')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Recorded),
  };
};

describe('the evidence of output', () => {
  it('is every byte, in the order of the streams', () => {
    const stream = fc.constantFrom<RecordedStream>('stdin', 'stdout', 'stderr');
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.constantFrom(40_000, 70_000).map((length) => Buffer.alloc(length, 'äb')),
    );
    const push = fc.record({ stream, chunk, turnEnds: fc.boolean() });
    fc.assert(
      fc.property(fc.array(push, { maxLength: 12 }), (pushes) => {
        const { evidence, recorder, endTurn, entries } = scene({ bytesMax: Infinity });
        for (const { stream: name, chunk: bytes, turnEnds } of pushes) {
          evidence.push(name, Buffer.from(bytes));
          if (turnEnds) endTurn();
        }
        evidence.end();
        recorder.flush();
        const runs = (all: readonly (readonly [RecordedStream, Buffer])[]) =>
          all.flatMap(([name, bytes]) => Array.from(bytes, (byte) => `${name} ${byte}`));
        const joined = (all: readonly (readonly [RecordedStream, Buffer])[]) =>
          Buffer.concat(all.map(([, bytes]) => bytes)).toString('latin1');
        const recorded = entries().map((entry) => [entry.stream, bytesOf(entry)] as const);
        const pushed = pushes.map((one) => [one.stream, Buffer.from(one.chunk)] as const);
        expect(joined(recorded)).toBe(joined(pushed));
        if (pushed.every(([, bytes]) => bytes.length < 100)) {
          expect(runs(recorded)).toEqual(runs(pushed));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('gathers the pieces of one turn and writes them once', () => {
    const { evidence, appended, entries, endTurn } = scene();
    for (const piece of ['a', 'b', 'c']) evidence.push('stdout', Buffer.from(piece));
    evidence.push('stderr', Buffer.from('d'));
    expect(appended).toEqual([]);
    endTurn();
    expect(appended.length).toBe(1);
    expect(entries()).toMatchObject([
      { type: 'output', channel: 3, stream: 'stdout', text: 'abc' },
      { type: 'output', channel: 3, stream: 'stderr', text: 'd' },
    ]);
    evidence.push('stdout', Buffer.from('e'));
    endTurn();
    expect(appended.length).toBe(2);
  });

  it('writes before what must stand behind it', () => {
    const { evidence, recorder, entries } = scene();
    evidence.push('stdout', Buffer.from('$ '));
    evidence.window(100, 40);
    evidence.push('stdout', Buffer.from('x'));
    evidence.flush();
    recorder.write({ type: 'statement' });
    const told = entries().map(({ type }) => type);
    expect(told).toEqual(['output', 'window', 'output', 'statement']);
    expect(entries()[1]).toMatchObject({ channel: 3, columns: 100, rows: 40 });
  });

  it.each([
    ['text', Buffer.from('\x1b[1mbold\x1b[0m\r\n'), 'text'],
    ['a part of a character', Buffer.from('ä').subarray(0, 1), 'base64'],
    ['zeros', Buffer.alloc(100), 'base64'],
    ['a byte order mark', Buffer.from('\ufeffa'), 'text'],
  ])('keeps %s as it is', (_, bytes, form) => {
    const { evidence, entries } = scene();
    evidence.push('stdout', bytes);
    evidence.flush();
    const [entry] = entries();
    expect(Object.keys(entry ?? {})).toContain(form);
    expect(bytesOf(entry as Recorded)).toEqual(bytes);
  });

  it('is the beginning of a long stream, with length and hash of the rest', () => {
    const { evidence, recorder, entries } = scene();
    const output = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 251));
    for (let at = 0; at < output.length; at += 300) {
      evidence.push('stdout', output.subarray(at, at + 300));
      expect(evidence.isCut).toBe(at + 300 > 1000);
    }
    evidence.push('stderr', Buffer.from('failed'));
    const rest = createHash('sha256').update(output.subarray(1000)).digest('hex');
    expect(evidence.end()).toEqual({
      stdout: { bytes: 5000, recorded: 1000, rest_sha256: rest },
      stderr: { bytes: 6 },
    });
    recorder.flush();
    const recorded = entries().filter(({ stream }) => stream === 'stdout');
    expect(Buffer.concat(recorded.map(bytesOf))).toEqual(output.subarray(0, 1000));
  });

  it('does not hash where it is told not to', () => {
    const { evidence } = scene({ hashesRest: false });
    evidence.push('stdout', Buffer.alloc(2000));
    expect(evidence.end()).toEqual({ stdout: { bytes: 2000, recorded: 1000 } });
  });

  it('does not fill the disk with tiny pieces', () => {
    const { evidence, appended, endTurn } = scene({ bytesMax: 64 * 1024 });
    for (let at = 0; at < 100_000; at += 1) {
      evidence.push(at % 2 === 0 ? 'stdout' : 'stderr', Buffer.from('x'));
    }
    endTurn();
    expect(appended.join('').length).toBeLessThan(3 * 64 * 1024);
    expect(evidence.isCut).toBe(true);
  });

  it('tells when it cannot be written, and says nothing once it has ended', () => {
    const { evidence, failures, fill, endTurn } = scene();
    evidence.push('stdout', Buffer.from('a'));
    fill();
    endTurn();
    expect(failures).toEqual([new Error('no space')]);
    evidence.push('stdout', Buffer.from('b'));
    evidence.end();
    endTurn();
    expect(failures.length).toBe(1);
    expect(() => {
      evidence.flush();
    }).toThrow('the recording is broken off');
  });

  it('costs little for bulk', () => {
    const { evidence, endTurn } = scene({ bytesMax: defaultLimits.execEvidenceBytesMax });
    const chunk = Buffer.alloc(32_768, 'bulk');
    const bulk = () => {
      for (let turn = 0; turn < 3052; turn += 1) {
        evidence.push('stdout', chunk);
        endTurn();
      }
    };
    expect(cpuSeconds(bulk)).toBeLessThan(1);
  });
});

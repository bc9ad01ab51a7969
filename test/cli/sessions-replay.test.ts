import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Session } from '../../engine/model/index.ts';
import { sessionId } from '../../engine/model/index.ts';
import { SessionRecorder, fileSink, sessionStart } from '../../engine/recording/index.ts';
import { OutputEvidence } from '../../hosts/ssh/output/index.ts';
import { tellEntry } from '../../cli/recordings.ts';
import { cli, config } from './run-cli.ts';

const startedAt = Date.parse('2026-11-01T10:00:00.500Z');

let cwd: string;

/** A session whose time goes on by what the test says. */
const recorded = (id: string) => {
  let time = startedAt;
  const session: Session = {
    id: sessionId(id),
    host: 'ssh',
    principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
    target: { name: 'web-1', labels: {} },
    client: '127.0.0.1',
    clientPort: 1,
    application: 'OpenSSH_9.2',
    startedAt,
  };
  const sink = fileSink(join(cwd, 'state/recordings'), session);
  const recorder = new SessionRecorder(sink, () => time);
  recorder.write(sessionStart(session, '0.0.0'));
  const channel = (number: number, bytesMax = 1000) =>
    new OutputEvidence({
      recorder,
      channel: number,
      bytesMax,
      hashesRest: false,
      defer: () => undefined,
      failed: () => undefined,
    });
  const pass = (milliseconds: number) => (time += milliseconds);
  return { recorder, channel, pass, file: join(cwd, `state/recordings/2026-11-01/${id}.jsonl`) };
};

const recordTerminal = () => {
  const { recorder, channel, pass } = recorded('s-terminal');
  const exec = channel(0);
  exec.push('stdout', Buffer.from('one\ntwo\n'));
  exec.flush();
  const terminal = channel(1);
  pass(100);
  terminal.window(100, 40);
  terminal.push('stdout', Buffer.from('\x1b[32m$\x1b[m \x1b]52;c;cm0K\x07\x1b[6n'));
  terminal.flush();
  pass(1500);
  recorder.write({ type: 'statement', channel: 1, verdict: 'allow', text: 'ls\n\x1b[6n' });
  terminal.push('stdout', Buffer.from('n\u00e4').subarray(0, 2));
  terminal.flush();
  pass(10);
  terminal.push('stdout', Buffer.from('\u00e4.txt\r\n').subarray(1));
  terminal.window(80, 24);
  recorder.write({ type: 'outcome', channel: 1, output: terminal.end() });
  recorder.close();
};

const recordExec = () => {
  const { recorder, channel } = recorded('s-exec');
  const exec = channel(7, 4);
  exec.push('stdout', Buffer.from('a\nb\nand more'));
  exec.push('stderr', Buffer.from('no\n'));
  recorder.write({ type: 'outcome', channel: 7, output: exec.end() });
  recorder.close();
};

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sallyport-replay-'));
  writeFileSync(join(cwd, 'sallyport.yaml'), config);
  recordTerminal();
  recordExec();
  recorded('s-silent').recorder.close();
});

afterAll(() => {
  rmSync(cwd, { recursive: true });
});

const sessions = (...args: readonly string[]) => cli(['sessions', ...args], { cwd });

describe('sallyport sessions replay', () => {
  it('shows the terminal, without what a terminal would act on', async () => {
    expect(await sessions('replay', 's-terminal')).toEqual({
      code: 0,
      out: '\x1b[32m$\x1b[m n\u00e4.txt\r\n',
      err: 'channel 1, 100x40, ada to web-1\n',
    });
  });

  it('shows another channel when asked', async () => {
    const { code, out } = await sessions('replay', 's-terminal', '--channel', '0');
    expect({ code, out }).toEqual({ code: 0, out: 'one\r\ntwo\r\n' });
  });

  it.each([
    [['s-silent'], 'nothing was recorded of the output of session s-silent', 'sessions show'],
    [['s-terminal', '--channel', '5'], 'of the output of channel 5 of session', 'it has 0, 1'],
    [['s-0'], 'there is no recording of session s-0', 'sessions list'],
  ])('says that there is nothing to show: %p', async (args, error, hint) => {
    const { code, out, err } = await sessions('replay', ...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(error);
    expect(err).toContain(hint);
  });

  it.each([
    ['--speed', '0', '--speed is no positive number'],
    ['--speed', 'x', '--speed is no positive number'],
    ['--idle', '-1', '--idle is no number of seconds'],
  ])('refuses %s %s', async (option, value, error) => {
    const { code, err } = await sessions('replay', 's-terminal', `${option}=${value}`);
    expect(code).toBe(2);
    expect(err).toContain(error);
  });

  it('shows what is proven of an altered recording, and exits 1', async () => {
    const { recorder, channel, file } = recorded('s-altered');
    const terminal = channel(0);
    for (const text of ['first', 'second', 'third']) {
      terminal.push('stdout', Buffer.from(text));
      terminal.flush();
      // So long that it is sealed.
      recorder.write({ type: 'hold', channel: 0, text: 'x'.repeat(70_000) });
    }
    recorder.close();
    writeFileSync(file, readFileSync(file, 'utf8').replace('second', 'nothing'));
    const { code, out, err } = await sessions('replay', 's-altered');
    expect({ code, out }).toEqual({ code: 1, out: 'first' });
    expect(err).toContain('s-altered: broken at line 5: an entry or its seal was altered');
  });
});

describe('sallyport sessions export', () => {
  const exported = async (id: string, ...args: readonly string[]) => {
    const result = await sessions('export', id, '--asciicast', `${id}.cast`, ...args);
    const text = readFileSync(join(cwd, `${id}.cast`), 'utf8');
    const lines = text.trimEnd().split('\n');
    return { ...result, lines: lines.map((line) => JSON.parse(line) as unknown) };
  };

  it('writes an asciicast, as safe as a replay', async () => {
    const { code, out, err, lines } = await exported('s-terminal');
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: '' });
    const timestamp = Math.floor((startedAt + 100) / 1000);
    expect(lines).toEqual([
      { version: 2, width: 100, height: 40, timestamp, title: 'ada to web-1' },
      [0, 'r', '100x40'],
      [0, 'o', '\x1b[32m$\x1b[m '],
      [1.5, 'm', 'allow ls\\n\\u{1b}[6n'],
      [1.5, 'o', 'n'],
      [1.51, 'o', '\u00e4.txt\r\n'],
      [1.51, 'r', '80x24'],
    ]);
  });

  it('writes output that went to no terminal, and says what of it is missing', async () => {
    const { lines } = await exported('s-exec');
    expect(lines.slice(1)).toEqual([
      [0, 'o', 'a\r\nb\r\n'],
      [0, 'o', 'no\r\n'],
      [0, 'm', '8 more bytes of stdout are not recorded'],
    ]);
  });

  it('overwrites no file', async () => {
    const { code, err } = await sessions('export', 's-exec', '--asciicast', 'sallyport.yaml');
    expect(code).toBe(2);
    expect(err).toContain('sallyport.yaml cannot be made: EEXIST');
    expect(readFileSync(join(cwd, 'sallyport.yaml'), 'utf8')).toBe(config);
  });

  it('writes nothing when there is nothing', async () => {
    const { code } = await sessions('export', 's-silent', '--asciicast', 'none.cast');
    expect(code).toBe(1);
    expect(existsSync(join(cwd, 'none.cast'))).toBe(false);
  });
});

describe('sallyport sessions show --json', () => {
  it('has every character, and none that a terminal acts on', async () => {
    const { recorder } = recorded('s-json');
    const text = '\u009b6n\u202egnp\u2028\u007f\u{e0001}\u00e4';
    recorder.note({ type: 'output', channel: 0, stream: 'stdout', text });
    recorder.close();
    const { out } = await sessions('show', 's-json', '--json');
    expect(out).toContain('"\\u009b6n\\u202egnp\\u2028\\u007f\\udb40\\udc01\u00e4"');
    expect(JSON.parse(out)).toMatchObject({ entries: [{}, { text }] });
  });
});

describe('an entry of a stream in words', () => {
  it.each([
    [
      { type: 'output', channel: 1, stream: 'stdout', text: '\x1b]0;x\x07\r\nb' },
      'output',
      '#1 stdout, 9 bytes',
      ['| \\u{1b}]0;x\\u{7}\\r\\nb'],
    ],
    [
      {
        type: 'output',
        channel: 1,
        stream: 'stderr',
        base64: Buffer.alloc(80, 'a').toString('base64'),
      },
      'output',
      '#1 stderr, 80 bytes',
      [`| ${'a'.repeat(72)}\u2026`],
    ],
    [{ type: 'window', channel: 1, columns: 80, rows: 24 }, 'window', '#1 80 columns, 24 rows', []],
  ])('tells %j', (entry, word, text, notes) => {
    expect(tellEntry(entry)).toMatchObject({ word, text, notes });
  });
});

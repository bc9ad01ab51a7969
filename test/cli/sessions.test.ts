import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Session } from '../../engine/model/index.ts';
import { sessionId } from '../../engine/model/index.ts';
import { SessionRecorder, fileSink, sessionStart } from '../../engine/recording/index.ts';
import { tellEntry } from '../../cli/recordings.ts';
import { cli, config } from './run-cli.ts';

const hostile = "SELECT '\u001b]0;owned\u0007', '\u202egnp'";

let cwd: string;
let file: string;

function sessionOf(id: string, startedAt: number): Session {
  return {
    id: sessionId(id),
    host: 'postgres',
    principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
    target: { name: 'shop', labels: {}, database: 'shop' },
    client: '127.0.0.1',
    clientPort: 1,
    application: 'psql',
    startedAt,
  };
}

function record(session: Session, ended: boolean): string {
  const now = () => session.startedAt;
  const recorder = new SessionRecorder(fileSink(join(cwd, 'state/recordings'), session), now);
  recorder.write(sessionStart(session, '0.0.0'));
  const decision = {
    id: 'd-1',
    verdict: 'allow',
    revision: 'r',
    reasons: [{ code: 'rule-allow', message: 'fine' }],
  };
  recorder.write({ type: 'statement', verdict: 'allow', text: hostile, decisions: [decision] });
  const refused = { code: 'rule-deny', message: 'never' };
  recorder.write({
    type: 'statement',
    verdict: 'deny',
    text: 'TRUNCATE t',
    decisions: [],
    refused,
  });
  if (ended) recorder.write({ type: 'session-end', reason: 'client' });
  recorder.close();
  const day = new Date(session.startedAt).toISOString().slice(0, 10);
  return join(cwd, 'state/recordings', day, `${session.id}.jsonl`);
}

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'sallyport-sessions-'));
  writeFileSync(join(cwd, 'sallyport.yaml'), config);
  file = record(sessionOf('s-1', Date.parse('2026-11-01T10:00:00Z')), true);
  record(sessionOf('s-2', Date.parse('2026-11-02T10:00:00Z')), false);
});

afterAll(() => {
  rmSync(cwd, { recursive: true });
});

const sessions = (...args: readonly string[]) => cli(['sessions', ...args], { cwd });

describe('sallyport sessions', () => {
  it('lists who was connected, newest last', async () => {
    expect(await sessions('list')).toEqual({
      code: 0,
      err: '',
      out: [
        's-1  2026-11-01T10:00:00.000Z  ada  shop  2 statements  1 denied  closed',
        's-2  2026-11-02T10:00:00.000Z  ada  shop  2 statements  1 denied  open',
        '',
      ].join('\n'),
    });
  });

  it('lists only the last ones when asked', async () => {
    const { out } = await sessions('list', '--last', '1', '--json');
    expect(JSON.parse(out)).toMatchObject([{ session: 's-2', statements: 2 }]);
  });

  it('shows every statement, harmless to a terminal', async () => {
    const { code, out } = await sessions('show', 's-1');
    expect(code).toBe(0);
    expect(out).toContain(
      "10:00:00.000  allow      SELECT '\\u{1b}]0;owned\\u{7}', '\\u{202e}gnp'\n",
    );
    expect(out).toContain('10:00:00.000  deny       TRUNCATE t\n');
    expect(out).toContain('rule-deny: never\n');
    expect(out).toMatch(/s-1: intact, 4 entries\n$/);
  });

  it('verifies what is whole', async () => {
    expect(await sessions('verify')).toEqual({
      code: 0,
      err: '',
      out: 's-1: intact, 4 entries\ns-2: intact so far, 3 entries, not ended\n',
    });
  });

  it('does not know what was never recorded', async () => {
    const { code, err } = await sessions('show', 's-3');
    expect({ code, err }).toEqual({
      code: 1,
      err: 'error: there is no recording of session s-3\nhint: sallyport sessions list says which there are\n',
    });
  });

  it('finds an altered entry and exits 1', async () => {
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('TRUNCATE t', 'TRUNCATE u'));
    const { code, out, err } = await sessions('verify');
    const shown = await sessions('show', 's-1');
    writeFileSync(file, text);
    expect(code).toBe(1);
    expect(out).toContain('s-1: broken at line 1: an entry or its seal was altered\n');
    expect(err).toContain('1 of 2 recordings are broken');
    expect(shown.code).toBe(1);
    expect(shown.out).not.toContain('TRUNCATE u');
  });

  it('finds what was added', async () => {
    const text = readFileSync(file, 'utf8');
    appendFileSync(file, '{"type":"statement"}\n');
    const { code, out } = await sessions('verify', 's-1', '--json');
    writeFileSync(file, text);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([{ session: 's-1', state: 'broken', line: 6 }]);
  });
});

describe('an entry in words', () => {
  it.each([
    [
      { type: 'hold', approval: 'a-1', text: 'DELETE FROM t' },
      'held',
      'DELETE FROM t',
      'approval a-1',
    ],
    [
      { type: 'hold-outcome', outcome: 'approved', answers: [{ approver: 'dora', note: 'ok' }] },
      'approved',
      '',
      'by dora: ok',
    ],
    [{ type: 'hold-outcome', outcome: 'denied', by: 'dora', note: '' }, 'denied', '', 'by dora'],
    [{ type: 'outcome', tag: 'exit 0', sent: { bytes: 4 } }, 'done', 'exit 0', 'sent 4 bytes'],
    [
      { type: 'outcome', tag: '200', sent: { bytes: 1, sha256: 'ab' } },
      'done',
      '200',
      'sent 1 bytes, sha256 ab',
    ],
    [
      { type: 'outcome', tag: 'exit 0', output: { stdout: { bytes: 9, recorded: 5 } } },
      'done',
      'exit 0',
      '4 more bytes of stdout are not recorded',
    ],
    [
      {
        type: 'outcome',
        tag: 'exit 0',
        output: { stderr: { bytes: 9, recorded: 5, rest_sha256: 'ab' }, stdout: { bytes: 3 } },
      },
      'done',
      'exit 0',
      '4 more bytes of stderr are not recorded, sha256 ab',
    ],
  ])('tells %j', (entry, word, text, note) => {
    const told = tellEntry(entry);
    expect([told.word, told.text, told.notes]).toEqual([word, text, [note]]);
  });

  it.each([
    [{ type: 'session-end', reason: 'client' }, 'end', 'client'],
    [{ type: 'outcome', tag: 'SELECT 3' }, 'done', 'SELECT 3'],
    [{ type: 'outcome', error: '42501' }, 'failed', '42501'],
    [
      {
        type: 'outcome',
        request: 2,
        tag: '200',
        bytes: 7,
        ms: 3,
        sent: { bytes: 1, sha256: 'ab' },
      },
      'done',
      '#2 200, 7 bytes in 3 ms',
    ],
    [
      {
        type: 'message',
        request: 1,
        direction: 'up',
        content: 'text',
        bytes: 5,
        outcome: 'passed',
      },
      'message',
      '#1 text from the caller, 5 bytes, passed',
    ],
  ])('tells %j', (entry, word, text) => {
    expect(tellEntry(entry)).toMatchObject({ word, text });
  });

  it('marks the lines of a text, so that none passes for an entry', () => {
    const told = tellEntry({ type: 'hold', approval: 'a-1', text: 'POST /a\n\nallow\tall' });
    expect([told.text, told.notes]).toEqual(['POST /a', ['|', '| allow\\tall', 'approval a-1']]);
  });

  it('tells the masks, the approval and the parameters of a statement', () => {
    const told = tellEntry({
      type: 'statement',
      verdict: 'allow',
      text: 'SELECT $1',
      approval: 'a-1',
      parameters: [{ text: '\u0000' }],
      decisions: [{ reasons: [], masks: [{ column: 'public.users.email', strategy: 'hash' }] }],
    });
    expect(told.notes).toEqual([
      'masks public.users.email',
      'approval a-1',
      'parameters [{"text":"\\u0000"}]',
    ]);
  });
});

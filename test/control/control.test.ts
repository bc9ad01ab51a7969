import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { ControlReply } from '../../control/index.ts';
import { ControlServer, callControl, controlSocket } from '../../control/index.ts';
import { ApprovalDesk } from '../../engine/approval/index.ts';
import { Authenticator, createToken } from '../../engine/identity/index.ts';
import { approvalId } from '../../engine/model/index.ts';

const people = {
  ada: { id: 'ada@example.com', groups: ['engineering'], ...createToken() },
  dora: { id: 'dora@example.com', groups: ['dba'], ...createToken() },
  eve: { id: 'eve@example.com', groups: ['support'], ...createToken() },
};

let state: string;
let desk: ApprovalDesk;
let authenticator: Authenticator;
let server: ControlServer;

const options = () => ({
  desk,
  authenticator,
  socket: controlSocket(state),
  status: () => ({ version: '0.0.0', holds: desk.list().length }),
});

function call(who: keyof typeof people, path: string, body?: unknown): Promise<ControlReply> {
  const method = body === undefined ? 'GET' : 'POST';
  const socket = controlSocket(state);
  return callControl({ socket, token: people[who].token, method, path, body });
}

function hold(groups: readonly string[] = ['dba']) {
  return desk.open({
    requester: { id: people.ada.id, kind: 'human', groups: people.ada.groups },
    session: 's-1',
    target: 'shop',
    statement: 'DELETE FROM orders',
    requirements: [{ rule: 'r', message: 'DELETE without WHERE', groups, quorum: 1 }],
    ttlSeconds: 60,
  });
}

const codeOf = (reply: ControlReply) => (reply.kind === 'refused' ? reply.error.code : reply.kind);

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'sallyport-control-'));
  const lines = Object.values(people).map(
    ({ id, groups, hash }) => `  - {id: ${id}, groups: [${groups.join(', ')}], hash: "${hash}"}`,
  );
  await writeFile(join(state, 'tokens.yaml'), ['tokens:', ...lines, ''].join('\n'));
  authenticator = new Authenticator(
    {
      tokens: join(state, 'tokens.yaml'),
      clientCertificates: undefined,
      oidc: undefined,
      ssh: undefined,
    },
    Date.now,
  );
  let count = 0;
  desk = new ApprovalDesk({ now: Date.now, nextId: () => approvalId(`a-${(count += 1)}`) });
  server = await ControlServer.start(options());
});

afterEach(async () => {
  for (const held of desk.list()) {
    desk.answer(
      held.id,
      { id: 'end', kind: 'human', groups: ['dba'] },
      { approve: false, note: '' },
    );
  }
  await server.close();
  await rm(state, { recursive: true });
});

describe('the control socket', () => {
  it('is for its owner only', async () => {
    expect((await stat(controlSocket(state))).mode & 0o777).toBe(0o600);
  });

  it.each(['', 'slp_unknown'])('refuses the token %j on every route', async (token) => {
    const socket = controlSocket(state);
    for (const path of ['/status', '/approvals', '/nowhere']) {
      const reply = await callControl({ socket, token, method: 'GET', path });
      expect(codeOf(reply)).toBe('not-authenticated');
    }
  });

  it('says what the gateway says of itself', async () => {
    const reply = await call('ada', '/status');
    expect(reply).toEqual({ kind: 'answered', body: { version: '0.0.0', holds: 0 } });
  });

  it.each(['/', '/approvals/a-1/more', '/approvals?x=1', '/status/'])(
    'knows no route %s',
    async (path) => {
      expect(codeOf(await call('ada', path))).toBe('no-such-route');
    },
  );

  it('refuses a second gateway while the first one lives', async () => {
    await expect(ControlServer.start(options())).rejects.toMatchObject({ code: 'state-in-use' });
    expect(codeOf(await call('ada', '/status'))).toBe('answered');
  });

  it('takes over the socket that a killed gateway left', async () => {
    await server.close();
    const left = `require('node:net').createServer().listen(${JSON.stringify(controlSocket(state))},
      () => process.kill(process.pid, 'SIGKILL'))`;
    expect(spawnSync(process.execPath, ['-e', left]).signal).toBe('SIGKILL');
    expect((await stat(controlSocket(state))).isSocket()).toBe(true);
    server = await ControlServer.start(options());
    expect(codeOf(await call('ada', '/status'))).toBe('answered');
  });

  it('says so when the path is too long for a socket', async () => {
    const socket = controlSocket(join(state, 'x'.repeat(100)));
    await expect(ControlServer.start({ ...options(), socket })).rejects.toMatchObject({
      code: 'config-invalid',
    });
  });

  it('reports an absent gateway as a value', async () => {
    const socket = join(state, 'absent.sock');
    const reply = await callControl({ socket, token: 't', method: 'GET', path: '/status' });
    expect(reply.kind).toBe('unreachable');
  });
});

describe('approvals', () => {
  it('shows a hold to its requester and its approvers, and to nobody else', async () => {
    hold();
    const views = await Promise.all(
      (['ada', 'dora', 'eve'] as const).map((who) => call(who, '/approvals')),
    );
    expect(views).toMatchObject([
      { body: { approvals: [{ id: 'a-1', statement: 'DELETE FROM orders', mayAnswer: false }] } },
      { body: { approvals: [{ id: 'a-1', requester: { id: people.ada.id }, mayAnswer: true }] } },
      { body: { approvals: [] } },
    ]);
  });

  it('takes the yes of an approver', async () => {
    const { outcome } = hold();
    const reply = await call('dora', '/approvals/a-1', { answer: 'approve', note: 'go on' });
    expect(reply).toEqual({
      kind: 'answered',
      body: { id: 'a-1', answer: 'approve', settled: true },
    });
    expect(await outcome).toMatchObject({
      kind: 'approved',
      answers: [{ approver: people.dora.id, note: 'go on' }],
    });
  });

  it('takes the no of an approver', async () => {
    const { outcome } = hold();
    await call('dora', '/approvals/a-1', { answer: 'deny' });
    expect(await outcome).toEqual({ kind: 'denied', by: people.dora.id, note: '' });
  });

  it('refuses who may not answer, and the hold stays', async () => {
    hold(['dba', 'engineering']);
    const answer = { answer: 'approve' };
    expect(codeOf(await call('eve', '/approvals/a-1', answer))).toBe('not-an-approver');
    expect(codeOf(await call('ada', '/approvals/a-1', answer))).toBe('own-request');
    expect(codeOf(await call('dora', '/approvals/a-2', answer))).toBe('no-such-approval');
    expect(desk.list()).toHaveLength(1);
  });

  it.each([
    ['a word', 'approve'],
    ['null', null],
    ['a list', ['approve']],
    ['no answer', {}],
    ['another answer', { answer: 'maybe' }],
    ['an unknown key', { answer: 'approve', force: true }],
    ['a note that is no text', { answer: 'approve', note: 7 }],
    ['a note without end', { answer: 'approve', note: 'x'.repeat(1001) }],
  ])('refuses as a body %s', async (_what, body) => {
    hold();
    expect(codeOf(await call('dora', '/approvals/a-1', body))).toBe('body-invalid');
    expect(desk.list()).toHaveLength(1);
  });

  it('refuses a body over 16 KB without reading it to its end', async () => {
    hold();
    const body = { answer: 'approve', note: 'x'.repeat(17 * 1024) };
    expect(codeOf(await call('dora', '/approvals/a-1', body))).toBe('body-too-large');
    expect(desk.list()).toHaveLength(1);
  });
});

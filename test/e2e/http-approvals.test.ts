// Requests that wait for a human: released once, exactly as they were, by somebody else, or not at all.

import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Entry } from '#engine';
import { listRecordings, readRecording } from '#engine';
import type { Origin } from '#lab';
import { startOrigin } from '#lab';
import { cli } from '../cli/run-cli.ts';
import type { Asking, Reply } from '../support/http-client.ts';
import { answerApproval, approvalsOf, heldFor } from '../support/approvals.ts';
import { ask, askHttp2, http2Session, send } from '../support/http-client.ts';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';

const policies = {
  'rules.rego': `package rules.http.test

import rego.v1

allow contains "everybody may ask"

deny contains "nobody deletes" if input.statement.command == "DELETE"

approve contains {"id": "writes", "msg": "a write", "groups": ["approvers"], "ttl": "5m"} if {
	input.statement.command == "POST"
	input.statement.unit == "request"
}

approve contains {"id": "mutations", "msg": "a mutation", "groups": ["approvers"], "ttl": "5m"} if {
	input.statement.graphql.type == "mutation"
}

approve contains {"id": "payments", "msg": "a payment", "groups": ["approvers"], "ttl": "5m"} if {
	input.statement.rpc.method == "pay"
}
`,
};

/** Longer than a reload of the policies takes. */
const heldRequestSecondsMax = 3;
const bodyBytesMax = 64 * 1024;
const json = { 'content-type': 'application/json' };

let origin: Origin;
let gateway: HttpGateway;
const arrived: string[] = [];

beforeAll(async () => {
  origin = await startOrigin({
    onRequest: ({ method = '', url = '' }) => arrived.push(`${method} ${url}`),
  });
  const app = httpTarget(origin);
  gateway = await HttpGateway.start({
    targets: {
      app,
      graph: { ...app, graphql: ['/echo'] },
      calls: { ...app, json_rpc: ['/echo'] },
    },
    policies,
    principals: {
      ada: { groups: ['engineering', 'approvers'] },
      dora: { groups: ['approvers'] },
      eve: { groups: ['engineering'] },
    },
    limits: { heldRequestSecondsMax, bodyBytesMax },
  });
});

afterAll(async () => {
  await gateway.stop();
  await origin.stop();
});

const arrivals = (path: string): number => arrived.filter((each) => each.includes(path)).length;

const post = (path: string, body = 'amount=1', asking: Asking = {}): Promise<Reply> =>
  ask(gateway, path, { method: 'POST', body, ...asking });

const codeOf = ({ body }: Reply): unknown =>
  (JSON.parse(body) as Readonly<Record<string, unknown>>)['code'];

/** Waits for the one hold and gives dora's answer. */
async function approve(answer: 'approve' | 'deny' = 'approve', note = ''): Promise<string> {
  const [held] = await heldFor(gateway, 'dora');
  const id = held?.id ?? '';
  const reply = await answerApproval(gateway, 'dora', { id, answer, note });
  expect(reply).toMatchObject({ kind: 'answered', body: { settled: true } });
  return id;
}

async function recorded(): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const { file } of await listRecordings(gateway.recordings)) {
    for await (const entry of readRecording(file)) entries.push(entry);
  }
  return entries;
}

describe('a request that needs approval', () => {
  it('waits with its connection open and is sent once when somebody approves it', async () => {
    const path = '/echo?case=released';
    const reply = post(path, 'amount=10', { headers: { 'x-method': 'PUT', cookie: 'a=secret' } });
    const [held] = await heldFor(gateway, 'dora');
    expect(arrivals(path)).toBe(0);
    expect(held?.statement.split('\n')).toEqual([
      'POST app.localhost/echo?case=released',
      'x-method: PUT',
      'cookie: (not shown)',
      '',
      'amount=10',
    ]);
    const { code, out } = await cli(
      ['approvals', 'approve', held?.id ?? '', '--note', 'paid', '--config', gateway.files.config],
      { cwd: join(gateway.files.config, '..'), env: { SALLYPORT_TOKEN: gateway.token('dora') } },
    );
    expect({ code, out }).toEqual({ code: 0, out: `approved ${held?.id ?? ''}\n` });
    const { status, body } = await reply;
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ method: 'POST', body: 'amount=10' });
    expect(arrivals(path)).toBe(1);
  });

  it('is refused with the note of the approver who said no', async () => {
    const path = '/echo?case=denied';
    const reply = post(path);
    const approval = await approve('deny', 'not today');
    const denied = await reply;
    expect(denied).toMatchObject({
      status: 403,
      headers: { 'content-type': 'application/problem+json' },
    });
    expect(JSON.parse(denied.body)).toMatchObject({
      code: 'approval-denied',
      title: 'sallyport: dora said no: not today',
      approval,
    });
    expect(arrivals(path)).toBe(0);
  });

  it('is not approved by who sent it, nor by who may not', async () => {
    const reply = post('/echo?case=own');
    const [held] = await heldFor(gateway, 'dora');
    const yes = { id: held?.id ?? '', answer: 'approve' } as const;
    expect(await answerApproval(gateway, 'ada', yes)).toMatchObject({
      kind: 'refused',
      error: { code: 'own-request' },
    });
    expect(await answerApproval(gateway, 'eve', yes)).toMatchObject({
      kind: 'refused',
      error: { code: 'not-an-approver' },
    });
    expect(await approvalsOf(gateway, 'eve')).toEqual([]);
    await approve('deny');
    expect((await reply).status).toBe(403);
  });

  it('is told to come again when nobody answers, and released once when it does', async () => {
    const path = '/echo?case=later';
    const first = await post(path);
    expect(first).toMatchObject({ status: 403, headers: { 'retry-after': '10' } });
    expect(codeOf(first)).toBe('approval-pending');
    const approval = await approve();
    expect(JSON.parse(first.body)).toMatchObject({ approval });
    expect(arrivals(path)).toBe(0);
    expect((await post(path)).status).toBe(200);
    expect(arrivals(path)).toBe(1);
    const second = post(path);
    expect(await approve('deny')).not.toBe(approval);
    expect(codeOf(await second)).toBe('approval-denied');
    expect(arrivals(path)).toBe(1);
  });

  it('is another one when a byte of it differs', async () => {
    const path = '/echo?case=bytes';
    const first = post(path, 'amount=1', { headers: { 'x-note': 'a' } });
    await heldFor(gateway, 'dora');
    const others = [
      post(path, 'amount=2', { headers: { 'x-note': 'a' } }),
      post(path, 'amount=1', { headers: { 'x-note': 'b' } }),
      post(`${path}&more`, 'amount=1', { headers: { 'x-note': 'a' } }),
      post(path, 'amount=1', { headers: { 'x-note': 'a' }, principal: 'eve' }),
    ];
    const held = await heldFor(gateway, 'dora', 5);
    const id = held[0]?.id ?? '';
    await answerApproval(gateway, 'dora', { id, answer: 'approve' });
    expect((await first).status).toBe(200);
    for (const other of held.slice(1)) {
      await answerApproval(gateway, 'dora', { id: other.id, answer: 'deny' });
    }
    const codes = (await Promise.all(others)).map(codeOf);
    expect(codes).toEqual(Array.from(others, () => 'approval-denied'));
    expect(arrivals(path)).toBe(1);
  });

  it('is the same one whatever only traces it', async () => {
    const path = '/echo?case=traced';
    const first = post(path, 'a', { headers: { 'x-request-id': '1' } });
    await heldFor(gateway, 'dora');
    const second = post(path, 'a', { headers: { 'x-request-id': '2' } });
    await second;
    expect(codeOf(await first)).toBe('approval-pending');
    await approve('deny');
  });

  it('is released on one of two connections that wait for it', async () => {
    const path = '/echo?case=twice';
    const first = post(path);
    await heldFor(gateway, 'dora');
    const mark = gateway.process.log.length;
    const both = [first, post(path)];
    await gateway.process.logged(({ event }) => event === 'session-started', mark);
    // Whatever came with the second one's head has been read by then.
    await ask(gateway, '/small');
    await approve();
    const replies = await Promise.all(both);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 403]);
    const refused = replies.find(({ status }) => status === 403);
    expect(refused?.body).toContain('on another connection');
    expect(arrivals(path)).toBe(1);
  });

  it('is not sent when its caller has left, and waits for the retry', async () => {
    const path = '/echo?case=left';
    const { sent, response } = send(gateway, path, { method: 'POST' });
    sent.end('a');
    await heldFor(gateway, 'dora');
    sent.destroy();
    await expect(response).rejects.toThrow();
    await approve();
    expect(arrivals(path)).toBe(0);
    expect((await post(path, 'a')).status).toBe(200);
    expect(arrivals(path)).toBe(1);
    expect(await recorded()).toContainEqual(
      expect.objectContaining({ type: 'outcome', error: expect.stringContaining('it waited') }),
    );
  });

  it('is denied when the policy has changed to deny it', async () => {
    const path = '/echo?case=frozen';
    // Nothing had to be read of it when it came.
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = post(path, 'amount=1', { headers: form });
    await heldFor(gateway, 'dora');
    const freeze = {
      'freeze.rego':
        'package rules.http.freeze\n\nimport rego.v1\n\ndeny contains "frozen" if "amount" in {field.name | some field in input.statement.body.fields}\n',
    };
    expect(await gateway.changePolicies(freeze)).toMatchObject({ event: 'policy-loaded' });
    await approve();
    expect(codeOf(await reply)).toBe('rule-deny');
    expect(arrivals(path)).toBe(0);
    await gateway.changePolicies({ 'freeze.rego': '' });
  });

  it('asks anew when the policy has come to want somebody else', async () => {
    const path = '/echo?case=stricter';
    const reply = post(path);
    await heldFor(gateway, 'dora');
    const stricter =
      'package rules.http.stricter\n\nimport rego.v1\n\napprove contains {"id": "board", "msg": "m", "groups": ["board"], "ttl": "5m"} if input.statement.command == "POST"\n';
    await gateway.changePolicies({ 'stricter.rego': stricter });
    await approve();
    expect(codeOf(await reply)).toBe('approval-pending');
    expect(arrivals(path)).toBe(0);
    await gateway.changePolicies({ 'stricter.rego': '' });
    for (const { id } of await approvalsOf(gateway, 'dora')) {
      await answerApproval(gateway, 'dora', { id, answer: 'deny' });
    }
  });

  it('must fit into what an approver can be shown', async () => {
    const path = '/echo?case=large';
    const declared = await post(path, 'x'.repeat(bodyBytesMax + 1));
    expect({ status: declared.status, code: codeOf(declared) }).toEqual({
      status: 413,
      code: 'statement-too-large',
    });
    const chunked = await post(path, 'x'.repeat(bodyBytesMax + 1), {
      headers: { 'transfer-encoding': 'chunked' },
    });
    expect(chunked.status).toBe(413);
    const fits = post(path, 'x'.repeat(bodyBytesMax));
    const [held] = await heldFor(gateway, 'dora');
    expect(held?.statement).toMatch(/65536 bytes, sha256 [0-9a-f]{64}$/);
    await approve();
    expect((await fits).status).toBe(200);
    expect(arrivals(path)).toBe(1);
  });

  it('is asked for its body and then waits', async () => {
    const path = '/echo?case=continue';
    const { sent, response } = send(gateway, path, {
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': '1' },
    });
    let continued = false;
    sent.on('continue', () => {
      continued = true;
      sent.end('a');
    });
    sent.flushHeaders();
    await approve();
    expect((await response).statusCode).toBe(200);
    expect(continued).toBe(true);
  });
});

describe('a batch of which one part needs approval', () => {
  it('waits as a whole where it is JSON-RPC', async () => {
    const call = (id: number, method: string) => ({ jsonrpc: '2.0', id, method, params: {} });
    const body = JSON.stringify([call(1, 'balance'), call(2, 'pay')]);
    const asking = { target: 'calls', headers: json };
    const reply = post('/echo?case=calls', body, asking);
    const [held] = await heldFor(gateway, 'dora');
    expect(held?.statement).toContain('balance');
    expect(held?.statement).toContain('pay');
    expect(arrivals('case=calls')).toBe(0);
    await approve();
    expect((await reply).status).toBe(200);
    expect(arrivals('case=calls')).toBe(1);
    const harmless = await post('/echo?case=calls', JSON.stringify([call(1, 'balance')]), asking);
    expect(harmless.status).toBe(200);
  });

  it('waits as a whole where it is GraphQL', async () => {
    const body = JSON.stringify([{ query: '{ a }' }, { query: 'mutation { b }' }]);
    const asking = { target: 'graph', headers: json };
    const reply = post('/echo?case=operations', body, asking);
    await approve('deny');
    expect((await reply).status).toBe(403);
    expect(arrivals('case=operations')).toBe(0);
  });
});

describe('a request of HTTP/2 that needs approval', () => {
  it('waits on its stream while others pass', async () => {
    const session = http2Session(gateway);
    const path = '/echo?case=http2';
    const asked = { method: 'POST', body: 'a' };
    const reply = askHttp2(session, gateway, path, asked);
    await heldFor(gateway, 'dora');
    expect((await askHttp2(session, gateway, '/small')).status).toBe(200);
    await approve();
    expect((await reply).status).toBe(200);
    expect(arrivals(path)).toBe(1);
    const again = await askHttp2(session, gateway, path, asked);
    expect(again).toMatchObject({ status: 403, headers: { 'retry-after': '10' } });
    await approve('deny');
    session.close();
  });
});

describe('the recordings of all these', () => {
  it('hold each question, each answer, and nothing of the credentials', async () => {
    const entries = await recorded();
    const released = entries.filter(
      ({ type, text }) => type === 'hold' && JSON.stringify(text).includes('case=released'),
    );
    expect(released).toHaveLength(1);
    const approval = released[0]?.['approval'];
    expect(entries).toContainEqual(
      expect.objectContaining({
        type: 'hold-outcome',
        approval,
        outcome: 'approved',
        answers: [expect.objectContaining({ approver: 'dora', note: 'paid' })],
      }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ type: 'statement', verdict: 'allow', approval }),
    );
    const text = JSON.stringify(entries);
    for (const secret of [gateway.token('ada'), gateway.token('dora'), 'a=secret']) {
      expect(text).not.toContain(secret);
    }
  });
});

// `eval` and the live gateway decide alike on HTTP requests, the odd ones included, because they run the same code.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Origin } from '#lab';
import { startOrigin } from '#lab';
import { answerOf } from '../../cli/eval/answer.ts';
import { questionOf } from '../../cli/eval/question.ts';
import type { LoadedPolicies } from '../../cli/policies.ts';
import { loadPolicies } from '../../cli/policies.ts';
import { loadConfig } from '../../engine/config/index.ts';
import { RawClient } from '../adversarial/http/raw-client.ts';
import { HttpGateway, httpTarget } from '../support/http-gateway.ts';

const examples = fileURLToPath(new URL('../../policies/examples/http/', import.meta.url));
const policies = {
  ...Object.fromEntries(
    readdirSync(examples).map((name) => [name, readFileSync(join(examples, name), 'utf8')]),
  ),
  // Reads bodies, headers, queries and hosts, which the examples do not.
  'reads.rego': `package rules.http.reads

import rego.v1

deny contains "over the limit" if {
	some name, amount in input.statement.body.json
	name == "amount"
	amount > 100
}

deny contains "no debugging" if {
	some pair in input.statement.query
	pair.name == "debug"
}

deny contains "no override" if "x-override" in object.keys(input.statement.headers)

deny contains "not by this name" if startswith(input.statement.host, "other")
`,
};
const bodyBytesMax = 4096;
const answerMsMax = 10_000;

interface Asked {
  readonly name: string;
  /** `app` unless given. */
  readonly target?: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: readonly string[];
  readonly data?: string;
  /** Refused by node's parser of HTTP/1.1 before the host sees it, so with the parser's name for it. */
  readonly byParser?: true;
}

const form = 'Content-Type: application/x-www-form-urlencoded';
const call = (method: string, params: object = {}, id = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
const tool = (name: string) => call('tools/call', { name, arguments: {} });
const mcp = (name: string, ...calls: readonly object[]): Asked => ({
  ...{ name: `MCP: ${name}`, target: 'wiki', path: '/echo' },
  data: JSON.stringify(calls.length === 1 ? calls[0] : calls),
});
const graphql = (name: string, query: string, more: object = {}): Asked => ({
  ...{ name: `GraphQL: ${name}`, target: 'graph', path: '/echo' },
  data: JSON.stringify({ query, ...more }),
});

const requests: readonly Asked[] = [
  { name: 'a read', path: '/small' },
  { name: 'a read with a query', path: '/small?a=1&b=%20' },
  { name: 'HEAD', method: 'HEAD', path: '/small' },
  { name: 'OPTIONS', method: 'OPTIONS', path: '/small' },
  { name: 'a write', method: 'POST', path: '/echo', data: '{}' },
  { name: 'PUT', method: 'PUT', path: '/echo', data: '{"a":1}' },
  { name: 'PATCH', method: 'PATCH', path: '/echo', data: '{"a":1}' },
  { name: 'DELETE', method: 'DELETE', path: '/echo' },
  { name: 'an unknown method', method: 'PURGE', path: '/small' },
  { byParser: true, name: 'a method in small letters', method: 'get', path: '/small' },
  { name: 'TRACE', method: 'TRACE', path: '/small' },
  { name: 'the administration', method: 'POST', path: '/admin/users', data: '{}' },
  { name: 'the administration in capitals', method: 'POST', path: '/ADMIN', data: '{}' },
  { name: 'a denied query', path: '/small?debug=1' },
  { name: 'a denied query, encoded', path: '/small?%64ebug=1' },
  { name: 'a denied header', path: '/small', headers: ['X-Override: yes'] },
  { name: 'an empty denied header', path: '/small', headers: ['X-Override:'] },
  { name: 'a denied body', method: 'POST', path: '/echo', data: '{"amount": 101}' },
  { name: 'a body within the limit', method: 'POST', path: '/echo', data: '{"amount": 100}' },
  {
    name: 'a body with a key twice',
    method: 'POST',
    path: '/echo',
    data: '{"amount":1,"amount":2}',
  },
  { name: 'a body with a key in capitals', method: 'POST', path: '/echo', data: '{"AMOUNT":101}' },
  { name: 'a body that is no JSON', method: 'POST', path: '/echo', data: '{amount' },
  { name: 'a form', method: 'POST', path: '/echo', headers: [form], data: 'amount=101' },
  { name: 'a malformed form', method: 'POST', path: '/echo', headers: [form], data: 'a=%zz' },
  {
    name: 'an encoded body',
    method: 'POST',
    path: '/echo',
    headers: ['Content-Encoding: gzip'],
    data: '{}',
  },
  {
    name: 'a body that is too long',
    method: 'POST',
    path: '/echo',
    data: JSON.stringify('x'.repeat(bodyBytesMax)),
  },
  {
    name: 'a body of the longest kind',
    method: 'POST',
    path: '/echo',
    data: JSON.stringify('x'.repeat(bodyBytesMax - 2)),
  },
  { name: 'a GET with a body', method: 'GET', path: '/small', data: '{"amount": 101}' },
  { name: 'dot segments', path: '/a/../admin' },
  { name: 'encoded dot segments', path: '/a/%2e%2e/admin' },
  { name: 'an encoded slash', path: '/a%2fb' },
  { name: 'an encoded slash where it is taken', target: 'slashes', path: '/a%2fb' },
  { name: 'a needless encoding', path: '/sm%61ll' },
  { name: 'a broken encoding', path: '/a%zz' },
  { name: 'an empty segment', path: '//small' },
  { name: 'a fragment', path: '/small#a' },
  { name: 'an underscore in a name', path: '/small', headers: ['X_Override: yes'] },
  { byParser: true, name: 'a control character', path: '/small', headers: ['X-A: a\u0001b'] },
  {
    byParser: true,
    name: 'two lengths',
    method: 'POST',
    path: '/echo',
    headers: ['Content-Length: 3'],
    data: '{}',
  },
  { name: 'an unknown coding', path: '/small', headers: ['Transfer-Encoding: gzip'] },
  { name: 'an upgrade to h2c', path: '/small', headers: ['Connection: upgrade', 'Upgrade: h2c'] },
  { name: 'a page of the gateway', path: '/.sallyport/nothing' },
  { name: 'another name of the target', target: 'named', path: '/small' },
  graphql('a query', '{ customers { name } }'),
  graphql('a mutation', 'mutation { addCustomer(id: 1) { id } }'),
  graphql('a mutation that deletes', 'mutation { deleteCustomer(id: 1) { id } }'),
  graphql('a mutation behind an alias', 'mutation { add: removeCustomer(id: 1) { id } }'),
  graphql('introspection', '{ __schema { types { name } } }'),
  graphql('two operations', 'query a { a } mutation b { b }', { operationName: 'b' }),
  graphql('no operation', 'fragment a on B { c }'),
  { ...graphql('another spelling of the path', '{ a }'), path: '/Echo' },
  { name: 'GraphQL: a query in the URL', target: 'graph', path: '/echo?query=%7Ba%7D' },
  { name: 'GraphQL: a mutation in the URL', target: 'graph', path: '/echo?query=mutation%7Ba%7D' },
  mcp('a list of tools', call('tools/list')),
  mcp('a tool that reads', tool('search')),
  mcp('a tool that writes', tool('edit_page')),
  mcp('a batch with a tool that writes', tool('search'), { ...tool('edit_page'), id: 2 }),
  mcp('an unknown method', call('resources/subscribe')),
  mcp('no call at all', { jsonrpc: '1.0' }),
  { ...mcp('a header that names another tool', tool('edit_page')), headers: ['Mcp-Name: search'] },
];

const verdicts: string[] = [];
let origin: Origin;
let gateway: HttpGateway;

beforeAll(async () => {
  origin = await startOrigin();
  const app = { ...httpTarget(origin), labels: { env: 'production' } };
  gateway = await HttpGateway.start({
    policies,
    principals: { ada: { groups: ['engineering'] }, bot: { kind: 'workload', groups: ['agents'] } },
    targets: {
      app,
      graph: { ...app, graphql: ['/echo'] },
      wiki: { ...app, mcp: ['/echo'] },
      slashes: { ...app, encoded_slash: true },
      named: { ...app, hosts: ['other.localhost'] },
    },
    limits: { heldRequestSecondsMax: 1, bodyBytesMax },
  });
});

afterAll(async () => {
  await gateway.stop();
  await origin.stop();
});

interface Said {
  readonly verdict: string;
  readonly code: string;
  readonly rule: string | undefined;
}

const hostOf = ({ target = 'app' }: Asked): string =>
  target === 'named' ? 'other.localhost' : `${target}.localhost`;

const methodOf = ({ method, data }: Asked): string =>
  method ?? (data === undefined ? 'GET' : 'POST');

/** The bytes that eval says it was asked about, and who asks. */
function bytesOf(asked: Asked, principal: string): Buffer {
  const { path, headers = [], data } = asked;
  const hasType = headers.some((each) => /^content-type:/i.test(each));
  const lines = [
    `${methodOf(asked)} ${path} HTTP/1.1`,
    `Host: ${hostOf(asked)}`,
    ...headers,
    ...(data === undefined || hasType ? [] : ['Content-Type: application/json']),
    ...(data === undefined ? [] : [`Content-Length: ${Buffer.byteLength(data)}`]),
    `Authorization: Bearer ${gateway.token(principal)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${data ?? ''}`);
}

async function live(asked: Asked, principal: string): Promise<Said> {
  using client = await RawClient.open({ port: gateway.port, ca: gateway.ca, protocol: 'http/1.1' });
  client.send(bytesOf(asked, principal));
  const isHead = methodOf(asked) === 'HEAD';
  await client.until((bytes) => isHead || isWhole(bytes.toString('latin1')), answerMsMax);
  const [head = '', body = ''] = client.bytes.toString().split('\r\n\r\n');
  if (!/^content-type: application\/problem\+json/im.test(head)) {
    return { verdict: 'allow', code: '', rule: undefined };
  }
  const { code, rule } = JSON.parse(body) as { readonly code: string; readonly rule?: string };
  if (code === 'approval-pending') return { verdict: 'hold', code: '', rule: undefined };
  return { verdict: 'deny', code, rule };
}

/** An answer with its length, or the last of its chunks. */
function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /^content-length: (\d+)/im.exec(text.slice(0, end))?.[1];
  return length === undefined
    ? text.endsWith('0\r\n\r\n')
    : text.length >= end + 4 + Number(length);
}

describe.each(['ada', 'bot'])('eval as %s', (principal) => {
  const config = () => loadConfig(gateway.files.config);
  let loaded: LoadedPolicies;

  beforeAll(async () => {
    loaded = await loadPolicies(config());
    expect(loaded.outcome).not.toMatchObject({ kind: 'rejected' });
  });

  afterAll(async () => {
    await loaded.compiler.close();
  });

  async function offline(asked: Asked): Promise<Said> {
    const { target = 'app', path, headers = [], data } = asked;
    const question = questionOf(
      {
        ...{ config: '', target, as: principal, groups: undefined, kind: 'human', time: undefined },
        ...{ database: undefined, user: undefined, file: undefined, input: undefined },
        ...{ 'cross-check': false, json: false },
        ...{ statement: `https://${hostOf(asked)}${path}`, request: methodOf(asked) },
        ...{ header: headers, data },
      },
      config(),
    );
    const answer = await answerOf(question, { config: config(), loaded, crossCheck: true });
    expect(answer.evaluated.filter(({ disagreement }) => disagreement !== undefined)).toEqual([]);
    const { verdict, refusal, evaluated } = answer;
    if (verdict !== 'deny') return { verdict, code: '', rule: undefined };
    const denied = evaluated.find(({ decision }) => decision.verdict === 'deny');
    const code = refusal?.code ?? denied?.decision.reasons[0]?.code ?? '';
    return { verdict, code, rule: refusal?.rule };
  }

  it.each(requests)('decides as the gateway does on $name', async (asked) => {
    const [said, lived] = [await offline(asked), await live(asked, principal)];
    verdicts.push(lived.verdict);
    if (asked.byParser) expect(lived.code).toBe('statement-unparsable');
    expect(said).toEqual(asked.byParser ? { ...said, verdict: lived.verdict } : lived);
  });
});

it('asked about requests of every verdict', () => {
  expect(requests.length).toBeGreaterThanOrEqual(40);
  for (const verdict of ['allow', 'hold', 'deny']) {
    expect(verdicts.filter((each) => each === verdict).length).toBeGreaterThan(5);
  }
});

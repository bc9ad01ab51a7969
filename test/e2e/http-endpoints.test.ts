// GraphQL, JSON-RPC and MCP end to end: each operation or call is judged, and the target gets the judged body to the byte.

import { connect } from 'node:http2';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RecordingUpstream } from '#lab';

import type { EndpointArena } from '../support/endpoint-arena.ts';
import { jsonAnswer, startEndpointArena } from '../support/endpoint-arena.ts';
import type { HttpGateway } from '../support/http-gateway.ts';
import type { Posted } from '../support/posted-request.ts';
import { receivedBodies, send } from '../support/posted-request.ts';

let arena: EndpointArena;
let gateway: HttpGateway;
let upstream: RecordingUpstream;

beforeAll(async () => {
  arena = await startEndpointArena();
  ({ gateway, upstream } = arena);
});

afterAll(async () => {
  await arena[Symbol.asyncDispose]();
});

const passes = (posted: Posted): Promise<void> => arena.passes(posted);
const refuses = (posted: Posted, status: number, refusal: string): Promise<void> =>
  arena.refuses(posted, status, refusal);

const query = (text: string, more: object = {}): Posted => ({
  path: '/graphql',
  body: JSON.stringify({ query: text, ...more }),
});

describe('GraphQL', () => {
  it.each([
    ['a query', query('{ users { name } }')],
    ['with space and comments', query('#c\n query  Q { users\n{ name } }  ')],
    ['a batch', { path: '/graphql', body: '[{"query":"{a}"}, {"query":"{b}"}]' }],
    [
      'of two operations the chosen one',
      query('query A { a } query B { b }', { operationName: 'A' }),
    ],
    ['a query in the address', { method: 'GET', path: '/graphql?query=%7Busers%7Bname%7D%7D' }],
  ])('passes %s', async (_, posted) => passes(posted));

  it.each([
    ['a field', '{ users { secret } }'],
    ['an alias', '{ users { name: secret } }'],
    ['an alias above it', '{ name: users { secret } }'],
    ['a fragment', 'query { users { ...F } } fragment F on User { secret }'],
    [
      'fragments in fragments',
      'query { ...A } fragment A on Query { users { ...B } } fragment B on User { secret }',
    ],
    ['an inline fragment', '{ ... on Query { users { ... { secret } } } }'],
    ['a directive', 'query($x: Boolean!) { users { secret @skip(if: $x) } }'],
    ['the address', 'GET'],
    ['the second of a batch', 'BATCH'],
    ['introspection', '{ a: __schema { types { name } } }'],
    ['introspection of a type', '{ __type(name: "User") { name } }'],
    ['a mutation among fields', 'mutation { a: eraseUser(id: 1) { id } }'],
  ])('judges what hides behind %s', async (_, text) => {
    const secret = '{ users { secret } }';
    const path = `/graphql?query=${encodeURIComponent(secret)}`;
    if (text === 'GET') await refuses({ method: 'GET', path }, 403, 'rule-deny');
    else if (text === 'BATCH') {
      const body = JSON.stringify([{ query: '{ a }' }, { query: secret }]);
      await refuses({ path: '/graphql', body }, 403, 'rule-deny');
    } else await refuses(query(text), 403, 'rule-deny');
  });

  it('holds a mutation for an approver', async () => {
    await refuses(query('mutation { addUser(name: "x") { id } }'), 403, 'approval-pending');
  });

  it.each(['/GraphQL', '/graphql/', '/graphql.json', '/GRAPHQL', '/graphql.php'])(
    'is not asked at another spelling: %s',
    (path) => refuses({ ...query('{ users { secret } }'), path }, 400, 'endpoint-spelling'),
  );

  it.each([
    '/%67raphql',
    '//graphql',
    '/./graphql',
    '/x/../graphql',
    '/graphql;x=1',
    '/graphql%2f',
    '/graphql%00',
  ])('is not asked at a path that is not canonical: %s', async (path) => {
    const { status } = await send(gateway, { ...query('{ users { secret } }'), path });
    expect(status).toBe(400);
    expect(receivedBodies(upstream)).toEqual([]);
  });

  it.each<[string, Posted, number, string]>([
    [
      'an operation in the address of a POST',
      { ...query('{ a }'), path: '/graphql?query=%7Bb%7D' },
      400,
      'graphql-parameters',
    ],
    [
      'a mutation by GET',
      { method: 'GET', path: '/graphql?query=mutation%7Ba%7D' },
      400,
      'graphql-method',
    ],
    ['another method', { ...query('{ a }'), method: 'PUT' }, 400, 'graphql-method'],
    [
      'a key twice',
      { path: '/graphql', body: '{"query":"{a}","query":"{users{secret}}"}' },
      400,
      'json-duplicate-key',
    ],
    [
      'a key in another case',
      { path: '/graphql', body: '{"query":"{a}","Query":"{users{secret}}"}' },
      400,
      'json-key-case',
    ],
    [
      'a stored document',
      { path: '/graphql', body: '{"extensions":{"persistedQuery":{"sha256Hash":"0"}}}' },
      400,
      'graphql-persisted',
    ],
    [
      'an upload',
      { ...query('{ a }'), headers: { 'content-type': 'multipart/form-data; boundary=a' } },
      400,
      'multipart-framing',
    ],
    [
      'a body without a type',
      { ...query('{ a }'), headers: { 'content-type': 'text/plain' } },
      415,
      'body-content-type',
    ],
    [
      'a charset',
      { ...query('{ a }'), headers: { 'content-type': 'application/json; charset=utf-16' } },
      415,
      'body-charset',
    ],
    [
      'a coding',
      { ...query('{ a }'), body: gzipSync('{}'), headers: { 'content-encoding': 'gzip' } },
      415,
      'statement-unsupported',
    ],
    ['a body that is too large', query(`{ a } #${'x'.repeat(4096)}`), 413, 'statement-too-large'],
    ['no operation', { path: '/graphql', body: '' }, 400, 'json-syntax'],
  ])('refuses %s', async (_, posted, status, rule) => refuses(posted, status, rule));

  it('refuses a WebSocket, whose messages would be operations', async () => {
    const headers = {
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };
    await refuses({ method: 'GET', path: '/graphql', headers }, 403, 'statement-unsupported');
  });

  it('judges an operation that calls itself gRPC', async () => {
    const session = connect(`https://127.0.0.1:${gateway.port}`, {
      ca: gateway.ca,
      servername: 'localhost',
    });
    const { Host: authority, Authorization: authorization } = gateway.headers('app');
    const stream = session.request({
      ...{ ':method': 'POST', ':path': '/graphql', ':authority': authority, authorization },
      'content-type': 'application/grpc',
    });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    stream.on('response', resolve).on('error', reject);
    stream.end('{"query":"{ users { secret } }"}');
    expect(await promise).toMatchObject({
      'grpc-status': expect.stringMatching(/^[1-9]/) as unknown,
    });
    session.destroy();
    expect(receivedBodies(upstream)).toEqual([]);
  });

  it('masks the members that a selector names, and refuses aliases of them', async () => {
    upstream.answerWith(jsonAnswer('{"data":{"users":[{"email":"ada@example.com"}]}}'));
    const { body } = await send(gateway, query('{ users { email } }'));
    expect(body).toBe('{"data":{"users":[{"email":"***"}]}}');
    for (const text of [
      '{ users { x: email } }',
      '{ users { x: Email } }',
      'query { users { ...F } } fragment F on User { x: email }',
    ]) {
      await refuses(query(text), 403, 'mask-unsupported');
    }
    upstream.answerWith(jsonAnswer('{"data":{"people":[{"email":"ada@example.com"}]}}'));
    const renamed = await send(gateway, query('{ people: users { email } }'));
    expect(renamed.body).toBe('{"data":{"people":[{"email":"***"}]}}');
  });
});

const call = (method: string, params: object, more: object = {}): object => ({
  ...{ jsonrpc: '2.0', id: 1, method, params },
  ...more,
});
const rpc = (path: string, message: unknown, headers = {}): Posted => ({
  ...{ path, headers },
  body: JSON.stringify(message),
});

describe('JSON-RPC', () => {
  it('passes calls, batches and notifications as they are', async () => {
    await passes(rpc('/rpc', call('balance', { of: 1 })));
    await passes(rpc('/rpc', [call('balance', [1]), call('balance', [2])]));
    await passes({ path: '/rpc', body: ' {"jsonrpc":"2.0", "method":"log" }\n' });
  });

  it.each([
    ['a call', call('transfer', {})],
    ['the last of a batch', [call('a', {}), call('b', {}), call('transfer', {})]],
    ['a notification', { jsonrpc: '2.0', method: 'transfer' }],
  ])('judges %s', (_, message) => refuses(rpc('/rpc', message), 403, 'rule-deny'));

  it.each<[string, string, string]>([
    [
      'a method twice',
      '{"jsonrpc":"2.0","id":1,"method":"a","method":"transfer"}',
      'json-duplicate-key',
    ],
    [
      'a method in two cases',
      '{"jsonrpc":"2.0","id":1,"method":"a","Method":"transfer"}',
      'json-key-case',
    ],
    ['a method with space', '{"jsonrpc":"2.0","id":1,"method":"transfer "}', 'rpc-method'],
    ['an empty batch', '[]', 'batch-length'],
    ['two documents', '{"jsonrpc":"2.0","id":1,"method":"a"}{}', 'json-syntax'],
  ])('refuses %s', (_, body, rule) => refuses({ path: '/rpc', body }, 400, rule));
});

describe('MCP', () => {
  const tool = (name: string) => call('tools/call', { name, arguments: { x: 1 } });

  it('passes calls with headers that say the same, and openings of streams', async () => {
    await passes(rpc('/mcp', tool('search'), { 'mcp-method': 'tools/call', 'mcp-name': 'search' }));
    await passes(rpc('/mcp', { jsonrpc: '2.0', method: 'notifications/initialized' }));
    await passes({ method: 'GET', path: '/mcp', headers: { accept: 'text/event-stream' } });
  });

  it('judges the tool by its name, and the resource by its URI', async () => {
    await refuses(rpc('/mcp', tool('shell')), 403, 'rule-deny');
    await refuses(
      rpc('/mcp', call('resources/read', { uri: 'file:///etc/passwd' })),
      403,
      'rule-deny',
    );
  });

  it.each<[string, Posted, string]>([
    [
      'a header that names another tool',
      rpc('/mcp', tool('shell'), { 'mcp-name': 'search' }),
      'mcp-headers',
    ],
    [
      'a header that names another method',
      rpc('/mcp', tool('a'), { 'mcp-method': 'tools/list' }),
      'mcp-headers',
    ],
    ['a batch', rpc('/mcp', [tool('search'), tool('shell')]), 'mcp-batch'],
    [
      'a call without an id',
      rpc('/mcp', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'a' } }),
      'rpc-id',
    ],
    [
      'a tool in another case',
      rpc('/mcp', call('tools/call', { name: 'a', Name: 'shell' })),
      'json-key-case',
    ],
  ])('refuses %s', (_, posted, rule) => refuses(posted, 400, rule));
});

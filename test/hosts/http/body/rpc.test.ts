import { describe, expect, it } from '@jest/globals';

import {
  checkMcpHeaders,
  readRpc,
  type HeaderValues,
  type RpcProtocol,
} from '../../../../hosts/http/body/index.ts';
import { outcomeOf, valueOf } from './outcome.ts';

const read = (message: unknown, protocol: RpcProtocol, type = 'application/json') => {
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  return readRpc(Buffer.from(text), type, protocol);
};
const factsOf = (message: unknown, protocol: RpcProtocol) =>
  valueOf(read(message, protocol)).map(({ facts }) => facts);
const ruleOf = (message: unknown, protocol: RpcProtocol) => outcomeOf(read(message, protocol));
const call = (members: object) => ({ jsonrpc: '2.0', id: 1, ...members });

describe('a JSON-RPC call', () => {
  it('is a fact each, alone or in a batch', () => {
    const facts = { protocol: 'json-rpc', tool: '', resource: '' };
    const single = { jsonrpc: '2.0', method: 'subtract', params: [42, 23], id: 1 };
    const alone = { ...facts, method: 'subtract', notification: false, params: [42, 23] };
    expect(factsOf(single, 'json-rpc')).toEqual([alone]);
    const notification = { jsonrpc: '2.0', method: 'update' };
    expect(factsOf([single, notification], 'json-rpc')).toEqual([
      alone,
      { ...facts, method: 'update', notification: true, params: null },
    ]);
  });

  it('keeps its text', () => {
    const single = { jsonrpc: '2.0', method: 'eth_call', params: { to: '0x0' }, id: 'a' };
    expect(valueOf(read(single, 'json-rpc'))[0]?.text).toBe(JSON.stringify(single));
  });

  it.each([
    ['another version', { jsonrpc: '1.0', id: 1, method: 'a' }, 'rpc-message'],
    ['a version that is a number', { jsonrpc: 2, id: 1, method: 'a' }, 'rpc-message'],
    ['no version', { id: 1, method: 'a' }, 'rpc-message'],
    ['an unknown member', call({ method: 'a', Params: {} }), 'rpc-message'],
    ['members by case', '{"jsonrpc":"2.0","method":"a","Method":"b"}', 'json-key-case'],
    ['a member twice', '{"jsonrpc":"2.0","method":"a","method":"b"}', 'json-duplicate-key'],
    [
      'a member twice, once escaped',
      '{"jsonrpc":"2.0","method":"a","meth\\u006fd":"b"}',
      'json-duplicate-key',
    ],
    ['a null id', { jsonrpc: '2.0', id: null, method: 'a' }, 'rpc-id'],
    ['a broken id', { jsonrpc: '2.0', id: 1.5, method: 'a' }, 'rpc-id'],
    ['an id that is an object', { jsonrpc: '2.0', id: {}, method: 'a' }, 'rpc-id'],
    ['no method', call({}), 'rpc-method'],
    ['an empty method', call({ method: '' }), 'rpc-method'],
    ['a method that is no text', call({ method: 1 }), 'rpc-method'],
    ['a method with a space', call({ method: 'drop ' }), 'rpc-method'],
    ['a method with a NUL', call({ method: 'drop\0x' }), 'rpc-method'],
    ['a method with another script’s letters', call({ method: 'dr\u043ep' }), 'rpc-method'],
    ['params that are text', call({ method: 'a', params: 'x' }), 'rpc-params'],
    ['an answer', call({ result: 1 }), 'rpc-message'],
    ['an empty batch', [], 'batch-length'],
    ['a long batch', Array.from({ length: 101 }, () => call({ method: 'a' })), 'batch-length'],
    ['a batch in a batch', [[call({ method: 'a' })]], 'rpc-message'],
    ['a batch with a bad entry', [call({ method: 'a' }), 1], 'rpc-message'],
    ['text', '"a"', 'rpc-message'],
    ['null', 'null', 'rpc-message'],
  ])('is refused for %s', (_, message, rule) => {
    expect(ruleOf(message, 'json-rpc')).toBe(rule);
  });

  it('is sent as JSON', () => {
    const single = call({ method: 'a' });
    expect(read(single, 'json-rpc', 'application/json-rpc').kind).toBe('read');
    expect(outcomeOf(read(single, 'json-rpc', 'text/plain'))).toBe('body-content-type');
    expect(outcomeOf(read(single, 'json-rpc', ''))).toBe('body-content-type');
    expect(outcomeOf(read(single, 'json-rpc', 'application/json; charset=utf-7'))).toBe(
      'body-charset',
    );
  });
});

describe('an MCP message', () => {
  const facts = {
    protocol: 'mcp',
    notification: false,
    params: null,
    tool: '',
    resource: '',
  };
  const initialize = {
    protocolVersion: '2025-11-25',
    capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: {} },
    clientInfo: { name: 'ExampleClient', version: '1.0.0' },
  };
  const weather = { name: 'get_weather', arguments: { location: 'Seattle, WA' } };
  const file = { uri: 'file:///projects/myapp/config.json' };

  it.each([
    [
      'initialize',
      call({ method: 'initialize', params: initialize }),
      { method: 'initialize', params: initialize },
    ],
    [
      'a notification',
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { method: 'notifications/initialized', notification: true },
    ],
    ['tools/list', call({ method: 'tools/list' }), { method: 'tools/list' }],
    [
      'tools/call',
      call({ method: 'tools/call', params: weather }),
      { method: 'tools/call', params: weather, tool: 'get_weather' },
    ],
    [
      'resources/read',
      call({ method: 'resources/read', params: file }),
      { method: 'resources/read', params: file, resource: file.uri },
    ],
    [
      'resources/subscribe',
      call({ method: 'resources/subscribe', params: file }),
      { method: 'resources/subscribe', params: file, resource: file.uri },
    ],
    [
      'prompts/get',
      call({ method: 'prompts/get', params: { name: 'review' } }),
      { method: 'prompts/get', params: { name: 'review' } },
    ],
    [
      'a name for something else',
      call({ method: 'x/custom', params: { name: 'a', uri: 'b' } }),
      { method: 'x/custom', params: { name: 'a', uri: 'b' } },
    ],
    ['ping with a text as id', { jsonrpc: '2.0', id: 'p-1', method: 'ping' }, { method: 'ping' }],
    [
      'the answer to an elicitation',
      call({ result: { action: 'accept', content: { key: 'v' } } }),
      {
        method: '',
        notification: true,
        params: { result: { action: 'accept', content: { key: 'v' } } },
      },
    ],
    [
      'the refusal of a sampling',
      call({ error: { code: -1, message: 'no' } }),
      { method: '', notification: true, params: { error: { code: -1, message: 'no' } } },
    ],
  ])('%s', (_, message, expected) => {
    expect(factsOf(message, 'mcp')).toEqual([{ ...facts, ...expected }]);
  });

  it.each([
    ['a batch', [call({ method: 'ping' })], 'mcp-batch'],
    ['an empty batch', [], 'mcp-batch'],
    [
      'a tool without a name',
      call({ method: 'tools/call', params: { arguments: {} } }),
      'rpc-params',
    ],
    ['a tool without params', call({ method: 'tools/call' }), 'rpc-params'],
    ['an empty name', call({ method: 'tools/call', params: { name: '' } }), 'rpc-params'],
    [
      'a name that is a list',
      call({ method: 'tools/call', params: { name: ['a'] } }),
      'rpc-params',
    ],
    ['params as a list', call({ method: 'tools/call', params: ['a'] }), 'rpc-params'],
    ['a resource without a URI', call({ method: 'resources/read', params: {} }), 'rpc-params'],
    [
      'a name in another case',
      call({ method: 'tools/call', params: { Name: 'a' } }),
      'json-key-case',
    ],
    [
      'two names by case',
      call({ method: 'tools/call', params: { name: 'a', NAME: 'b' } }),
      'json-key-case',
    ],
    [
      'arguments in another case',
      call({ method: 'tools/call', params: { name: 'a', Arguments: {} } }),
      'json-key-case',
    ],
    [
      'a call that asks for no answer',
      { jsonrpc: '2.0', method: 'tools/call', params: weather },
      'rpc-id',
    ],
    ['a notification with an id', call({ method: 'notifications/initialized' }), 'rpc-id'],
    ['a result without an id', { jsonrpc: '2.0', result: {} }, 'rpc-id'],
    ['a result and an error', call({ result: {}, error: {} }), 'rpc-message'],
    ['a result beside a method', call({ method: 'ping', result: {} }), 'rpc-message'],
    ['neither', call({}), 'rpc-message'],
    ['an answer with more', call({ result: {}, params: {} }), 'rpc-message'],
  ])('is refused for %s', (_, message, rule) => {
    expect(ruleOf(message, 'mcp')).toBe(rule);
  });

  it('leaves the keys of a tool’s arguments to the tool', () => {
    const params = { name: 'a', arguments: { Name: 'x', URI: 'y' } };
    expect(factsOf(call({ method: 'tools/call', params }), 'mcp')[0]?.params).toEqual(params);
  });
});

describe('headers that repeat an MCP message', () => {
  const check = (method: string, params: object, headers: HeaderValues) =>
    valueOf(read(call({ method, params }), 'mcp')).map(({ facts }) =>
      checkMcpHeaders(facts, headers),
    )[0]?.kind;
  const version = '2026-07-28';
  const _meta = { 'io.modelcontextprotocol/protocolVersion': version };
  const encoded = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;

  it.each<[string, object, HeaderValues]>([
    ['tools/call', { name: 'a' }, {}],
    ['tools/call', { name: 'a' }, { 'mcp-method': ['tools/call'], 'mcp-name': ['a'] }],
    ['tools/call', { name: 'ü' }, { 'mcp-name': [encoded('ü')] }],
    ['tools/call', { name: 'a', _meta }, { 'mcp-protocol-version': [version] }],
    ['tools/call', { name: 'a' }, { 'mcp-protocol-version': ['2025-06-18'] }],
    ['resources/read', { uri: 'file:///a' }, { 'mcp-name': ['file:///a'] }],
    ['prompts/get', { name: 'p' }, { 'mcp-name': ['p'] }],
    ['tools/list', {}, { 'mcp-method': ['tools/list'] }],
  ])('%s %j agrees with %j', (method, params, headers) => {
    expect(check(method, params, headers)).toBe('read');
  });

  it.each<[string, object, HeaderValues]>([
    ['tools/call', { name: 'delete' }, { 'mcp-name': ['read'] }],
    ['tools/call', { name: 'delete' }, { 'mcp-method': ['tools/list'] }],
    ['tools/call', { name: 'delete' }, { 'mcp-name': ['delete', 'read'] }],
    ['tools/call', { name: 'delete' }, { 'mcp-name': [''] }],
    ['tools/call', { name: 'delete' }, { 'mcp-name': [encoded('read')] }],
    ['tools/call', { name: 'a' }, { 'mcp-name': ['=?base64?YQ?='] }],
    ['tools/call', { name: '\ufffd' }, { 'mcp-name': ['=?base64?/w==?='] }],
    ['tools/call', { name: 'a', _meta }, { 'mcp-protocol-version': ['2025-06-18'] }],
    ['tools/list', {}, { 'mcp-name': ['read'] }],
  ])('%s %j does not agree with %j', (method, params, headers) => {
    expect(check(method, params, headers)).toBe('refused');
  });
});

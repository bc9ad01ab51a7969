import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';

import {
  bodyRules,
  factsBytesMax,
  messageFacts,
  noBody,
  readBody,
  readGraphql,
  readRpc,
  unreadBody,
} from '../../../../hosts/http/body/index.ts';
import schema from '../../../../schemas/http.json' with { type: 'json' };
import { outcomeOf, valueOf } from './outcome.ts';

const read = (body: string, type: string) => outcomeOf(readBody(Buffer.from(body), type));
const kindOf = (body: string, type: string) => {
  const outcome = read(body, type);
  return typeof outcome === 'string' ? outcome : outcome.kind;
};

describe('a body', () => {
  it.each([
    ['application/json', 'json'],
    ['Application/JSON;Charset="UTF-8"', 'json'],
    ['application/merge-patch+json', 'json'],
    ['text/json ; charset=utf-8', 'json'],
    ['application/json; charset=utf-16', 'body-charset'],
    ['application/json; charset=utf-8, text/plain', 'body-content-type'],
    ['application/json, text/plain', 'body-content-type'],
    ['application/json;', 'body-content-type'],
    ['application/json; charset', 'body-content-type'],
    ['application/json; charset=utf-8 ', 'body-content-type'],
    ['application/json\t', 'body-content-type'],
    [' application/json', 'body-content-type'],
    ['json', 'body-content-type'],
    ['application/', 'body-content-type'],
    ['application/jsonp', 'opaque'],
    ['application/x-ndjson', 'opaque'],
    ['text/plain', 'opaque'],
    ['multipart/mixed; boundary=X', 'opaque'],
    ['', 'opaque'],
  ])('of type %j is %s', (type, kind) => {
    expect(kindOf('{"a":1}', type)).toBe(kind);
  });

  it('that is empty is none, whatever its type says', () => {
    expect(read('', 'application/json')).toEqual(noBody);
    expect(read('', '')).toEqual(noBody);
  });

  it('is never cut: over the bound it is refused', () => {
    const document = (bytes: number) => JSON.stringify({ text: 'x'.repeat(bytes) });
    expect(kindOf(document(factsBytesMax - 100), 'application/json')).toBe('json');
    expect(kindOf(document(factsBytesMax), 'application/json')).toBe('facts-too-large');
    expect(kindOf(`a=${'x'.repeat(factsBytesMax)}`, 'application/x-www-form-urlencoded')).toBe(
      'facts-too-large',
    );
    expect(kindOf('x'.repeat(factsBytesMax), 'text/plain')).toBe('opaque');
  });

  it('is refused where a key differs from one that rules read by case only', () => {
    const options = { keysRead: new Set(['amount']) };
    const facts = readBody(Buffer.from('{"Amount":1}'), 'application/json', options);
    expect(outcomeOf(facts)).toBe('json-key-case');
  });
});

describe('a message', () => {
  const facts = (type: 'text' | 'binary', payload: string) =>
    outcomeOf(messageFacts({ direction: 'up', type, payload: Buffer.from(payload) }));

  it.each([
    ['text', '{"op":"delete"}', { op: 'delete' }],
    ['text', 'hello', null],
    ['text', '42["event",{}]', null],
    ['text', '', null],
    ['text', '{"op":"delete",}', null],
    ['binary', '{"op":"delete"}', null],
  ] as const)('%s %s', (type, payload, json) => {
    const size = payload.length;
    expect(facts(type, payload)).toEqual({ direction: 'up', type, size, json });
  });

  it.each([
    ['{"op":"get","op":"delete"}', 'json-duplicate-key'],
    ['{"op":"get","OP":"delete"}', 'json-key-case'],
    ['{"id":9007199254740993}', 'json-number'],
    [`${'['.repeat(100)}${']'.repeat(100)}`, 'json-depth'],
    [JSON.stringify('x'.repeat(factsBytesMax)), 'facts-too-large'],
  ])('that readers differ about is refused: %.40s', (payload, rule) => {
    expect(facts('text', payload)).toBe(rule);
  });
});

describe('facts', () => {
  const { properties } = schema.properties.statement;
  const ajv = new Ajv({ allErrors: true });
  const rpc = (text: string, protocol: 'json-rpc' | 'mcp') =>
    valueOf(readRpc(Buffer.from(text), 'application/json', protocol)).map((call) => call.facts);
  const graphql = (query: string) =>
    valueOf(
      readGraphql({
        method: 'POST',
        contentType: 'application/graphql',
        body: Buffer.from(query),
        query: [],
      }),
    ).map((operation) => operation.facts);
  const multipart = '--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nv\r\n--X--\r\n';

  it.each([
    ['body', [noBody, unreadBody]],
    ['body', [read('{"a":[1,null]}', 'application/json'), read('x', 'text/plain')]],
    ['body', [read('a=1', 'application/x-www-form-urlencoded')]],
    ['body', [read(multipart, 'multipart/form-data; boundary=X')]],
    ['graphql', [...graphql('{a}'), ...graphql('mutation M{b{c}}'), ...graphql('subscription{d}')]],
    ['rpc', rpc('[{"jsonrpc":"2.0","method":"a"}]', 'json-rpc')],
    ['rpc', rpc('{"jsonrpc":"2.0","id":1,"method":"tools/list"}', 'mcp')],
    ['rpc', rpc('{"jsonrpc":"2.0","id":1,"result":{}}', 'mcp')],
  ] as const)('of a %s are of the schema', (name, all) => {
    const validate = ajv.compile(properties[name]);
    for (const facts of all) {
      validate(facts);
      expect(validate.errors).toBeNull();
    }
  });

  it('of a message are of the schema', () => {
    const validate = ajv.compile(properties.message);
    const payload = Buffer.from('[1]');
    validate(valueOf(messageFacts({ direction: 'down', type: 'text', payload })));
    expect(validate.errors).toBeNull();
  });
});

describe('the documentation', () => {
  it('explains every rule, and no other', () => {
    const page = readFileSync(
      new URL('../../../../docs/reference/http-bodies.md', import.meta.url),
      'utf8',
    );
    const documented = [...page.matchAll(/^\| `([a-z0-9]+(?:-[a-z0-9]+)+)`/gm)];
    expect(documented.map(([, rule]) => rule).sort()).toEqual(Object.keys(bodyRules).sort());
  });
});

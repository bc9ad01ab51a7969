import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import {
  evidenceCharactersMax,
  readGraphql,
  type GraphqlHttpRequest,
} from '../../../../hosts/http/body/index.ts';
import { outcomeOf, valueOf } from './outcome.ts';

const post = (
  body: unknown,
  contentType = 'application/json',
  query: GraphqlHttpRequest['query'] = [],
) =>
  readGraphql({
    method: 'POST',
    contentType,
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    query,
  });
const get = (search: string, method = 'GET') =>
  readGraphql({
    method,
    contentType: '',
    body: undefined,
    query: Array.from(new URLSearchParams(search), ([name, value]) => ({ name, value })),
  });

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const factsOf = (query: string, operationName?: string | null) =>
  valueOf(post({ query, operationName })).map(({ facts }) => facts)[0];
const ruleOf = (query: string, operationName?: string | null) =>
  outcomeOf(post({ query, operationName }));

describe('what clients send', () => {
  const document =
    'query GetUser($id: ID!) {\n  user(id: $id) {\n    id\n    name\n    __typename\n  }\n}';
  const facts = {
    type: 'query',
    name: 'GetUser',
    fields: ['user'],
    paths: ['user', 'user.id', 'user.name', 'user.__typename'],
    depth: 2,
    introspection: false,
  };
  const variables = { id: '7' };

  it.each([
    [
      'Apollo Client',
      {
        operationName: 'GetUser',
        variables,
        extensions: { clientLibrary: { name: '@apollo/client', version: '4.0.0' } },
        query: document,
      },
    ],
    ['urql', { operationName: 'GetUser', query: document, variables, extensions: undefined }],
    ['graphql-request', { query: document, variables, operationName: 'GetUser' }],
    ['a Relay network layer', { query: document, variables }],
    ['a client that writes null', { query: document, variables: null, operationName: null }],
  ])('%s', (_, body) => {
    expect(valueOf(post(body)).map((operation) => operation.facts)).toEqual([facts]);
  });

  it('a batch, one operation for each entry', () => {
    const batch = [{ query: '{a}' }, { query: 'mutation{b}' }, { query: document }];
    const types = valueOf(post(batch)).map((operation) => operation.facts.type);
    expect(types).toEqual(['query', 'mutation', 'query']);
  });

  it('a document as it is', () => {
    expect(valueOf(post(document, 'application/graphql'))[0]?.facts).toEqual(facts);
  });

  it('a GET', () => {
    const search = new URLSearchParams({ query: document, variables: '{"id":"7"}' });
    expect(valueOf(get(search.toString()))[0]?.facts).toEqual(facts);
    expect(valueOf(get('query={a}&operationName=&variables=&extensions=&_=1'))).toHaveLength(1);
    expect(valueOf(get('query={a}', 'HEAD'))).toHaveLength(1);
  });

  it('a POST whose address has parameters that are not GraphQL’s', () => {
    expect(valueOf(post({ query: '{a}' }, undefined, [{ name: 'op', value: 'x' }]))).toHaveLength(
      1,
    );
  });

  it('a document with its hash, to be stored', () => {
    const stored = (sha256Hash: string) =>
      outcomeOf(post({ query: '{a}', extensions: { persistedQuery: { version: 1, sha256Hash } } }));
    expect(stored(sha256('{a}'))).toHaveLength(1);
    expect(stored(sha256('mutation{b}'))).toBe('graphql-persisted');
  });

  it('tells the recording the operation, its fragments and its variables', () => {
    const query =
      '# c\nquery A { ...F }\nquery B { b }\nfragment F on Q { a }\nfragment G on Q { g }';
    const [operation] = valueOf(post({ query, operationName: 'A', variables: { x: 1 } }));
    expect(operation?.text).toBe('query A { ...F }\nfragment F on Q { a }\nvariables {"x":1}');
  });

  it('says where that text was cut', () => {
    const query = `{ a(x: "${'x'.repeat(evidenceCharactersMax)}") }`;
    const [operation] = valueOf(post({ query }));
    expect(operation?.text).toMatch(/\n… \d+ more characters$/);
  });
});

describe('the operation that will run', () => {
  const two = 'query A { a } mutation B { b }';

  it('is the one that is named', () => {
    expect(factsOf(two, 'A')).toMatchObject({ type: 'query', name: 'A', fields: ['a'] });
    expect(factsOf(two, 'B')).toMatchObject({ type: 'mutation', name: 'B', fields: ['b'] });
    expect(factsOf('query A { a }', 'A')).toMatchObject({ name: 'A' });
  });

  it.each([
    ['several and no name', two, undefined],
    ['several and null', two, null],
    ['several and an empty name', two, ''],
    ['a name that none has', two, 'C'],
    ['a name in another case', two, 'a'],
    ['one of another name', 'query A { a }', 'B'],
    ['one without a name', '{ a }', 'A'],
    ['two of one name', 'query A { a } mutation A { b }', 'A'],
    ['two without a name', '{ a } mutation { b }', undefined],
    ['one without a name beside others', '{ a } mutation B { b }', 'B'],
    ['none', 'fragment F on Q { a }', undefined],
  ])('is not certain: %s', (_, query, operationName) => {
    expect(ruleOf(query, operationName)).toBe('graphql-operation');
  });
});

describe('fields', () => {
  it.each([
    [
      'behind an alias',
      '{ harmless: deleteUser { me: secret } }',
      ['deleteUser', 'deleteUser.secret'],
    ],
    ['in an inline fragment', '{ ... on Query { ... { a { ... on T { b } } } } }', ['a', 'a.b']],
    [
      'in fragments of fragments',
      '{ ...A } fragment A on Q { a { ...B } } fragment B on T { b ...C } fragment C on T { c }',
      ['a', 'a.b', 'a.c'],
    ],
    [
      'that are skipped',
      'query($n: Boolean!) { a @skip(if: true) b @include(if: $n) ...F @skip(if: true) } fragment F on Q { c }',
      ['a', 'b', 'c'],
    ],
    ['that are deferred', '{ ... @defer { a } b @stream }', ['a', 'b']],
    [
      'once each',
      '{ a { b } x: a { b c } ...F } fragment F on Q { a { d } }',
      ['a', 'a.b', 'a.c', 'a.d'],
    ],
    ['and none of other operations', '{ a } fragment Unused on Q { hidden }', ['a']],
  ])('%s', (_, query, paths) => {
    expect(factsOf(query)).toMatchObject({
      paths,
      fields: paths.filter((path) => !path.includes('.')),
    });
  });

  it('tell their depth', () => {
    expect(factsOf('{ a }')?.depth).toBe(1);
    expect(factsOf('{ a { ...F } } fragment F on T { b { c } }')?.depth).toBe(3);
  });

  it.each([
    ['{ __schema { types { name } } }', true],
    ['{ ok: __type(name: "Q") { name } }', true],
    ['{ ...F } fragment F on Query { __schema { types { name } } }', true],
    ['{ a { __typename } __typename }', false],
    ['{ schema type }', false],
  ])('tell introspection: %s', (query, introspection) => {
    expect(factsOf(query)?.introspection).toBe(introspection);
  });
});

describe('a document', () => {
  const nested = (depth: number) => `${'{a'.repeat(depth)}${'}'.repeat(depth)}`;
  const wide = (count: number) =>
    `{${Array.from({ length: count }, (_, at) => `f${at}`).join(' ')}}`;
  /** Each fragment doubles what the next has to say. */
  const doubling = Array.from(
    { length: 30 },
    (_, at) => `fragment F${at} on T { x { ...F${at + 1} } y { ...F${at + 1} } }`,
  ).join(' ');
  const sameName = Array.from(
    { length: 30 },
    (_, at) => `fragment F${at} on T { x { ...F${at + 1} } b: x { ...F${at + 1} } }`,
  ).join(' ');

  it.each([
    ['a selection that never closes', '{ a', 'graphql-syntax'],
    ['nothing', '  ', 'graphql-syntax'],
    ['an empty selection', '{ a { } }', 'graphql-syntax'],
    ['an empty operation', 'query A { }', 'graphql-syntax'],
    ['types', '{ a } type Query { a: Int }', 'graphql-syntax'],
    ['an extension of types', '{ a } extend type Query { b: Int }', 'graphql-syntax'],
    ['an unknown fragment', '{ ...F }', 'graphql-fragment'],
    [
      'a fragment twice',
      '{ ...F } fragment F on Q { a } fragment F on Q { b }',
      'graphql-fragment',
    ],
    ['a fragment in itself', '{ ...F } fragment F on Q { a ...F }', 'graphql-fragment'],
    [
      'a cycle',
      '{ ...F } fragment F on Q { a { ...G } } fragment G on Q { b { ...F } }',
      'graphql-fragment',
    ],
    ['51 levels', nested(51), 'graphql-complexity'],
    ['2,001 tokens', wide(1999), 'graphql-complexity'],
    ['levels beyond the stack', nested(100_000), 'graphql-complexity'],
    ['lists beyond the stack', `{a(x:${'['.repeat(100_000)})}`, 'graphql-complexity'],
    ['fragments that double', `{ ...F0 } ${doubling} fragment F30 on T { z }`, 'facts-too-large'],
    ['a lone carriage return in a comment', '{ a } # \r mutation { b }', 'graphql-characters'],
    ['a line separator in a comment', '{ a # \u2028 b\n }', 'graphql-characters'],
    ['a next line in a comment', '{ a # \u0085 b\n }', 'graphql-characters'],
    ['a NUL', '{ a } \0', 'graphql-characters'],
    ['a byte order mark inside', '{ a \ufeff }', 'graphql-characters'],
  ])('is refused for %s', (_, query, rule) => {
    expect(ruleOf(query)).toBe(rule);
  });

  it('may be as deep and as wide as the limits say', () => {
    expect(factsOf(nested(50))?.depth).toBe(50);
    expect(factsOf(wide(1990))?.fields).toHaveLength(1990);
  });

  it('is walked once for each fragment and path', () => {
    expect(factsOf(`{ ...F0 } ${sameName} fragment F30 on T { z }`)?.paths).toHaveLength(31);
  });
});

describe('a request', () => {
  const hash = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };

  it.each([
    ['no JSON', '{', 'json-syntax'],
    ['two documents', '{"query":"{a}","query":"mutation{b}"}', 'json-duplicate-key'],
    [
      'two documents, one escaped',
      '{"query":"{a}","qu\\u0065ry":"mutation{b}"}',
      'json-duplicate-key',
    ],
    ['two documents by case', '{"query":"{a}","Query":"mutation{b}"}', 'json-key-case'],
    ['a document in another case', { Query: '{a}' }, 'graphql-parameters'],
    ['an unknown member', { query: '{a}', mutation: 'mutation{b}' }, 'graphql-parameters'],
    ['a stored document by id', { query: '{a}', id: '123' }, 'graphql-parameters'],
    ['only the id of a document', { documentId: '123' }, 'graphql-parameters'],
    ['only the hash of a document', { extensions: hash }, 'graphql-persisted'],
    ['an empty document with a hash', { query: '', extensions: hash }, 'graphql-persisted'],
    ['no document', {}, 'graphql-parameters'],
    ['a document that is no text', { query: { a: 1 } }, 'graphql-parameters'],
    ['a name that is no text', { query: '{a}', operationName: 1 }, 'graphql-parameters'],
    ['variables that are text', { query: '{a}', variables: '{}' }, 'graphql-parameters'],
    ['variables that are a list', { query: '{a}', variables: [1] }, 'graphql-parameters'],
    ['extensions that are a list', { query: '{a}', extensions: [] }, 'graphql-parameters'],
    ['an empty batch', [], 'batch-length'],
    ['a long batch', Array.from({ length: 101 }, () => ({ query: '{a}' })), 'batch-length'],
    ['a batch in a batch', [[{ query: '{a}' }]], 'graphql-parameters'],
    ['a batch with a bad entry', [{ query: '{a}' }, { query: '{' }], 'graphql-syntax'],
    ['text', '"{a}"', 'graphql-parameters'],
    ['null', 'null', 'graphql-parameters'],
  ])('is refused for %s', (_, body, rule) => {
    expect(outcomeOf(post(body))).toBe(rule);
  });

  it.each([
    ['application/x-www-form-urlencoded', 'query={a}', 'body-content-type'],
    ['multipart/form-data; boundary=X', '--X--', 'body-content-type'],
    ['application/json; charset=utf-16', '{"query":"{a}"}', 'body-charset'],
    ['text/plain', '{"query":"{a}"}', 'body-content-type'],
    ['', '{"query":"{a}"}', 'body-content-type'],
    ['application/graphql; charset=latin1', '{a}', 'body-charset'],
  ])('of type %s is refused', (type, body, rule) => {
    expect(outcomeOf(post(body, type))).toBe(rule);
  });

  it.each([
    'query',
    'Query',
    'operationName',
    'variables',
    'extensions',
    'id',
    'query[]',
    'documentId',
  ])(
    'is refused for %s in the address of a POST, which some servers prefer to the body',
    (name) => {
      const query = [{ name, value: 'mutation{b}' }];
      expect(outcomeOf(post({ query: '{a}' }, undefined, query))).toBe('graphql-parameters');
      expect(outcomeOf(post('{a}', 'application/graphql', query))).toBe('graphql-parameters');
    },
  );

  it.each([
    ['query=mutation{b}', 'graphql-method'],
    ['query={a}&query=mutation{b}', 'graphql-parameters'],
    ['query={a}&Query=mutation{b}', 'graphql-parameters'],
    ['query={a}&query[]=x', 'graphql-parameters'],
    ['query={a}&id=1', 'graphql-parameters'],
    ['query={a}&variables={"a":1,"a":2}', 'json-duplicate-key'],
    ['query={a}&variables=[]', 'graphql-parameters'],
    ['extensions={"persistedQuery":{"sha256Hash":"x"}}', 'graphql-persisted'],
    ['query=', 'graphql-parameters'],
    ['', 'graphql-parameters'],
  ])('is refused as GET ?%s', (search, rule) => {
    expect(outcomeOf(get(search))).toBe(rule);
  });

  it('is a GET without a body or a POST, and nothing else', () => {
    expect(outcomeOf(get('query={a}', 'DELETE'))).toBe('graphql-method');
    expect(outcomeOf(get('query={a}', 'QUERY'))).toBe('graphql-method');
    const query = [{ name: 'query', value: '{a}' }];
    const body = Buffer.from('{"query":"mutation{b}"}');
    const request = { method: 'GET', contentType: 'application/json', body, query };
    expect(outcomeOf(readGraphql(request))).toBe('graphql-method');
  });
});

describe('names that the answer will not have', () => {
  const renamedBy = (query: string) => valueOf(post({ query })).flatMap(({ renamed }) => renamed);

  it('are those of aliased fields, also inside fragments', () => {
    const query = `query { x: users { y: email ...F ... on User { z: phone } } }
      fragment F on User { email: email  w: ssn }`;
    expect(renamedBy(query)).toEqual(['users', 'email', 'ssn', 'phone']);
  });

  it('are none where nothing is renamed', () => {
    expect(renamedBy('{ users { email email: email } }')).toEqual([]);
  });
});

import { describe, expect, it } from '@jest/globals';

import type { PathOptions, RequestRule } from '../../../../hosts/http/wire/index.ts';
import { canonicalise } from '../../../../hosts/http/wire/index.ts';

const read = (target: string, options?: PathOptions) =>
  canonicalise(
    { version: '1.1', method: 'GET', target, scheme: 'https', rawHeaders: ['host', 'a'] },
    options,
  );

const ruleOf = (target: string, options?: PathOptions): RequestRule | 'none' => {
  const result = read(target, options);
  return result.kind === 'refused' ? result.rule : 'none';
};

describe('the path', () => {
  it.each<readonly [string, readonly string[]]>([
    ['/', []],
    ['/a', ['a']],
    ['/a/', ['a', '']],
    ['/a/b/c.txt', ['a', 'b', 'c.txt']],
    ['/@scope', ['@scope']],
    ['/%40scope', ['@scope']],
    ["/~a-b_c.d!$&'()*+,=:e", ["~a-b_c.d!$&'()*+,=:e"]],
    ['/a%20b', ['a b']],
    ['/caf%C3%A9', ['café']],
    ['/%F0%9F%94%92', ['🔒']],
    ['/%EF%BB%BFa', ['\ufeffa']],
    ['/100%25', ['100%']],
    ['/...', ['...']],
    ['/.well-known/jwks.json', ['.well-known', 'jwks.json']],
    ['/what%3F%23', ['what?#']],
    ['/%E2%80%A6', ['…']],
  ])('%s has its segments decoded once', (path, segments) => {
    expect(read(path)).toMatchObject({ kind: 'request', request: { path, segments } });
  });

  it.each<readonly [RequestRule, string]>([
    ['path-dot-segments', '/.'],
    ['path-dot-segments', '/..'],
    ['path-dot-segments', '/a/../b'],
    ['path-dot-segments', '/a/./b'],
    ['path-dot-segments', '/a/..?x'],
    ['path-dot-segments', '/%2e%2e/a'],
    ['path-dot-segments', '/a/.%2E/b'],
    ['path-double-encoding', '/%252e%252e/a'],
    ['path-double-encoding', '/a%252fb'],
    ['path-double-encoding', '/a%25%32%66b'],
    ['path-parameter', '/a/..;/b'],
    ['path-parameter', '/a;x=1/b'],
    ['path-parameter', '/a%3Bb'],
    ['path-parameter', '/;/a'],
    ['path-encoded-slash', '/a%2fb'],
    ['path-encoded-slash', '/a%2F..%2Fb'],
    ['path-double-slash', '//'],
    ['path-double-slash', '//a'],
    ['path-double-slash', '/a//b'],
    ['path-double-slash', '/a//'],
    ['path-backslash', '/a\\b'],
    ['path-backslash', '/a\\..\\b'],
    ['path-backslash', '/a%5cb'],
    ['path-control', '/a%00'],
    ['path-control', '/a%00.json'],
    ['path-control', '/a%0d%0aX'],
    ['path-control', '/%7F'],
    ['path-control', '/%C2%85'],
    ['path-encoding', '/%'],
    ['path-encoding', '/%2'],
    ['path-encoding', '/%zz'],
    ['path-encoding', '/%u002e'],
    ['path-utf8', '/%C0%AE%C0%AE/a'],
    ['path-utf8', '/%E0%80%AF'],
    ['path-utf8', '/%ED%A0%80'],
    ['path-utf8', '/%FF'],
    ['path-utf8', '/%E9'],
    ['path-utf8', '/%F4%90%80%80'],
    ['path-encoded-unreserved', '/%61dmin'],
    ['path-encoded-unreserved', '/a%2Etxt'],
    ['path-encoded-unreserved', '/%7Euser'],
    ['path-encoded-unreserved', '/a%5Fb'],
    ['path-character', '/a b'],
    ['path-character', '/a\tb'],
    ['path-character', '/a"b'],
    ['path-character', '/{a}'],
    ['path-character', '/a|b'],
    ['path-character', '/é'],
    ['path-character', '/a\r\nX: y'],
    ['path-character', '/a\0'],
    ['path-lookalike', '/a%EF%BC%8Fb'],
    ['path-lookalike', '/%EF%BC%8E%EF%BC%8E/b'],
    ['path-lookalike', '/%E2%80%A5/b'],
    ['path-lookalike', '/.%E2%80%A4/b'],
    ['path-lookalike', '/a%EF%BC%BCb'],
    ['path-lookalike', '/%EF%BC%852e'],
    ['path-lookalike', '/%E2%84%80'],
  ])('is refused for %s: %s', (rule, path) => {
    expect(ruleOf(path)).toBe(rule);
  });

  it('encodes no letter, digit or mark that needs no encoding', () => {
    for (let code = 0; code < 0x80; code += 1) {
      const character = String.fromCharCode(code);
      const encoded = `/x%${code.toString(16).padStart(2, '0')}`;
      const isUnreserved = /^[A-Za-z0-9\-._~]$/.test(character);
      expect([character, ruleOf(encoded) === 'path-encoded-unreserved']).toEqual([
        character,
        isUnreserved,
      ]);
    }
  });

  describe('of a target that takes encoded slashes', () => {
    const options = { encodedSlash: true };

    it('keeps them inside a segment', () => {
      expect(read('/@scope%2fname/-/x.tgz', options)).toMatchObject({
        request: { path: '/@scope%2fname/-/x.tgz', segments: ['@scope/name', '-', 'x.tgz'] },
      });
    });

    it.each<readonly [RequestRule, string]>([
      ['path-dot-segments', '/a%2F..%2Fb'],
      ['path-dot-segments', '/a%2F%2e%2e'],
      ['path-double-slash', '/a%2F%2Fb'],
      ['path-double-slash', '/%2Fa'],
      ['path-double-slash', '/a%2F'],
      ['path-double-slash', '/a%2F/b'],
      ['path-backslash', '/a%5Cb'],
      ['path-double-encoding', '/a%252Fb'],
    ])('is refused for %s: %s', (rule, path) => {
      expect(ruleOf(path, options)).toBe(rule);
    });
  });
});

describe('the query', () => {
  it.each<readonly [string, readonly (readonly [string, string])[]]>([
    ['', []],
    ['a', [['a', '']]],
    ['a=', [['a', '']]],
    ['=a', [['', 'a']]],
    ['a=b=c', [['a', 'b=c']]],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['&&a=1&', [['a', '1']]],
    ['a+b=c+d%2Be', [['a b', 'c d+e']]],
    ['filter[name]=x', [['filter[name]', 'x']]],
    ['q="{a|b}"<>^`\\', [['q', '"{a|b}"<>^`\\']]],
    ['q=%22%0A%3B%26%3D', [['q', '"\n;&=']]],
    ['next=/a?b=c', [['next', '/a?b=c']]],
    ['u=%252e', [['u', '%2e']]],
    ['%C3%A9=%EF%BB%BF', [['é', '\ufeff']]],
  ])('%s is decoded once', (query, pairs) => {
    const expected = pairs.map(([name, value]) => ({ name, value }));
    expect(read(`/?${query}`)).toMatchObject({ request: { path: '/', query, pairs: expected } });
  });

  it('is none where there is no question mark', () => {
    expect(read('/')).toMatchObject({ request: { query: undefined, pairs: [] } });
  });

  it.each<readonly [RequestRule, string]>([
    ['query-encoding', 'a=%'],
    ['query-encoding', 'a=%f'],
    ['query-encoding', 'a=%u0041'],
    ['query-encoding', '%ff=a'],
    ['query-encoding', 'a=%c0%80'],
    ['query-control', 'a=%00'],
    ['query-semicolon', 'a=1;b=2'],
    ['query-character', 'a b'],
    ['query-character', 'é'],
    ['query-character', 'a\r\nb'],
    ['query-character', 'a\x7f'],
  ])('is refused for %s: %s', (rule, query) => {
    expect(ruleOf(`/?${query}`)).toBe(rule);
  });
});

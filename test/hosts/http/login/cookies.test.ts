import { describe, expect, it } from '@jest/globals';

import {
  readCookie,
  sessionCookie,
  setsLoginCookie,
  withoutLoginCookies,
} from '../../../../hosts/http/login/cookies.ts';
import { isForged } from '../../../../hosts/http/login/same-origin.ts';

const cookie = (...values: readonly string[]) => values.map((value) => ['Cookie', value] as const);

describe('the cookie of a login', () => {
  it.each([
    ['alone', cookie('__Host-sallyport=abc'), 'abc'],
    ['among others', cookie('a=b; __Host-sallyport=abc;c=d'), 'abc'],
    ['in a field of its own, as HTTP/2 splits them', cookie('a=b', '__Host-sallyport=abc'), 'abc'],
    ['with blanks around it', cookie('a=b;\t__Host-sallyport = abc '), 'abc'],
  ])('is read %s', (_name, fields, value) => {
    expect(readCookie(fields, sessionCookie)).toEqual({ kind: 'one', value });
  });

  it.each([
    ['twice', cookie('__Host-sallyport=abc; __Host-sallyport=def')],
    ['twice with the same value', cookie('__Host-sallyport=abc', '__Host-sallyport=abc')],
    ['in two cases', cookie('__Host-sallyport=abc; __host-Sallyport=def')],
    ['once without a value', cookie('__Host-sallyport; __Host-sallyport=abc')],
  ])('is not read when it is there %s', (_name, fields) => {
    expect(readCookie(fields, sessionCookie)).toEqual({ kind: 'several' });
  });

  it.each([
    '',
    'a=__Host-sallyport=abc',
    'sallyport=abc',
    '__Host-sallyport2=abc',
    '__Host-sallyport-login=abc',
  ])('is not found in %p', (value) => {
    expect(readCookie(cookie(value), sessionCookie)).toEqual({ kind: 'none' });
  });

  it.each([
    ['a=b; __Host-sallyport=abc; c=d', ['a=b; c=d']],
    ['__Host-sallyport=abc; a="x y";  b', ['a="x y";  b']],
    ['a=b;__HOST-sallyport =abc', ['a=b']],
    ['__Host-sallyport=abc', []],
    ['__Host-sallyport-login=x; __Host-sallyport=abc', []],
    ['a=b;;c=%3B=', ['a=b;;c=%3B=']],
    ['', ['']],
  ])('is taken out of %p and nothing else is', (value, left) => {
    const host = ['Host', 'shop'] as const;
    expect(withoutLoginCookies([host, ...cookie(value)])).toEqual([host, ...cookie(...left)]);
  });

  it('cannot be set by the target', () => {
    for (const value of [
      '__Host-sallyport=x; Path=/',
      ' __host-SALLYPORT =x',
      '__Host-sallyport-login=x',
    ]) {
      expect(setsLoginCookie(value)).toBe(true);
    }
    expect(setsLoginCookie('id=__Host-sallyport=x; Path=/')).toBe(false);
  });
});

describe('a request that a page of another host may have made', () => {
  const forged = (method: string, headers: Readonly<Record<string, string>>, upgrade = false) =>
    isForged({ method, authority: 'Shop.Test:443', upgrade, fields: Object.entries(headers) });
  const own = 'https://shop.test';

  it.each([
    ['POST', {}],
    ['POST', { Origin: 'https://evil.example' }],
    ['POST', { Origin: 'null' }],
    ['POST', { Origin: 'http://shop.test' }],
    ['POST', { Origin: 'https://shop.test:8443' }],
    ['POST', { Origin: 'https://shop.test.evil.example' }],
    ['POST', { Origin: own, 'Sec-Fetch-Site': 'same-site' }],
    ['POST', { 'Sec-Fetch-Site': 'cross-site' }],
    ['POST', { 'Sec-Fetch-Site': '' }],
    ['POST', { Origin: own, origin: own }],
    ['DELETE', {}],
    ['post', {}],
    ['PROPFIND', {}],
  ] as const)('is a %s with %j', (method, headers) => {
    expect(forged(method, headers)).toBe(true);
  });

  it.each([
    ['GET', {}],
    ['HEAD', { Origin: 'https://evil.example' }],
    ['OPTIONS', { Origin: 'https://evil.example' }],
    ['POST', { Origin: own }],
    ['POST', { Origin: own, 'Sec-Fetch-Site': 'same-origin' }],
    ['PUT', { 'Sec-Fetch-Site': 'same-origin' }],
    ['PUT', { 'Sec-Fetch-Site': 'none' }],
  ] as const)('is no %s with %j', (method, headers) => {
    expect(forged(method, headers)).toBe(false);
  });

  it('is a WebSocket that does not say that it comes from here', () => {
    expect(forged('GET', { Origin: own }, true)).toBe(false);
    expect(forged('GET', {}, true)).toBe(true);
    expect(forged('GET', { 'Sec-Fetch-Site': 'same-origin' }, true)).toBe(true);
    expect(forged('GET', { Origin: 'https://evil.example' }, true)).toBe(true);
  });
});

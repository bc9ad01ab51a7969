// Which redirections are led back to the gateway.

import { expect, it } from '@jest/globals';

import { redirectedHere } from '../../../../hosts/http/session/redirection.ts';

const origins = { target: 'https://10.0.0.7:8443', gateway: 'https://billing.gateway.example' };

const location = (value: string): string | undefined =>
  redirectedHere([['location', value]], origins)[0]?.[1];

it.each([
  ['https://10.0.0.7:8443', ''],
  ['https://10.0.0.7:8443/', '/'],
  ['https://10.0.0.7:8443/a/b?c=https://10.0.0.7:8443#d', '/a/b?c=https://10.0.0.7:8443#d'],
  ['HTTPS://10.0.0.7:8443?q', '?q'],
])('leads %s back', (value, rest) => {
  expect(location(value)).toBe(`${origins.gateway}${rest}`);
});

it.each([
  '/a',
  '//10.0.0.7:8443/a',
  'http://10.0.0.7:8443/a',
  'https://10.0.0.7/a',
  'https://10.0.0.7:84430/a',
  'https://10.0.0.7:8443@other.example/a',
  'https://user@10.0.0.7:8443/a',
  'https://10.0.0.7:8443.other.example/a',
  'https:/10.0.0.7:8443/a',
  ' https://10.0.0.7:8443/a',
])('leaves %s alone', (value) => {
  expect(location(value)).toBe(value);
});

it('touches no other field', () => {
  const fields = [['link', '<https://10.0.0.7:8443/a>']] as const;
  expect(redirectedHere(fields, origins)).toEqual(fields);
});

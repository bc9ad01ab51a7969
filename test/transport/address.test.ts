import { describe, expect, it } from '@jest/globals';
import { formatAddress, parseAddress } from '#transport';

describe('parseAddress', () => {
  it.each([
    ['127.0.0.1:5432', '127.0.0.1', 5432],
    ['db.internal:1', 'db.internal', 1],
    ['[::]:0', '::', 0],
    ['[fe80::1]:65535', 'fe80::1', 65535],
  ])('reads %s and writes it again', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
    expect(formatAddress({ host, port })).toBe(text);
  });

  it.each([
    '',
    '5432',
    ':5432',
    'host',
    'host:',
    'host:65536',
    'host:-1',
    'host:5x',
    '::1:5432',
    '[::1]',
    'a b:1',
    'x/y:1',
  ])('refuses "%s"', (text) => {
    expect(() => parseAddress(text)).toThrow('is not an address');
  });
});

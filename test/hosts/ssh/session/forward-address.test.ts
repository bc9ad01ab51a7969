import { describe, expect, it } from '@jest/globals';

import {
  forwardAddress,
  isPort,
  isSocketPath,
} from '../../../../hosts/ssh/session/forward-address.ts';

describe('an address to forward to', () => {
  it.each(['10.1.2.3', '192.0.2.1', '2001:db8::1', 'fd12::1'])('%s is one', async (host) => {
    expect(await forwardAddress(host, { loopback: false })).toEqual({
      kind: 'address',
      address: host,
    });
  });

  it.each([
    ...['127.0.0.1', '127.1', '0x7f.1', '0', '::1', '::', '::ffff:127.0.0.1', '::127.0.0.1'],
    ...['localhost', '64:ff9b:1::7f00:1', '::ffff:0:7f00:1', '2001::1', '2002:7f00:1::'],
  ])('%s is the target itself, or hides an address', async (host) => {
    expect(await forwardAddress(host, { loopback: false })).toMatchObject({ kind: 'refused' });
  });

  it.each(['169.254.169.254', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fe80::1'])(
    '%s tells machines their credentials, wherever loopback is allowed too',
    async (host) => {
      expect(await forwardAddress(host, { loopback: true })).toMatchObject({ kind: 'refused' });
    },
  );
});

it.each([
  [0, false],
  [1, true],
  [65_535, true],
  [65_536, false],
  [65_558, false],
])('%d is a port: %p', (port, is) => {
  expect(isPort(port)).toBe(is);
});

it.each([
  ['/run/x.sock', true],
  ['run/x.sock', false],
  ['/run//x.sock', false],
  ['/run/../x.sock', false],
  ['/run/./x.sock', false],
  ['/run/', false],
  ['/run/x\0y', false],
  ['', false],
])('%j is the one spelling of a path: %p', (path, is) => {
  expect(isSocketPath(path)).toBe(is);
});

// The first line of a peer, however it is cut into chunks.

import { describe, expect, it } from '@jest/globals';

import { IdentificationReader } from '../../../../hosts/ssh/guard/identification.ts';
import { Violation } from '../../../../hosts/ssh/guard/violation.ts';

function read(peer: 'client' | 'server', text: string, bytes: number): string {
  const reader = new IdentificationReader(peer);
  const input = Buffer.from(text, 'latin1');
  try {
    for (let at = 0; at < input.length; at += bytes) {
      const whole = reader.push(input.subarray(at, at + bytes));
      if (whole !== undefined) {
        return Buffer.concat([whole, input.subarray(at + bytes)]).toString('latin1');
      }
    }
    return 'more';
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return error.rule;
  }
}

const invalid = 'identification-invalid';
const openssh = 'SSH-2.0-OpenSSH_10.0p2 Debian-7\r\n';

describe('an identification', () => {
  it.each([
    ['client', openssh, openssh],
    ['client', `${openssh}\0\0\x01\x02rest`, `${openssh}\0\0\x01\x02rest`],
    ['client', 'SSH-2.0-no_carriage_return\n', 'SSH-2.0-no_carriage_return\n'],
    ['client', 'SSH-2.0-', 'more'],
    ['client', `SSH-2.0-${'x'.repeat(245)}\r\n`, `SSH-2.0-${'x'.repeat(245)}\r\n`],
    ['client', `SSH-2.0-${'x'.repeat(246)}\r\n`, invalid],
    ['client', `SSH-2.0-${'x'.repeat(500)}`, invalid],
    ['client', `hello\r\n${openssh}`, invalid],
    ['client', 'SSH-1.5-old\r\n', invalid],
    ['client', 'SSH-2.0-a\0b\r\n', invalid],
    ['client', 'SSH-2.0-a\rb\r\n', invalid],
    ['client', 'SSH-2.0- space\r\n', invalid],
    ['client', '\n', invalid],
    ['server', `hello\r\nthere\r\n${openssh}`, openssh],
    ['server', `${'x\n'.repeat(4000)}${openssh}`, openssh],
    ['server', `${'x\n'.repeat(5000)}${openssh}`, invalid],
    ['server', 'x'.repeat(9000), invalid],
    ['server', 'SSH-1.99-both\r\n', 'SSH-1.99-both\r\n'],
    ['server', 'SSH-1.5-old\r\n', invalid],
  ] as const)('of a %s: %j', (peer, text, expected) => {
    for (const bytes of [1, 2, 7, text.length]) {
      const result = read(peer, text, bytes);
      expect({ bytes, result }).toEqual({ bytes, result: expected });
    }
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  WireError,
  decodeSignedRequest,
  encodeSignedRequest,
  loginAlgorithms,
  readLogin,
} from '../../../../hosts/ssh/wire/index.ts';

describe('login names', () => {
  it('say the target, and the account if they name one', () => {
    expect(readLogin('web-1')).toEqual({ target: 'web-1', user: undefined });
    expect(readLogin('deploy@web-1')).toEqual({ target: 'web-1', user: 'deploy' });
    expect(readLogin('_apt.x-1@0_b')).toEqual({ target: '0_b', user: '_apt.x-1' });
  });

  it.each([
    ...['', '@', '@web-1', 'deploy@', 'a@b@web-1', 'Web-1', 'deploy @web-1', ' web-1', 'web-1 '],
    ...['web-1\n', 'web-1\0', 'deploy\n@web-1', '-x@web-1', '.@web-1', 'web.1', 'wéb', '\ufffd'],
    ...[`${'a'.repeat(65)}@web-1`, 'a'.repeat(64), '../web-1', 'deploy/web-1', '$(id)@web-1'],
  ])('are not %j', (name) => {
    expect(readLogin(name)).toBeUndefined();
  });
});

describe('signed logins', () => {
  const request = {
    ...{ sessionId: Buffer.alloc(32, 1), user: 'deploy@web-1', service: 'ssh-connection' },
    ...{ algorithm: 'ssh-ed25519', key: Buffer.alloc(51, 2) },
  };
  const bytes = encodeSignedRequest(request);

  it('come back as they were written', () => {
    expect(decodeSignedRequest(bytes)).toEqual(request);
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(text, text, text, (user, service, algorithm) => {
        const each = { ...request, user, service, algorithm };
        expect(decodeSignedRequest(encodeSignedRequest(each))).toEqual(each);
      }),
    );
  });

  it('are refused when they are cut short, longer, of another method or not signed', () => {
    for (let end = 0; end < bytes.length; end += 1) {
      expect(() => decodeSignedRequest(bytes.subarray(0, end))).toThrow(WireError);
    }
    expect(() => decodeSignedRequest(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(WireError);
    const at = bytes.indexOf('publickey');
    for (const [offset, value] of [
      [at, 0x50],
      [at + 9, 0],
      [36, 51],
    ] as const) {
      const changed = Buffer.from(bytes);
      changed[offset] = value;
      expect(() => decodeSignedRequest(changed)).toThrow(WireError);
    }
  });

  it('are by algorithms with a certificate and without', () => {
    expect(Array.from(loginAlgorithms.keys()).sort()).toEqual([
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp256-cert-v01@openssh.com',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp384-cert-v01@openssh.com',
      'ecdsa-sha2-nistp521',
      'ecdsa-sha2-nistp521-cert-v01@openssh.com',
      'rsa-sha2-256',
      'rsa-sha2-256-cert-v01@openssh.com',
      'rsa-sha2-512',
      'rsa-sha2-512-cert-v01@openssh.com',
      'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com',
      'sk-ecdsa-sha2-nistp256@openssh.com',
      'sk-ssh-ed25519-cert-v01@openssh.com',
      'sk-ssh-ed25519@openssh.com',
      'ssh-ed25519',
      'ssh-ed25519-cert-v01@openssh.com',
    ]);
    expect(loginAlgorithms.get('rsa-sha2-256-cert-v01@openssh.com')).toEqual({
      ...{ type: 'ssh-rsa-cert-v01@openssh.com', signature: 'rsa-sha2-256', certified: true },
    });
    expect(loginAlgorithms.get('ssh-rsa')).toBeUndefined();
  });
});

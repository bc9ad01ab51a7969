import { describe, expect, it } from '@jest/globals';

import { validatorOf } from '../../../engine/config/validate.ts';
import type { SshTargetFile } from '../../../engine/config/ssh-target.ts';
import { sshTarget } from '../../../engine/config/ssh-target.ts';
import configSchema from '../../../schemas/config.json' with { type: 'json' };

const key = { file: './secrets/web-1' };
const base = { ssh: 'web-1.internal:22', host_key: './tls/web-1.pub' };
const place = {
  at: 'f: targets.web-1',
  name: 'web-1',
  absolute: (path: string) => path.replace('./', '/etc/'),
};
const validate = validatorOf({
  ...{ definitions: configSchema.definitions, $ref: '#/definitions/sshTarget' },
});
const read = (file: object) => {
  validate(file, 'f');
  return sshTarget(place, file as SshTargetFile);
};

describe('an SSH target', () => {
  it('pins host keys and logs in with a key of its own', () => {
    expect(read({ ...base, credential: { user: 'deploy', key }, labels: { env: 'x' } })).toEqual({
      ...{ kind: 'ssh', name: 'web-1', host: 'web-1.internal', port: 22 },
      trust: { kind: 'keys', file: '/etc/tls/web-1.pub' },
      credential: { kind: 'key', users: ['deploy'], key: { file: '/etc/secrets/web-1' } },
      ...{ forwardLoopback: false, terminalFilter: true, hashOutput: false },
      labels: { env: 'x' },
    });
    const more = { ...base, credential: { user: 'deploy', key } };
    const chosen = { forward_loopback: true, terminal_filter: false, hash_output: true };
    expect(read({ ...more, ...chosen })).toMatchObject({
      ...{ forwardLoopback: true, terminalFilter: false, hashOutput: true },
    });
  });

  it('trusts an authority of hosts for the name of the address, or for another', () => {
    const file = {
      ssh: base.ssh,
      host_authority: './tls/hosts.pub',
      credential: { users: ['deploy', 'app'], authority: { env: 'USER_CA' } },
    };
    expect(read(file)).toMatchObject({
      trust: { kind: 'authority', file: '/etc/tls/hosts.pub', name: 'web-1.internal' },
      credential: { kind: 'authority', users: ['deploy', 'app'], authority: { env: 'USER_CA' } },
    });
    expect(read({ ...file, ssh: '[::1]:22', host_name: 'web-1' })).toMatchObject({
      ...{ host: '::1', trust: { name: 'web-1' } },
    });
  });

  it.each([
    ['no way to know the server', { host_key: undefined }, 'needs host_key or host_authority'],
    ['two ways to know the server', { host_authority: './x' }, 'needs host_key or host_authority'],
    ['a name for pinned keys', { host_name: 'x' }, 'host_name: goes with host_authority'],
    ['a port that is none', { ssh: 'web-1:0' }, 'ssh: port must be 1 to 65535'],
    ['no port', { ssh: 'web-1' }, 'ssh: must match pattern'],
    ['no way to log in', { credential: { user: 'deploy' } }, 'needs key, password or authority'],
    [
      'two ways to log in',
      { credential: { user: 'deploy', key, password: key } },
      'needs key, password or authority',
    ],
    ['no account', { credential: { key } }, 'needs user or users'],
    ['two lists of accounts', { credential: { user: 'a', users: ['b'], key } }, 'needs user or'],
    ['an account with an @', { credential: { user: 'a@b', key } }, 'credential.user: must match'],
    ['TLS', { tls: {} }, "unknown key 'tls'"],
  ])('must not have %s', (_name, change, message) => {
    const file: Record<string, unknown> = {
      ...base,
      credential: { user: 'deploy', key },
      ...change,
    };
    if (file['host_key'] === undefined) delete file['host_key'];
    expect(() => read(file)).toThrow(message);
  });
});

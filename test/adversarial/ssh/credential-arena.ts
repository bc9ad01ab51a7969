// The real login behind the guards: one key, one authority, one name and one token are known, one serial is revoked.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '#lab';
import { Authenticator, createToken } from '../../../engine/identity/index.ts';
import { Login } from '../../../hosts/ssh/login/index.ts';
import { formatPublicKeyLine } from '../../../hosts/ssh/wire/index.ts';
import { testKey } from '../../support/ssh/keys.ts';
import { startSmallServer } from '../../support/ssh/small-server.ts';
import type { SshArena } from './attack.ts';

export const username = 'box';
export const revokedSerial = 666n;
/** What the attacker does not have, but for what a case says. */
export const victim = {
  key: testKey('ed25519'),
  token: testKey('sk-ed25519'),
  rsa: testKey('rsa'),
};
export const authority = testKey('nistp256');

export async function startCredentialArena(): Promise<SshArena & AsyncDisposable> {
  const place = await temporaryDirectory('sallyport-credentials-');
  const at = (name: string): string => join(place.path, name);
  const { token, hash } = createToken();
  const keys = Object.values(victim).map(({ key }, index) => ({
    ...{ key: formatPublicKeyLine(key, ''), id: `victim-${index}` },
  }));
  const files = {
    'tokens.yaml': JSON.stringify({ tokens: [{ id: 'bystander', hash }] }),
    'keys.yaml': JSON.stringify({ keys }),
    'authorities.pub': formatPublicKeyLine(authority.key, ''),
    'principals.yaml': JSON.stringify({ principals: [{ name: 'ada' }, { name: 'dba' }] }),
    'revoked.yaml': JSON.stringify({ revoked: [{ serial: Number(revokedSerial) }] }),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(at(name), text);
  const holders = new Authenticator(
    {
      ...{ tokens: at('tokens.yaml'), clientCertificates: undefined, oidc: undefined },
      ssh: {
        ...{ keys: at('keys.yaml'), revoked: at('revoked.yaml') },
        certificates: { authorities: at('authorities.pub'), principals: at('principals.yaml') },
      },
    },
    Date.now,
  );
  const server = await startSmallServer({
    login: () => {
      const options = { holders, device: undefined, client: '127.0.0.1' };
      const login = new Login({ ...options, onRefused: () => undefined });
      return (attempt) => login.attempt(attempt);
    },
  });
  return {
    login: { port: server.port, username, password: token },
    residentBytes: () => Promise.resolve(process.memoryUsage.rss()),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await holders.close();
      await place.remove();
    },
  };
}

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { SshKeyFiles, SshServer, TemporaryDirectory } from '#lab';
import {
  createSshKey,
  requiredProgram,
  signSshCertificate,
  startSshServer,
  temporaryDirectory,
} from '#lab';

const run = promisify(execFile);

describe('the OpenSSH server of the lab', () => {
  let place: TemporaryDirectory;
  let server: SshServer;
  let listed: SshKeyFiles;
  let certified: SshKeyFiles;

  const login = async (key: string): Promise<string> => {
    const knownHosts = join(place.path, 'known_hosts');
    const host = await readFile(server.hostKey, 'utf8');
    await writeFile(knownHosts, `[127.0.0.1]:${server.port} ${host}`);
    const options = ['BatchMode=yes', 'IdentitiesOnly=yes', `UserKnownHostsFile=${knownHosts}`];
    const { stdout } = await run(requiredProgram('ssh', 'openssh-client'), [
      ...['-F', 'none', '-i', key, '-p', String(server.port)],
      ...options.flatMap((option) => ['-o', option]),
      ...[`${server.user}@127.0.0.1`, 'echo $((6 * 7))'],
    ]);
    return stdout;
  };

  beforeAll(async () => {
    place = await temporaryDirectory();
    listed = await createSshKey(join(place.path, 'listed'));
    certified = await createSshKey(join(place.path, 'certified'), { type: 'ecdsa' });
    const authority = await createSshKey(join(place.path, 'authority'));
    server = await startSshServer({
      authorizedKeys: [await readFile(listed.publicKey, 'utf8')],
      userAuthorities: [await readFile(authority.publicKey, 'utf8')],
    });
    const { publicKey } = certified;
    await signSshCertificate({ authority, publicKey, principals: [server.user] });
  });

  afterAll(async () => {
    await server.stop();
    await place.remove();
  });

  it('runs a command for a listed key and for a certificate, and says whose it was', async () => {
    expect(await login(listed.key)).toBe('42\n');
    expect(await login(certified.key)).toBe('42\n');
    const log = await readFile(server.logFile, 'utf8');
    expect(log).toMatch(/Accepted publickey for .* ED25519 SHA256:/);
    expect(log).toMatch(/Accepted certificate ID "lab" .* signed by ED25519 CA/);
  });

  it('refuses a key that is not listed', async () => {
    const stranger = await createSshKey(join(place.path, 'stranger'));
    await expect(login(stranger.key)).rejects.toThrow('Permission denied');
  });
});

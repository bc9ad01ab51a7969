import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createCertificateAuthority, temporaryDirectory, writeCertificates } from '#lab';
import type { CertificateFiles, IssuedCertificate, TemporaryDirectory } from '#lab';
import { ServerTls, pump } from '#transport';
import type { ServerTlsOptions } from '#transport';
import { socketPair } from '../support/socket-pair.ts';

const authority = createCertificateAuthority('gateway root');
const issue = () => authority.issue({ commonName: 'gateway', dns: ['localhost'] });
const serial = (pem: string) => new X509Certificate(pem).serialNumber;

/** Collects events and lets a test wait for one of a name. */
function eventLog() {
  const seen: string[] = [];
  let wake: () => void = () => undefined;
  const until = async (name: string, count: number): Promise<void> => {
    while (seen.filter((event) => event === name).length < count) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const onEvent = (event: string) => {
    seen.push(event);
    wake();
  };
  return { seen, until, onEvent };
}

let directory: TemporaryDirectory;
let files: CertificateFiles;
let first: IssuedCertificate;
let log: ReturnType<typeof eventLog>;
let tls: ServerTls | undefined;

beforeEach(async () => {
  directory = await temporaryDirectory();
  first = issue();
  files = await writeCertificates(directory.path, 'gateway', first, authority);
  log = eventLog();
});
afterEach(async () => {
  tls?.close();
  await directory.remove();
});

const load = async (options: Partial<ServerTlsOptions> = {}): Promise<ServerTls> =>
  (tls = await ServerTls.load({
    certificate: files.certificate,
    key: files.key,
    handshakeMsMax: 30_000,
    onEvent: log.onEvent,
    ...options,
  }));

/** The serial number that a verifying client sees, after both ends have said something. */
async function presented(server: ServerTls, options: ConnectionOptions = {}): Promise<string> {
  await using pair = await socketPair();
  const client = connect({
    socket: pair.near,
    servername: 'localhost',
    ca: authority.certificatePem,
    ...options,
  });
  client.on('error', () => undefined);
  const secured = await server.secure(pair.far);
  client.write('ping');
  const [ping] = (await once(secured, 'data')) as [Buffer];
  expect(ping.toString()).toBe('ping');
  return new X509Certificate(client.getPeerCertificate().raw).serialNumber;
}

describe('ServerTls', () => {
  it('upgrades a connection in its middle', async () => {
    const server = await load();
    await using pair = await socketPair();
    pair.near.write('SSLRequest');
    expect(String((await once(pair.far, 'readable'), pair.far.read()))).toBe('SSLRequest');
    pair.far.write('S');
    expect(String((await once(pair.near, 'readable'), pair.near.read()))).toBe('S');
    const client = connect({
      socket: pair.near,
      servername: 'localhost',
      ca: authority.certificatePem,
    });
    const secured = await server.secure(pair.far);
    const received: string[] = [];
    const done = pump(secured, (chunk) => void received.push(chunk.toString()));
    client.end('through TLS');
    await done;
    expect(received.join('')).toBe('through TLS');
    expect(secured.getProtocol()).toBe('TLSv1.3');
  });

  it('keeps connections that upgrade at the same time apart', async () => {
    const server = await load();
    const echo = async (text: string) => {
      await using pair = await socketPair();
      const client = connect({
        socket: pair.near,
        servername: 'localhost',
        ca: authority.certificatePem,
      });
      const secured = await server.secure(pair.far);
      client.end(text);
      let received = '';
      await pump(secured, (chunk) => void (received += chunk.toString()));
      return received;
    };
    const texts = Array.from({ length: 20 }, (_, i) => `connection ${i}`);
    expect(await Promise.all(texts.map(echo))).toEqual(texts);
  });

  it('presents a new certificate after its files are renamed over, without a restart', async () => {
    const server = await load();
    expect(await presented(server)).toBe(serial(first.certificatePem));
    const second = issue();
    await writeFile(`${files.certificate}.new`, second.certificatePem);
    await writeFile(`${files.key}.new`, second.keyPem);
    await rename(`${files.key}.new`, files.key);
    await rename(`${files.certificate}.new`, files.certificate);
    await log.until('certificate-loaded', 1);
    expect(await presented(server)).toBe(serial(second.certificatePem));
    expect(server.certificate.serialNumber).toBe(serial(second.certificatePem));
  });

  it('follows a swapped symbolic link, as Kubernetes mounts secrets', async () => {
    const second = issue();
    const mount = join(directory.path, 'mount');
    for (const [name, issued] of [
      ['one', first],
      ['two', second],
    ] as const) {
      await mkdir(join(mount, name), { recursive: true });
      await writeFile(join(mount, name, 'tls.crt'), issued.certificatePem);
      await writeFile(join(mount, name, 'tls.key'), issued.keyPem);
    }
    await symlink('one', join(mount, '..data'));
    await symlink('..data/tls.crt', join(mount, 'tls.crt'));
    await symlink('..data/tls.key', join(mount, 'tls.key'));
    const server = await load({ certificate: join(mount, 'tls.crt'), key: join(mount, 'tls.key') });
    await symlink('two', join(mount, '..next'));
    await rename(join(mount, '..next'), join(mount, '..data'));
    await log.until('certificate-loaded', 1);
    expect(await presented(server)).toBe(serial(second.certificatePem));
  });

  it('keeps the last good pair while files are half-written or do not match', async () => {
    const server = await load();
    const second = issue();
    await truncate(files.certificate, 100);
    await log.until('certificate-rejected', 1);
    expect(await presented(server)).toBe(serial(first.certificatePem));
    await writeFile(files.certificate, second.certificatePem);
    await log.until('certificate-rejected', 2);
    expect(await presented(server)).toBe(serial(first.certificatePem));
    expect(server.certificate.serialNumber).toBe(serial(first.certificatePem));
    await writeFile(files.key, second.keyPem);
    await log.until('certificate-loaded', 1);
    expect(await presented(server)).toBe(serial(second.certificatePem));
  });

  it('does not start without a usable pair', async () => {
    await expect(load({ key: join(directory.path, 'none') })).rejects.toMatchObject({
      code: 'config-unreadable',
    });
    await copyFile(files.ca, files.certificate);
    await expect(load()).rejects.toMatchObject({ code: 'config-invalid' });
  });

  it('refuses TLS 1.1, also after a reload', async () => {
    const server = await load();
    const old = {
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    await expect(presented(server, old)).rejects.toMatchObject({ code: 'message-malformed' });
    const second = issue();
    await writeFile(files.key, second.keyPem);
    await writeFile(files.certificate, second.certificatePem);
    await log.until('certificate-loaded', 1);
    await expect(presented(server, old)).rejects.toMatchObject({ code: 'message-malformed' });
  });

  it('refuses what is no TLS, a peer that hangs up, and one that stays silent', async () => {
    const server = await load({ handshakeMsMax: 100 });
    await using plain = await socketPair();
    plain.near.write('StartupMessage in plaintext');
    await expect(server.secure(plain.far)).rejects.toMatchObject({
      code: 'message-malformed',
      cause: { code: expect.stringContaining('ERR_SSL') as unknown },
    });
    await using gone = await socketPair();
    const upgrade = server.secure(gone.far);
    gone.near.destroy();
    await expect(upgrade).rejects.toMatchObject({ code: 'message-malformed' });
    await expect(server.secure(gone.far)).rejects.toMatchObject({ code: 'message-malformed' });
    await using silent = await socketPair();
    await expect(server.secure(silent.far)).rejects.toThrow('the TLS handshake failed');
    expect(silent.far.destroyed).toBe(true);
  });

  it('offers its protocols and refuses a caller that names only others', async () => {
    const server = await load({ alpn: ['postgresql'] });
    const negotiate = async (ALPNProtocols: string[]): Promise<TLSSocket> => {
      await using pair = await socketPair();
      connect({
        socket: pair.near,
        servername: 'localhost',
        ca: authority.certificatePem,
        ALPNProtocols,
      }).on('error', () => undefined);
      return await server.secure(pair.far);
    };
    expect((await negotiate(['postgresql'])).alpnProtocol).toBe('postgresql');
    await expect(negotiate(['http/1.1'])).rejects.toMatchObject({ code: 'message-malformed' });
  });

  it('demands a client certificate of its authority where one is named', async () => {
    const server = await load({ clientCa: files.ca });
    const client = authority.issue({ commonName: 'robot', client: true });
    const stranger = createCertificateAuthority('gateway root').issue({
      commonName: 'robot',
      client: true,
    });
    const pair = ({ certificatePem, keyPem }: IssuedCertificate) => ({
      cert: certificatePem,
      key: keyPem,
    });
    expect(await presented(server, pair(client))).toBe(serial(first.certificatePem));
    await expect(presented(server, pair(stranger))).rejects.toMatchObject({
      code: 'message-malformed',
    });
    await expect(presented(server)).rejects.toMatchObject({ code: 'message-malformed' });
  });

  it('lets callers come without a certificate where one is optional, not with a false one', async () => {
    const server = await load({ clientCa: files.ca, clientCertificateOptional: true });
    const peerOf = async (client?: IssuedCertificate): Promise<X509Certificate | undefined> => {
      await using pair = await socketPair();
      connect({
        ...{ socket: pair.near, servername: 'localhost', ca: authority.certificatePem },
        ...(client === undefined ? {} : { cert: client.certificatePem, key: client.keyPem }),
      }).on('error', () => undefined);
      return (await server.secure(pair.far)).getPeerX509Certificate();
    };
    const request = { commonName: 'robot', client: true };
    const robot = authority.issue(request);
    expect((await peerOf(robot))?.serialNumber).toBe(serial(robot.certificatePem));
    expect(await peerOf()).toBeUndefined();
    for (const wrong of [
      createCertificateAuthority('gateway root').issue(request),
      authority.issue({ ...request, days: -1 }),
      authority.issue({ commonName: 'a server', dns: ['localhost'] }),
    ]) {
      await expect(peerOf(wrong)).rejects.toMatchObject({ code: 'message-malformed' });
    }
  });

  it('takes no ticket of a caller whose authority is no longer the one it trusts', async () => {
    const server = await load({ clientCa: files.ca, clientCertificateOptional: true });
    const robot = authority.issue({ commonName: 'robot', client: true });
    const options = { cert: robot.certificatePem, key: robot.keyPem };
    /** A first visit brings a ticket home. */
    const visit = async (session?: Buffer) => {
      await using pair = await socketPair();
      const client = connect({
        ...{ socket: pair.near, servername: 'localhost', ca: authority.certificatePem, ...options },
        ...(session === undefined ? {} : { session }),
      }).on('error', () => undefined);
      const ticket = new Promise<Buffer>((resolve) => client.once('session', resolve));
      (await server.secure(pair.far)).write('welcome');
      await once(client, 'data');
      return { ticket: session ?? (await ticket), resumed: client.isSessionReused() };
    };
    const { ticket } = await visit();
    expect((await visit(ticket)).resumed).toBe(true);
    await writeFile(files.ca, createCertificateAuthority('another').certificatePem);
    await log.until('certificate-loaded', 1);
    await expect(visit(ticket)).rejects.toMatchObject({ code: 'message-malformed' });
  });
});

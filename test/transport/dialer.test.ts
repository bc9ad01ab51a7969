import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { createServer } from 'node:tls';
import type { Server as TlsServer, TlsOptions } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { createCertificateAuthority, freePort } from '#lab';
import type { IssuedCertificate } from '#lab';
import { ByteSource, channelBinding, dial, secureClient, startDeadline } from '#transport';
import type { ClientTlsOptions } from '#transport';

const authority = createCertificateAuthority('db root');
const good = authority.issue({ commonName: 'db', dns: ['db.internal'], ips: ['127.0.0.1'] });
const host = '127.0.0.1';

async function serving<T>(server: TcpServer, use: (port: number) => Promise<T>): Promise<T> {
  server.on('tlsClientError', () => undefined);
  server.listen(0, host);
  await once(server, 'listening');
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    server.close();
  }
}

const tlsServer = (issued: IssuedCertificate, options: TlsOptions = {}): TlsServer =>
  createServer({ cert: issued.certificatePem, key: issued.keyPem, ...options });

async function secured(
  server: TcpServer,
  options: Partial<ClientTlsOptions> = {},
  timeoutMs = 30_000,
): Promise<Buffer | null> {
  return serving(server, async (port) => {
    using deadline = startDeadline(timeoutMs, 'the target did not answer in time');
    const { signal } = deadline;
    const socket = await dial({ address: { host, port }, signal });
    const tls = await secureClient(socket, {
      servername: 'db.internal',
      ca: authority.certificatePem,
      signal,
      ...options,
    });
    const binding = channelBinding(tls);
    tls.destroy();
    await once(socket, 'close');
    return binding;
  });
}

const untrusted = (why: string) => ({
  code: 'upstream-untrusted',
  message: expect.stringContaining(why) as unknown,
});

describe('secureClient', () => {
  it('accepts a certificate of the authority for the name, and for the address', async () => {
    await secured(tlsServer(good));
    await secured(tlsServer(good), { servername: host });
  });

  it('binds the channel to the certificate', async () => {
    const der = Buffer.from(good.certificatePem.replace(/-----.*-----|\n/g, ''), 'base64');
    expect(await secured(tlsServer(good))).toEqual(createHash('sha256').update(der).digest());
  });

  it('refuses another authority, also when none is named', async () => {
    const ca = createCertificateAuthority('db root').certificatePem;
    const why = untrusted('no trusted authority signed it');
    await expect(secured(tlsServer(good), { ca })).rejects.toMatchObject(why);
    await expect(secured(tlsServer(good), { ca: undefined as never })).rejects.toMatchObject(why);
  });

  it('refuses another name or address', async () => {
    const why = untrusted('it is for another name');
    await expect(secured(tlsServer(good), { servername: 'other' })).rejects.toMatchObject(why);
    const named = authority.issue({ commonName: host, dns: ['db.internal'] });
    await expect(secured(tlsServer(named), { servername: host })).rejects.toMatchObject(why);
  });

  it('refuses what has expired', async () => {
    const old = authority.issue({ commonName: 'db', dns: ['db.internal'], days: -1 });
    await expect(secured(tlsServer(old))).rejects.toMatchObject(untrusted('it has expired'));
  });

  it('refuses a certificate that is for clients', async () => {
    const robot = authority.issue({ commonName: 'db', dns: ['db.internal'], client: true });
    await expect(secured(tlsServer(robot))).rejects.toMatchObject(untrusted('INVALID_PURPOSE'));
  });

  it('refuses TLS that is too old', async () => {
    const old = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    await expect(secured(tlsServer(good, old))).rejects.toMatchObject({ code: 'upstream-broken' });
  });

  it('does not fall back when the peer speaks no TLS, hangs up or says nothing', async () => {
    const plain = createTcpServer((socket) => socket.end('hello, no TLS here, go on in plaintext'));
    await expect(secured(plain)).rejects.toMatchObject({ code: 'upstream-broken' });
    const mute = createTcpServer((socket) => socket.on('error', () => undefined).resume());
    await expect(secured(mute, {}, 100)).rejects.toMatchObject({
      code: 'upstream-unreachable',
      message: expect.stringContaining('did not answer in time') as unknown,
    });
  });

  it('presents a client certificate to a target that asks for one', async () => {
    const robot = authority.issue({ commonName: 'gateway', client: true });
    const server = tlsServer(good, {
      ca: authority.certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    server.on('secureConnection', (socket) =>
      socket.end(String(socket.getPeerCertificate().subject.CN)),
    );
    const name = await serving(server, async (port) => {
      using deadline = startDeadline(30_000, 'too slow');
      const { signal } = deadline;
      const socket = await secureClient(await dial({ address: { host, port }, signal }), {
        servername: 'db.internal',
        ca: authority.certificatePem,
        client: { certificate: robot.certificatePem, key: robot.keyPem },
        signal,
      });
      return (await new ByteSource(socket, signal).read())?.toString();
    });
    expect(name).toBe('gateway');
  });
});

describe('dial', () => {
  it('says where nobody listens', async () => {
    using deadline = startDeadline(30_000, 'too slow');
    const address = { host, port: await freePort() };
    await expect(dial({ address, signal: deadline.signal })).rejects.toMatchObject({
      code: 'upstream-unreachable',
      message: expect.stringMatching(
        /no connection to 127\.0\.0\.1:\d+: .*ECONNREFUSED/,
      ) as unknown,
    });
  });

  it('hands over reads that pass, to whoever resumes it, in order, up to the end', async () => {
    const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at % 251));
    const server = createTcpServer((peer) => peer.end(sent));
    await serving(server, async (port) => {
      using deadline = startDeadline(30_000, 'too slow');
      const { signal } = deadline;
      const socket = await dial({ address: { host, port }, signal, passingReads: true });
      expect(socket.isPaused()).toBe(true);
      const came: Buffer[] = [];
      const memories = new Set<ArrayBufferLike>();
      socket.on('data', (read: Buffer) => {
        came.push(Buffer.from(read));
        memories.add(read.buffer);
        socket.pause();
        setImmediate(() => socket.resume());
      });
      socket.resume();
      await once(socket, 'end');
      expect(Buffer.concat(came).equals(sent)).toBe(true);
      expect(memories.size).toBe(1);
      socket.destroy();
    });
  });

  it('stops at its signal', async () => {
    const signal = AbortSignal.abort(new Error('the client is gone'));
    await expect(dial({ address: { host, port: 1 }, signal })).rejects.toMatchObject({
      code: 'upstream-unreachable',
      message: expect.stringContaining('the client is gone') as unknown,
    });
  });
});

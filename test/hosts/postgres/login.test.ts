import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { TemporaryDirectory } from '#lab';
import { createCertificateAuthority, temporaryDirectory, writeCertificates } from '#lab';
import { ServerTls } from '#transport';

import type { LoginOptions, LoginResult } from '../../../hosts/postgres/login.ts';
import { LoginRefused, login } from '../../../hosts/postgres/login.ts';
import type { StartupParameter } from '../../../hosts/postgres/wire/index.ts';
import {
  backend,
  encodeCancelRequest,
  encodeGssRequest,
  encodePassword,
  encodeQuery,
  encodeSslRequest,
  encodeStartup,
} from '../../../hosts/postgres/wire/index.ts';
import { socketPair } from '../../support/socket-pair.ts';

const ada = { id: 'ada', kind: 'human', groups: [] } as const;
const authority = createCertificateAuthority('login test CA');
const startup = encodeStartup([
  ['user', 'ada'],
  ['database', 'shop/orders'],
  ['TimeZone', 'UTC'],
]);

let directory: TemporaryDirectory;
let tls: ServerTls;

beforeAll(async () => {
  directory = await temporaryDirectory('sallyport-login-');
  const leaf = authority.issue({ commonName: 'gateway', dns: ['localhost'] });
  const files = await writeCertificates(directory.path, 'gateway', leaf, authority);
  const { certificate, key } = files;
  const onEvent = (): void => undefined;
  tls = await ServerTls.load({
    certificate,
    key,
    alpn: ['postgresql'],
    handshakeMsMax: 5000,
    onEvent,
  });
});

afterAll(async () => {
  tls.close();
  await directory.remove();
});

const options = (more: Partial<LoginOptions> = {}): LoginOptions => ({
  tls,
  allowPlaintext: true,
  authenticate: (token) =>
    token === 'right' ? { principal: ada, credential: 'c', expiresAt: undefined } : undefined,
  startupBytesMax: 10_000,
  signal: AbortSignal.timeout(5000),
  ...more,
});

/** What comes of a client that sends packets, each after an answer to the one before. */
async function outcomeOf(
  packets: readonly Uint8Array[],
  more: Partial<LoginOptions> = {},
): Promise<LoginResult | LoginRefused> {
  await using pair = await socketPair();
  const outcome = login(pair.far, options(more)).catch((error: unknown) => {
    if (error instanceof LoginRefused) return error;
    throw error;
  });
  void converse(pair.near, packets);
  return await outcome;
}

async function converse(socket: Socket, packets: readonly Uint8Array[]): Promise<void> {
  for (const [at, packet] of packets.entries()) {
    if (at > 0) await once(socket, 'data');
    socket.write(packet);
  }
}

const codeOf = (outcome: LoginResult | LoginRefused): string =>
  outcome instanceof LoginRefused ? outcome.fatal.code : outcome.kind;

describe('a login', () => {
  it('brings the caller, the target and the settings that are passed on', async () => {
    expect(await outcomeOf([startup, encodePassword('right')])).toMatchObject({
      kind: 'login',
      authenticated: { principal: ada },
      target: 'shop',
      database: 'orders',
      settings: new Map([['timezone', 'UTC']]),
    });
  });

  it('refuses a wrong token', async () => {
    expect(codeOf(await outcomeOf([startup, encodePassword('wrong')]))).toBe('28P01');
  });

  it('demands TLS unless plaintext is allowed', async () => {
    expect(codeOf(await outcomeOf([startup], { allowPlaintext: false }))).toBe('28000');
  });

  it('goes on in plaintext after a GSSENCRequest', async () => {
    const outcome = await outcomeOf([encodeGssRequest(), startup, encodePassword('right')]);
    expect(codeOf(outcome)).toBe('login');
  });

  it('hands over a cancel request without a login', async () => {
    const request = { processId: 7, secretKey: Buffer.from('abcd') };
    expect(await outcomeOf([encodeCancelRequest(request)])).toMatchObject({
      kind: 'cancel',
      request,
    });
  });

  const refusedParameters: readonly StartupParameter[] = [
    ['options', '-c role=x'],
    ['replication', 'true'],
    ['role', 'postgres'],
    ['client_encoding', 'SJIS'],
    ['standard_conforming_strings', 'off'],
    ['session_preload_libraries', 'x'],
  ];

  it.each(refusedParameters)('refuses the startup parameter %s=%s', async (name, value) => {
    const packet = encodeStartup([
      ['user', 'ada'],
      [name.toUpperCase(), value],
    ]);
    expect(codeOf(await outcomeOf([packet]))).toBe('0A000');
  });

  it.each([
    ['bytes behind an SSLRequest', [Buffer.concat([encodeSslRequest(), startup])]],
    ['bytes behind the startup packet', [Buffer.concat([startup, encodePassword('right')])]],
    [
      'bytes behind the password',
      [startup, Buffer.concat([encodePassword('right'), encodeQuery('SELECT 1')])],
    ],
    ['a query for a password', [startup, encodeQuery('SELECT 1')]],
    ['a packet that is too long', [encodeStartup([['user', 'x'.repeat(20_000)]])]],
    ['a length of nothing', [Buffer.alloc(8)]],
    [
      'encryption asked for again and again',
      [encodeGssRequest(), encodeGssRequest(), encodeGssRequest()],
    ],
  ])('refuses %s', async (_name, packets) => {
    expect(codeOf(await outcomeOf(packets))).toBe('08P01');
  });

  it('ends without a word when the client leaves', async () => {
    await using pair = await socketPair();
    const outcome = login(pair.far, options());
    pair.near.end(startup.subarray(0, 10));
    expect(await outcome).toEqual({ kind: 'gone' });
  });

  it('ends when its time is over, however slowly bytes arrive', async () => {
    await using pair = await socketPair();
    const limit = new AbortController();
    const outcome = login(pair.far, options({ signal: limit.signal }));
    pair.near.write(startup.subarray(0, 10));
    limit.abort(new Error('the login took too long'));
    await expect(outcome).rejects.toThrow('the login took too long');
  });

  it('takes TLS without being asked for it, when it is meant for PostgreSQL', async () => {
    await using pair = await socketPair();
    const outcome = login(pair.far, options({ allowPlaintext: false }));
    const secured = connectTls({
      ...{ socket: pair.near, ca: authority.certificatePem, servername: 'localhost' },
      ALPNProtocols: ['postgresql'],
    });
    await once(secured, 'secureConnect');
    void converse(secured, [startup, encodePassword('right')]);
    expect(await outcome).toMatchObject({ kind: 'login', target: 'shop', protocol: 0x30000 });
    secured.destroy();
  });

  it('leaves TLS that says nothing of PostgreSQL without a word', async () => {
    await using pair = await socketPair();
    const outcome = login(pair.far, options());
    const secured = connectTls({
      ...{ socket: pair.near, ca: authority.certificatePem, servername: 'localhost' },
    });
    secured.on('error', () => undefined);
    expect(await outcome).toEqual({ kind: 'gone' });
    secured.destroy();
  });

  it.each([
    [0x30000, 0x30000],
    [0x30002, 0x30002],
    [0x3270f, 0x30002],
  ])('speaks with a client of version %i what both know, %i', async (asked, spoken) => {
    const packet = encodeStartup([['user', 'ada']], asked);
    const outcome = await outcomeOf([packet, encodePassword('right')]);
    expect(outcome).toMatchObject({ kind: 'login', protocol: spoken });
  });

  it('refuses on the socket as it is: inside TLS once there is TLS', async () => {
    await using pair = await socketPair();
    const outcome = login(pair.far, options()).catch((error: unknown) => error);
    pair.near.write(encodeSslRequest());
    await once(pair.near, 'data');
    const secured = connectTls({
      ...{ socket: pair.near, ca: authority.certificatePem, servername: 'localhost' },
      ALPNProtocols: ['postgresql'],
    });
    await once(secured, 'secureConnect');
    secured.write(encodeSslRequest());
    const refused = (await outcome) as LoginRefused;
    expect(refused.fatal.code).toBe('08P01');
    expect(refused.socket).not.toBe(pair.far);
    refused.socket.write(Buffer.of(backend.errorResponse));
    expect(await once(secured, 'data')).toEqual([Buffer.of(backend.errorResponse)]);
    secured.destroy();
  });
});

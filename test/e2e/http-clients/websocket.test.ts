// WebSockets between independent programs through the gateway: each client with each server.

import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { freePort } from '#lab';
import { HttpGateway } from '../../support/http-gateway.ts';
import type { RunningProgram } from '../../support/program.ts';
import { startProgram } from '../../support/program.ts';

/** Debian's own, which has the modules that Debian brings. */
const python = '/usr/bin/python3';

const file = (name: string): string =>
  fileURLToPath(new URL(`../../support/websocket-peers/${name}`, import.meta.url));

const peers = {
  ws: [process.execPath, file('ws-peer.ts')],
  websockets: [python, file('websockets-peer.py')],
  aiohttp: [python, file('aiohttp-peer.py')],
  node: [process.execPath, file('node-peer.ts')],
} as const;
type Peer = keyof typeof peers;

const policies = {
  'rules.rego': `package rules.http.websocket

import rego.v1

allow contains "everybody may talk"
`,
};

function run(peer: Peer, args: readonly string[], ca = ''): RunningProgram {
  const [program, script] = peers[peer];
  const trust = ca === '' ? {} : { NODE_EXTRA_CA_CERTS: ca, SSL_CERT_FILE: ca };
  const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', ...trust };
  return startProgram(program, [script, ...args], { env });
}

/** What each client can see; the others have no way to send pieces or pings. */
const alwaysSeen = {
  protocol: 'chat.v2',
  extensions: '',
  text: true,
  binary: true,
  large: true,
  pinged: 'pong came',
  close: [4001, 'as you wish'],
};
const clients: readonly (readonly [Peer, object])[] = [
  ['ws', { ...alwaysSeen, pieces: true, pong: true }],
  ['websockets', { ...alwaysSeen, pieces: true, pong: true }],
  ['aiohttp', { ...alwaysSeen, pong: true }],
  ['node', alwaysSeen],
];

describe.each(['ws', 'websockets', 'aiohttp'] as const)('a server by %s', (peer) => {
  let server: RunningProgram;
  let gateway: HttpGateway;

  beforeAll(async () => {
    const port = await freePort();
    server = run(peer, ['serve', String(port)]);
    await server.says('listening');
    const app = {
      http: `http://127.0.0.1:${port}`,
      tls: { insecure_plaintext: true },
      hosts: ['localhost'],
    };
    gateway = await HttpGateway.start({ targets: { app }, policies });
  });

  afterAll(async () => {
    server.signal('SIGKILL');
    await gateway.stop();
  });

  it.each(clients)('talks with a client by %s', async (client, expected) => {
    const url = `wss://localhost:${gateway.port}/`;
    const args = ['exercise', url, gateway.token()];
    const { code, stdout, stderr } = await run(client, args, gateway.caFile).result;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  it('is told how a client closed', async () => {
    await server.says(peer === 'aiohttp' ? 'closed 4002' : 'closed 4002 done');
  });
});

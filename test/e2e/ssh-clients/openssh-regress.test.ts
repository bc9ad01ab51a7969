// OpenSSH's own regression tests through the gateway, as they are. docs/reference/ssh-clients.md says which are not run.

import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { OpenSshRegress, regressServerSettings } from '../../support/openssh-regress.ts';
import { SshGateway } from '../../support/ssh-gateway.ts';

const scripts = [
  'broken-pipe',
  'connect',
  'connect-uri',
  'exit-status',
  'exit-status-signal',
  'localcommand',
  'scp3',
  'sftp-badcmds',
  'sftp-batch',
  'sftp-cmds',
  'sftp-glob',
  'stderr-after-eof',
  'stderr-data',
  'transfer',
  'yes-head',
];

let gateway: SshGateway;
let regress: OpenSshRegress;

beforeAll(async () => {
  gateway = await SshGateway.start({
    box: { forward_loopback: true },
    serverOptions: { settings: regressServerSettings },
  });
  regress = await OpenSshRegress.prepare(gateway);
});

afterAll(() => gateway[Symbol.asyncDispose]());

it.each(scripts)(
  '%s',
  async (name) => {
    const { code, said } = await regress.run(name);
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
    expect(said).not.toContain('SKIPPED');
  },
  300_000,
);

it('is told by the page about clients', () => {
  const page = new URL('../../../docs/reference/ssh-clients.md', import.meta.url);
  const rows = readFileSync(page, 'utf8').matchAll(/^\| `([a-z0-9-]+)` +\| passes/gm);
  expect(Array.from(rows, ([, name]) => name)).toEqual(scripts);
});

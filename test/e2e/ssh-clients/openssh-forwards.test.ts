// ssh -L, -R, -D, -W and -N through the gateway: what is allowed carries bytes, what is refused says so.

import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { connect, createServer } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { freePort, requiredProgram } from '#lab';
import { eventually } from '../../support/eventually.ts';
import type { RunningProgram } from '../../support/program.ts';
import { startProgram } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import type { SshWay } from '../../support/ssh-ways.ts';
import {
  address,
  at,
  environmentIn,
  openSshOptions,
  runOpenSsh,
  throughGateway,
} from '../../support/ssh-ways.ts';

const policies = {
  ...allowAllSsh,
  'more.rego': `package rules.ssh.more

import rego.v1

deny contains "port 9 is nobody's" if input.statement.forward.port == 9

deny contains "nothing listens everywhere" if {
	input.statement.forward.direction == "remote"
	input.statement.forward.host != "localhost"
}
`,
};

let gateway: SshGateway;
let through: SshWay;
let echo: Server;
let echoPort: number;

beforeAll(async () => {
  gateway = await SshGateway.start({ policies, box: { forward_loopback: true } });
  through = throughGateway(gateway);
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
  echo.listen(0, address);
  await once(echo, 'listening');
  echoPort = (echo.address() as AddressInfo).port;
});

afterAll(async () => {
  echo.close();
  await gateway[Symbol.asyncDispose]();
});

/** Without a command: it lives for its forwards. */
const start = (...args: readonly string[]): RunningProgram =>
  startProgram(
    requiredProgram('ssh', 'openssh-client'),
    [
      ...openSshOptions(through),
      '-v',
      '-N',
      '-o',
      'ExitOnForwardFailure=yes',
      ...args,
      at(through),
    ],
    { env: environmentIn('/nonexistent') },
  );

/** How many bytes came back; none where nobody listens. */
function echoed(port: number, bytes = 1_000_000): Promise<number> {
  const socket = connect(port, address);
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  socket.on('error', () => undefined);
  socket.end(Buffer.alloc(bytes, 'e'));
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve(received);
    });
  });
}

describe('ssh', () => {
  it('-L carries bytes, also of several connections, and their ends', async () => {
    const port = await freePort();
    const ssh = start('-L', `${port}:${address}:${echoPort}`);
    await ssh.says('Entering interactive session');
    expect(await Promise.all([echoed(port), echoed(port), echoed(port, 1)])).toEqual([
      1_000_000, 1_000_000, 1,
    ]);
    ssh.signal('SIGTERM');
    await ssh.result;
  });

  it('-L tells when the other side has said all', async () => {
    const talker = createServer({ allowHalfOpen: true }, (socket) => socket.end('bye'));
    talker.listen(0, address);
    await once(talker, 'listening');
    const port = await freePort();
    const ssh = start('-L', `${port}:${address}:${(talker.address() as AddressInfo).port}`);
    await ssh.says('Entering interactive session');
    const socket = connect({ port, host: address, allowHalfOpen: true });
    const said: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => said.push(chunk));
    await once(socket, 'end');
    expect(Buffer.concat(said).toString()).toBe('bye');
    socket.end();
    talker.close();
    ssh.signal('SIGTERM');
    await ssh.result;
  });

  it('-L tells of a place that is denied when somebody goes there', async () => {
    const port = await freePort();
    const ssh = start('-L', `${port}:${address}:9`);
    await ssh.says('Entering interactive session');
    expect(await echoed(port, 1)).toBe(0);
    await ssh.says("administratively prohibited: sallyport: denied: port 9 is nobody's");
    ssh.signal('SIGTERM');
    await ssh.result;
  });

  it('-D leads anywhere that is allowed', async () => {
    const port = await freePort();
    const ssh = start('-D', `${address}:${port}`);
    await ssh.says('Entering interactive session');
    const socket = connect(port, address);
    socket.write(Buffer.of(5, 1, 0));
    await once(socket, 'data');
    const to = Buffer.of(5, 1, 0, 1, 127, 0, 0, 1, echoPort >> 8, echoPort & 255);
    socket.write(to);
    await once(socket, 'data');
    socket.write('through');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toBe('through');
    socket.destroy();
    ssh.signal('SIGTERM');
    await ssh.result;
  });

  it('-W connects its own input and output', async () => {
    const args = ['-W', `${address}:${echoPort}`, at(through)];
    expect(await runOpenSsh('ssh', through, args, 'ping')).toMatchObject({
      code: 0,
      stdout: 'ping',
    });
  });

  it.each(['the client', 'the target'])(
    '-R listens on the target, on a port that %s chooses',
    async (who) => {
      const wanted = who === 'the target' ? 0 : await freePort();
      const ssh = start('-R', `localhost:${wanted}:${address}:${echoPort}`);
      await ssh.says(wanted === 0 ? 'Allocated port' : 'remote forward success');
      if (wanted !== 0) expect(await echoed(wanted)).toBe(1_000_000);
      ssh.signal('SIGTERM');
      const { stderr } = await ssh.result;
      const port = wanted === 0 ? Number(/Allocated port (\d+)/.exec(stderr)?.[1]) : wanted;
      expect(port).toBeGreaterThan(0);
      await eventually('nothing listens any more', async () => (await echoed(port, 1)) === 0);
    },
  );

  it('-R ends when it is denied', async () => {
    const { code, stderr } = await start('-R', `*:${await freePort()}:${address}:${echoPort}`)
      .result;
    expect(code).toBe(255);
    expect(stderr).toContain('remote port forwarding failed for listen port');
  });

  it('-W is told that there is nobody', async () => {
    const args = ['-W', `${address}:${await freePort()}`, at(through)];
    const { code, stderr } = await runOpenSsh('ssh', through, args);
    expect(code).toBe(255);
    expect(stderr).toContain('connect failed: sallyport: the target does not connect');
  });

  it('-N lives until it is ended', async () => {
    const ssh = start();
    await ssh.says('Entering interactive session');
    ssh.signal('SIGTERM');
    // Before it handles the signal it dies of it.
    expect([0, null]).toContain((await ssh.result).code);
  });
});

describe('a target whose own ports are not forwarded to', () => {
  it('says which setting would have to allow it', async () => {
    await using strict = await SshGateway.start();
    const { code, stderr } = await runOpenSsh('ssh', throughGateway(strict), [
      ...['-W', `${address}:${echoPort}`, `box@${address}`],
    ]);
    expect(code).toBe(255);
    expect(stderr).toContain('which forward_loopback of the target has to allow');
  });
});

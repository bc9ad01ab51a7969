// paramiko and asyncssh through the gateway: keys and tokens, commands, files.

import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { runProgram } from '../../support/program.ts';
import { SshGateway, allowAllSsh } from '../../support/ssh-gateway.ts';
import { address, environmentIn, throughGateway } from '../../support/ssh-ways.ts';

const policies = {
  ...allowAllSsh,
  'more.rego': `package rules.ssh.more

import rego.v1

deny contains "secrets stay" if {
	input.statement.file.operation == "read"
	endswith(input.statement.file.path, "/secret")
}

deny contains "nobody kills" if "killall" in input.statement.shell.programs
`,
};

/** What every script begins with: where, as whom, and a place for files. */
const head = `
import json, os, sys
host, port, key, known, place, token = sys.argv[1:7]
port = int(port)
def show(**found):
    print(json.dumps(found))
`;

const paramiko = `${head}
import paramiko
def connect(**login):
    client = paramiko.SSHClient()
    client.load_host_keys(known)
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host, port=port, username="box", look_for_keys=False, allow_agent=False, **login)
    return client
def by_key():
    return connect(pkey=paramiko.Ed25519Key.from_private_key_file(key))
`;

const asyncssh = `${head}
import asyncio, asyncssh
def connect():
    return asyncssh.connect(host, port=port, username="box", client_keys=[key], known_hosts=known, config=None)
`;

let gateway: SshGateway;

beforeAll(async () => {
  gateway = await SshGateway.start({ policies });
  await writeFile(join(gateway.directory, 'large'), randomBytes(4 << 20));
  await writeFile(join(gateway.directory, 'secret'), 'secret');
});

afterAll(() => gateway[Symbol.asyncDispose]());

/** Of the system's own interpreter; gives back what the script has shown. */
async function python(script: string): Promise<unknown> {
  const { key, knownHosts, port } = throughGateway(gateway);
  const place = gateway.directory;
  const args = [address, String(port), key, knownHosts, place, gateway.token()];
  const { code, stdout, stderr } = await runProgram(
    '/usr/bin/python3',
    ['-W', 'ignore', '-c', script, ...args],
    { env: environmentIn(place) },
  );
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

const same = async (one: string, other: string): Promise<boolean> => {
  const [here, there] = [one, other].map((name) => readFile(join(gateway.directory, name)));
  return (await here)?.equals((await there) ?? Buffer.alloc(0)) ?? false;
};

describe('paramiko', () => {
  it.each([
    ['a key', 'by_key()'],
    ['a token for a password', 'connect(password=token)'],
  ])('runs commands after a login by %s', async (_by, login) => {
    const script = `${paramiko}
client = ${login}
_, out, err = client.exec_command("echo out; echo err >&2; exit 4")
show(status=out.channel.recv_exit_status(), out=out.read().decode(), err=err.read().decode())
`;
    expect(await python(script)).toEqual({ status: 4, out: 'out\n', err: 'err\n' });
  });

  it('is told why a command is denied', async () => {
    const script = `${paramiko}
_, out, err = by_key().exec_command("killall sshd")
show(status=out.channel.recv_exit_status(), err=err.read().decode())
`;
    expect(await python(script)).toEqual({
      status: 126,
      err: expect.stringMatching(/^sallyport: denied: nobody kills\n/) as unknown,
    });
  });

  it('does not log in with a wrong token', async () => {
    const script = `${paramiko}
try:
    connect(password="wrong")
except paramiko.AuthenticationException as error:
    show(error=str(error))
`;
    expect(await python(script)).toEqual({ error: 'Authentication failed.' });
  });

  it('does all that it knows of files', async () => {
    const script = `${paramiko}
sftp = by_key().open_sftp()
at = lambda name: place + "/" + name
sftp.put(at("large"), at("paramiko-1"))
sftp.rename(at("paramiko-1"), at("paramiko-2"))
sftp.posix_rename(at("paramiko-2"), at("paramiko-3"))
sftp.chmod(at("paramiko-3"), 0o640)
sftp.utime(at("paramiko-3"), (1e9, 1e9))
sftp.mkdir(at("paramiko-dir"))
sftp.symlink(at("paramiko-3"), at("paramiko-dir/link"))
sftp.get(at("paramiko-dir/link"), at("paramiko-back"))
found = sftp.stat(at("paramiko-3"))
listed = sftp.listdir(at("paramiko-dir"))
link = sftp.readlink(at("paramiko-dir/link")) == at("paramiko-3")
with sftp.open(at("paramiko-3"), "r+") as file:
    file.seek(3)
    file.write(b"changed")
    file.seek(0)
    read = len(file.read())
    file.truncate(5)
sftp.remove(at("paramiko-dir/link"))
sftp.rmdir(at("paramiko-dir"))
missing = denied = None
try:
    sftp.stat(at("nothing"))
except IOError as error:
    missing = error.errno
try:
    sftp.open(at("secret"))
except IOError as error:
    denied = str(error)
show(mode=oct(found.st_mode), time=found.st_mtime, size=found.st_size, listed=listed, link=link, read=read,
     cut=sftp.stat(at("paramiko-3")).st_size, missing=missing, denied=denied)
`;
    expect(await python(script)).toEqual({
      ...{ mode: '0o100640', time: 1e9, size: 4 << 20, listed: ['link'], link: true },
      ...{ read: 4 << 20, cut: 5, missing: 2 },
      denied: expect.stringMatching(/denied/i) as unknown,
    });
    expect(await same('large', 'paramiko-back')).toBe(true);
  });
});

describe('asyncssh', () => {
  it('runs commands, many at once', async () => {
    const script = `${asyncssh}
async def main():
    async with connect() as connection:
        many = await asyncio.gather(*(connection.run(f"echo {n}; exit {n}") for n in range(20)))
        fed = await connection.run("wc -c", input="x" * 1000000)
        denied = await connection.run("killall sshd")
        show(many=[[each.stdout, each.exit_status] for each in many], fed=fed.stdout,
             denied=denied.stderr.splitlines()[0], status=denied.exit_status)
asyncio.run(main())
`;
    expect(await python(script)).toEqual({
      many: Array.from({ length: 20 }, (_, number) => [`${number}\n`, number]),
      fed: '1000000\n',
      denied: 'sallyport: denied: nobody kills',
      status: 126,
    });
  });

  it('copies files, and is told of one that is denied', async () => {
    const script = `${asyncssh}
async def main():
    async with connect() as connection, connection.start_sftp_client() as sftp:
        at = lambda name: place + "/" + name
        await sftp.put(at("large"), at("asyncssh-there"), preserve=True)
        await sftp.get(at("asyncssh-there"), at("asyncssh-back"))
        await sftp.makedirs(at("asyncssh/deep"))
        await sftp.put(at("ssh-keys.yaml"), at("asyncssh/deep/file"))
        await sftp.get(at("asyncssh"), at("asyncssh-tree"), recurse=True)
        denied = ""
        try:
            await sftp.get(at("secret"), at("no"))
        except asyncssh.SFTPPermissionDenied as error:
            denied = error.reason
        show(found=sorted(await sftp.listdir(at("asyncssh-tree/deep"))), real=await sftp.realpath("."), denied=denied)
asyncio.run(main())
`;
    expect(await python(script)).toEqual({
      found: ['.', '..', 'file'],
      real: expect.stringMatching(/^\//) as unknown,
      denied: expect.stringMatching(
        /^sallyport: denied: secrets stay; rule rules\.ssh\.more/,
      ) as unknown,
    });
    expect(await same('large', 'asyncssh-back')).toBe(true);
  });

  it('has a terminal, and forwards where it may', async () => {
    const script = `${asyncssh}
async def main():
    async with connect() as connection:
        shown = await connection.run("stty size; tty >/dev/null && echo terminal", term_type="xterm", term_size=(90, 30))
        refused = ""
        try:
            await connection.open_connection("127.0.0.1", port)
        except asyncssh.ChannelOpenError as error:
            refused = error.reason
        show(shown=shown.stdout, refused=refused)
asyncio.run(main())
`;
    expect(await python(script)).toEqual({
      shown: '30 90\r\nterminal\r\n',
      refused: expect.stringContaining(
        'which forward_loopback of the target has to allow',
      ) as unknown,
    });
  });
});

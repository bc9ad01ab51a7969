import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { readRecording, verifyRecording } from '#engine';
import type { Entry } from '#engine';
import { defaultLimits } from '#engine/model';
import { createSshKey, requiredProgram } from '#lab';

import { answerApproval, heldFor } from '../support/approvals.ts';
import { eventually } from '../support/eventually.ts';
import { runProgram } from '../support/program.ts';
import { SshGateway, allowAllSsh } from '../support/ssh-gateway.ts';

const rules = (text: string): string => `package rules.ssh.more\n\nimport rego.v1\n\n${text}\n`;

const forbidding = {
  ...allowAllSsh,
  'more.rego': rules(`
deny contains "nobody kills" if "kill" in input.statement.shell.programs

deny contains "nobody can say what this runs" if {
	input.statement.command == "EXEC"
	input.statement.shell.confidence != "static"
}

deny contains "secrets stay" if {
	input.statement.file.operation == "read"
	endswith(input.statement.file.path, "/secret")
}

approve contains {"id": "touch", "msg": "files are made with a second person", "groups": ["on-call"], "ttl": "1m"} if {
	"touch" in input.statement.shell.programs
}

mask contains {"detect": "email", "strategy": "fixed"} if {
	input.statement.command in {"EXEC", "LINE"}
	"printf" in input.statement.shell.programs
}`),
};

async function entriesOf(gateway: SshGateway): Promise<readonly Entry[]> {
  const recorded = await Promise.all((await recordingsOf(gateway)).map(entriesIn));
  return recorded.flat();
}

async function entriesIn(file: string): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of readRecording(file)) entries.push(entry);
  return entries;
}

/** The entries of the session with this statement. */
async function recordingWith(
  gateway: SshGateway,
  statement: string,
  target = 'box',
): Promise<readonly Entry[]> {
  for (const file of await recordingsOf(gateway)) {
    const entries = await entriesIn(file);
    const isIt = entries[0]?.['target'] === target;
    if (isIt && entries.some(({ text }) => text === statement)) return entries;
  }
  return [];
}

async function recordingsOf(gateway: SshGateway): Promise<readonly string[]> {
  const names = await readdir(gateway.recordings, { recursive: true });
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => join(gateway.recordings, name));
}

/** OpenSSH's client with a terminal, whose keys come one line at a time. */
function guardedShell(gateway: SshGateway) {
  const child = spawn(
    requiredProgram('ssh', 'openssh-client'),
    [...gateway.options(), '-tt', '-o', 'SetEnv=SALLYPORT_SHELL=guarded', `box@${gateway.host}`],
    { env: { PATH: process.env['PATH'], TERM: 'xterm' }, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
  return {
    type: (keys: string) => child.stdin.write(keys),
    screen: () => screen,
    shows: (text: string) =>
      eventually(`the screen shows ${text}`, () => Promise.resolve(screen.includes(text))),
    [Symbol.asyncDispose]: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

describe('commands over SSH', () => {
  let gateway: SshGateway;

  beforeAll(async () => {
    gateway = await SshGateway.start({
      policies: forbidding,
      principals: {
        ada: { groups: ['engineering'] },
        eve: { groups: ['engineering'] },
        dora: { groups: ['on-call'] },
      },
      near: { hash_output: true },
    });
  });

  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  it('run on the target as they were written, with output, errors and exit status', async () => {
    expect(await gateway.ssh(["printf 'a  b\\n'; ls /nowhere; (exit 3)"])).toEqual({
      code: 3,
      stdout: 'a  b\n',
      stderr: expect.stringContaining('/nowhere') as unknown,
    });
  });

  it('take their input to its end', async () => {
    const input = 'x'.repeat(3_000_000);
    expect(await gateway.ssh(['wc -c'], { input })).toMatchObject({ code: 0, stdout: '3000000\n' });
  });

  it('are denied with a reason, and never reach the target', async () => {
    const { code, stdout, stderr } = await gateway.ssh(['echo hello; kill 1']);
    expect({ code, stdout }).toEqual({ code: 126, stdout: '' });
    expect(stderr).toMatch(
      /^sallyport: denied: nobody kills\nsallyport: hint: rule rules\.ssh\.more/,
    );
    expect(stderr).toMatch(/sallyport: rule-deny, decision d-/);
  });

  it.each(['$(echo ki)ll 1', 'eval "ki""ll 1"', 'X=kill; $X 1', 'a\rb', 'echo \u001b[2J'])(
    'are denied when nobody can say what they run: %j',
    async (command) => {
      expect(await gateway.ssh([command])).toMatchObject({ code: 126, stdout: '' });
    },
  );

  it('wait for somebody who may say yes, and run then', async () => {
    const file = join(gateway.directory, 'touched');
    const call = gateway.startSsh([`touch ${file}`]);
    await call.says('held for approval');
    const [held] = await heldFor(gateway, 'dora');
    expect(held?.statement).toBe(`touch ${file}`);
    await answerApproval(gateway, 'dora', { id: held?.id ?? '', answer: 'approve' });
    const { code, stderr } = await call.result;
    expect(code).toBe(0);
    expect(stderr).toMatch(/approval a-\S+ given by dora/);
    expect(await readFile(file, 'utf8')).toBe('');
  });

  it('show masked what a detector finds in their output', async () => {
    const { stdout } = await gateway.ssh(["printf 'to ada@example.com and others'"]);
    expect(stdout).toBe('to *** and others');
  });

  it('show masked what a line of a guarded shell left in the background, while others run', async () => {
    await using shell = guardedShell(gateway);
    await shell.shows('$ ');
    shell.type("(sleep 1; printf 'from %s@example.com.\\n' ada) &\r");
    await shell.shows('[1]');
    shell.type('echo a line without masks: $((40 + 2))\r');
    await shell.shows('masks: 42');
    await shell.shows('from ***');
    expect(shell.screen()).not.toContain('ada@example.com');
  });

  it('say to whoever has logged in that there is no such target', async () => {
    const { code, stderr } = await gateway.ssh(['id'], { target: 'elsewhere' });
    expect(code).toBe(255);
    expect(stderr).toContain("sallyport: there is no target 'elsewhere'");
  });

  it('are not for somebody whose key nobody listed', async () => {
    const stranger = await createSshKey(join(gateway.directory, 'stranger'));
    const before = ['-o', 'IdentityFile=none', '-i', stranger.key];
    const { code, stderr } = await gateway.ssh(['id'], { principal: 'nobody', before });
    expect(code).toBe(255);
    expect(stderr).toContain('Permission denied');
  });

  it('stand in recordings that verify, with what was shown', async () => {
    await gateway.ssh(['echo recorded-marker']);
    const isOutput = ({ type, text }: Entry): boolean =>
      type === 'output' && text === 'recorded-marker\n';
    await eventually('the output is recorded', async () =>
      (await entriesOf(gateway)).some(isOutput),
    );
    const statement = (await entriesOf(gateway)).find(
      ({ text }) => text === 'echo recorded-marker',
    );
    expect(statement).toMatchObject({ type: 'statement', verdict: 'allow' });
    for (const file of await recordingsOf(gateway)) {
      expect((await verifyRecording(file)).state).not.toBe('broken');
    }
  });

  it.each([
    ['box', false],
    ['near', true],
  ])(
    'have the beginning of long output recorded, and on %s the hash of the rest: %s',
    async (target, isHashed) => {
      const { stdout } = await gateway.ssh(['seq 100000'], { target });
      const bytes = stdout.length;
      const ended = async () => {
        const entries = await recordingWith(gateway, 'seq 100000', target);
        return entries.find(({ type }) => type === 'outcome') === undefined ? [] : entries;
      };
      await eventually('the outcome is recorded', async () => (await ended()).length > 0);
      const entries = await ended();
      const shown = entries
        .flatMap(({ type, text }) => (type === 'output' && typeof text === 'string' ? [text] : []))
        .join('');
      const recorded = shown.length;
      expect(stdout.startsWith(shown)).toBe(true);
      expect(recorded).toBeGreaterThan(defaultLimits.execEvidenceBytesMax / 2);
      const rest = createHash('sha256').update(stdout.slice(recorded)).digest('hex');
      expect(entries.find(({ type }) => type === 'outcome')?.['output']).toEqual({
        stdout: { bytes, recorded, ...(isHashed ? { rest_sha256: rest } : {}) },
      });
    },
  );

  it('have their outcome recorded, with what was shown, when their session ends under them', async () => {
    const running = gateway.startSsh(['echo begun; sleep 60'], { principal: 'eve' });
    await running.says('begun');
    const keys = join(gateway.directory, 'ssh-keys.yaml');
    const listed = JSON.parse(await readFile(keys, 'utf8')) as { readonly keys: { id: string }[] };
    await writeFile(keys, JSON.stringify({ keys: listed.keys.filter(({ id }) => id !== 'eve') }));
    const { code, stderr } = await running.result;
    expect([code, stderr]).toEqual([255, expect.stringContaining('the credential was revoked')]);
    const recorded = await recordingWith(gateway, 'echo begun; sleep 60');
    expect(recorded.at(0)).toMatchObject({ application: expect.stringMatching(/^OpenSSH_/) });
    expect(recorded.slice(-3)).toMatchObject([
      { type: 'output', text: 'begun\n' },
      { type: 'outcome', error: 'it ended without saying how', output: { stdout: { bytes: 6 } } },
      { type: 'session-end', reason: 'revoked' },
    ]);
  });

  it('copy files by sftp, each judged where the target has it', async () => {
    const place = gateway.directory;
    await writeFile(join(place, 'plain'), 'plain text');
    await writeFile(join(place, 'secret'), 'secret text');
    const scp = (from: string, to: string) =>
      runProgram(
        requiredProgram('scp', 'openssh-client'),
        [...gateway.options(), `box@127.0.0.1:${from}`, to],
        { env: { PATH: process.env['PATH'] } },
      );
    expect(await scp(join(place, 'plain'), join(place, 'copy'))).toMatchObject({ code: 0 });
    expect(await readFile(join(place, 'copy'), 'utf8')).toBe('plain text');
    const denied = await scp(
      `${place}/../${place.split('/').at(-1) ?? ''}/secret`,
      join(place, 'no'),
    );
    expect(denied.code).not.toBe(0);
    expect(denied.stderr).toMatch(/permission denied/i);
  });
});

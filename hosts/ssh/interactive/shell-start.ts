// Brings the two programs of a guarded shell up on a target, or says why they cannot be: then there is no shell at all.

import { randomBytes } from 'node:crypto';

import { isDirectory, relayCommand, setupLine, shellCommand } from './target-script.ts';
import type { TargetShell } from './target-script.ts';
import type { OpenChannel, TargetChannel } from './terminal.ts';

/** Why there is no guarded shell. A terminal without a guard is never given in its place. */
export const startRules = {
  'guarded-channel': 'the target opened no second channel on the connection',
  'guarded-shell': 'the login shell of the target cannot start /bin/sh, or something came first',
  'guarded-program': 'the target lacks mktemp, mkfifo or another program of POSIX',
  'guarded-time': 'the target did not start the shell in time',
} as const;

export type StartRule = keyof typeof startRules;

export class StartRefusal extends Error {
  readonly rule: StartRule;

  constructor(rule: StartRule, detail = '', cause?: unknown) {
    super(detail === '' ? startRules[rule] : `${startRules[rule]}: ${detail}`, { cause });
    this.name = 'StartRefusal';
    this.rule = rule;
  }
}

export interface StartOptions {
  readonly open: OpenChannel;
  readonly shell: TargetShell | null;
  /** Aborted when it takes too long. */
  readonly late: AbortSignal;
}

export interface StartedShell {
  /** Commands go in, reports come out. */
  readonly relay: TargetChannel;
  readonly pty: TargetChannel;
  readonly shell: 'bash' | 'other';
  /** What `stty -g` says of a terminal that no program has changed; '' where there is no stty. */
  readonly modes: string;
}

const noiseBytesMax = 16 * 1024;
export const newNonce = (): string => randomBytes(16).toString('hex');

/** In digits, which a terminal shows as they are whatever a program has made of its modes. */
export const newMark = (): string => BigInt(`0x${newNonce()}`).toString().padStart(39, '0');

/** Both channels are closed again when this throws. */
export async function startShell(options: StartOptions): Promise<StartedShell> {
  const channels: TargetChannel[] = [];
  const open: OpenChannel = async (command, on) => {
    let channel: TargetChannel;
    try {
      channel = await options.open(command, on);
    } catch (cause) {
      throw new StartRefusal('guarded-channel', '', cause);
    }
    channel.inputError.resume();
    channels.push(channel);
    return channel;
  };
  try {
    return await meet(open, options);
  } catch (error) {
    for (const channel of channels) channel.abort();
    throw error;
  }
}

async function meet(open: OpenChannel, { shell, late }: StartOptions): Promise<StartedShell> {
  const token = newNonce();
  const relay = await open(relayCommand(token), 'pipes');
  const ready = await awaitLine(relay, token, late);
  const [, word, directory = ''] = /^(ready|missing) (.+)$/.exec(ready.line) ?? [];
  if (word === 'missing') throw new StartRefusal('guarded-program', directory);
  if (!isDirectory(directory)) throw new StartRefusal('guarded-shell');
  const pty = await open(shellCommand(directory, shell), 'terminal');
  // Where the shell fails, its channel ends and no line comes.
  const failed = new Promise<never>((_, reject) => {
    void pty.gone.then(() => reject(new StartRefusal('guarded-shell')));
  });
  const opened = awaitLine(relay, token, late, ready.rest);
  relay.output.write(setupLine(token));
  const { line } = await Promise.race([opened, failed]);
  const [, name, modes = ''] = /^open ?(bash)? ([0-9A-Za-z:=;,]{1,512})?$/.exec(line) ?? [];
  relay.output.write('go\n');
  return { relay, pty, shell: name === 'bash' ? 'bash' : 'other', modes };
}

interface TokenLine {
  /** Behind the token. */
  readonly line: string;
  readonly rest: Buffer;
}

/** Startup files of the login shell may print before it: that is skipped, up to a bound. */
function awaitLine(
  { input }: TargetChannel,
  token: string,
  late: AbortSignal,
  seen: Buffer = Buffer.alloc(0),
): Promise<TokenLine> {
  return new Promise((resolve, reject) => {
    let bytes = seen;
    const settle = (act: () => void): void => {
      input.pause();
      input.off('data', read).off('end', closed).off('close', closed);
      late.removeEventListener('abort', expired);
      act();
    };
    const read = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const start = bytes.indexOf(`${token} `);
      const end = start === -1 ? -1 : bytes.indexOf(0x0a, start);
      if (end !== -1) {
        const line = bytes.toString('utf8', start + token.length + 1, end);
        settle(() => resolve({ line, rest: bytes.subarray(end + 1) }));
      } else if (bytes.length > noiseBytesMax) {
        settle(() => reject(new StartRefusal('guarded-shell')));
      }
    };
    const closed = (): void => settle(() => reject(new StartRefusal('guarded-shell')));
    const expired = (): void => settle(() => reject(new StartRefusal('guarded-time')));
    input.on('data', read).once('end', closed).once('close', closed);
    late.addEventListener('abort', expired, { once: true });
    input.resume();
    if (late.aborted) expired();
    else read(Buffer.alloc(0));
  });
}

// A real OpenSSH server and the gateway's own connection to it, and a person at a keyboard in front of an interactive
// session. The session's judge is the test.

import { readFile, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';

import { defaultLimits } from '#engine/model';
import type { SshServer, TemporaryDirectory } from '#lab';
import { startSshServer, temporaryDirectory } from '#lab';
import type { GuardedTarget } from '../../../hosts/ssh/guard/index.ts';
import { connectTarget } from '../../../hosts/ssh/guard/index.ts';
import type {
  GuardedEnd,
  GuardedLine,
  GuardedShellOptions,
  OpenChannel,
} from '../../../hosts/ssh/interactive/index.ts';
import { GuardedShell } from '../../../hosts/ssh/interactive/index.ts';
import { eventually } from '../eventually.ts';
import type { TestKey } from './keys.ts';
import { testKey } from './keys.ts';

export class InteractiveTarget implements AsyncDisposable {
  readonly server: SshServer;
  readonly #place: TemporaryDirectory;
  readonly #key: TestKey;
  readonly #connections: GuardedTarget[] = [];

  private constructor(server: SshServer, place: TemporaryDirectory, key: TestKey) {
    this.server = server;
    this.#place = place;
    this.#key = key;
  }

  /** @param settings lines of sshd_config(5) */
  static async start(settings: readonly string[] = []): Promise<InteractiveTarget> {
    const place = await temporaryDirectory();
    const key = testKey('ed25519');
    const authorizedKeys = [`ssh-ed25519 ${key.blob.toString('base64')}`];
    const own = `SetEnv TMPDIR=${place.path}`;
    const server = await startSshServer({ authorizedKeys, settings: [own, ...settings] });
    return new InteractiveTarget(server, place, key);
  }

  /** A directory for files of the test. */
  get directory(): string {
    return this.#place.path;
  }

  /** What guarded shells leave behind: FIFOs and processes. */
  async remains(): Promise<readonly string[]> {
    const fifos = (await readdir(this.directory)).filter((name) => name.startsWith('.sallyport.'));
    const mark = `TMPDIR=${this.directory}\0`;
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const own = await Promise.all(
      pids.map(async (pid) => {
        // It may have ended meanwhile.
        const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
        return environment.includes(mark) ? [`process ${pid}`] : [];
      }),
    );
    return [...fifos, ...own.flat()];
  }

  async connect(): Promise<GuardedTarget> {
    const socket = connect({ host: '127.0.0.1', port: this.server.port, noDelay: true });
    const { blob: publicKey, sign } = this.#key;
    const target = await connectTarget(socket, {
      username: this.server.user,
      credential: { kind: 'key', algorithm: 'ssh-ed25519', publicKey, sign },
      verifyHostKey: () => true,
      limits: defaultLimits,
      onEnd: () => undefined,
    });
    this.#connections.push(target);
    return target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.end();
    await this.server.stop();
    await this.#place.remove();
  }
}

const encodedModes = Buffer.of(0);
export const testSize = { rows: 24, columns: 80, width: 0, height: 0 };

/** As the gateway opens them: with a terminal of 24 rows and 80 columns, or with pipes. */
export const opener =
  (target: GuardedTarget): OpenChannel =>
  async (command, on) => {
    const channel = await target.open({ kind: 'session' });
    const pty = { kind: 'pty', term: 'xterm', modes: encodedModes, ...testSize } as const;
    const asked = [
      ...(on === 'terminal' ? [channel.ask(pty)] : []),
      channel.ask({ kind: 'exec', command: Buffer.from(command) }),
    ];
    if (!(await Promise.all(asked)).every(Boolean)) throw new Error('the target refused');
    return channel;
  };

/** The far end of a client: what is on its screen, and its keys. */
export class Keyboard {
  readonly client: { readonly input: Duplex; readonly output: Duplex };
  readonly #own: Duplex;
  #screen = '';
  #seen = 0;

  constructor() {
    const [near, far] = duplexPair();
    this.client = { input: near, output: near };
    this.#own = far;
    far.on('data', (chunk: Buffer) => (this.#screen += chunk.toString('utf8')));
  }

  /** All that was ever shown. */
  get screen(): string {
    return this.#screen;
  }

  type(keys: string): void {
    this.#seen = this.#screen.length;
    this.#own.write(keys);
  }

  /**
   * Presses a key that sends a signal, and again every second until `text` is shown: as on any terminal, one that comes
   * before the program has the terminal is lost.
   */
  async signals(key: string, text: string): Promise<void> {
    this.#seen = this.#screen.length;
    let pressedAt = -Infinity;
    await eventually(`${JSON.stringify(key)} leads to ${text}`, () => {
      if (performance.now() - pressedAt > 1000) {
        pressedAt = performance.now();
        this.#own.write(key);
      }
      return Promise.resolve(this.#screen.slice(this.#seen).includes(text));
    });
  }

  /** The screen takes no more. */
  stopReading(): void {
    this.#own.pause();
  }

  /** Resolves with what was shown since the last keys, once that holds `text`. */
  async sees(text: string | RegExp): Promise<string> {
    const shown = (): string => this.#screen.slice(this.#seen);
    const holds = (): boolean =>
      typeof text === 'string' ? shown().includes(text) : text.test(shown());
    try {
      await eventually(`the screen shows ${String(text)}`, () => Promise.resolve(holds()));
    } catch (cause) {
      throw new Error(`the screen shows ${JSON.stringify(shown())}`, { cause });
    }
    return shown();
  }
}

const between = (text: string, start: string, end: string): string => {
  const from = text.indexOf(start) + start.length;
  return text.slice(from, text.indexOf(end, from));
};

/** Lines that the judge saw, and what became of them. */
export class GuardedSession {
  readonly keyboard = new Keyboard();
  readonly judged: GuardedLine[] = [];
  readonly ended: { readonly text: string; readonly status: number }[] = [];
  readonly done: Promise<GuardedEnd>;
  readonly shell: GuardedShell;
  readonly #gone = new AbortController();

  constructor(target: GuardedTarget, options: Partial<GuardedShellOptions> = {}) {
    const { judge } = options;
    this.shell = new GuardedShell({
      client: this.keyboard.client,
      open: opener(target),
      size: testSize,
      label: 'box',
      gone: this.#gone.signal,
      onEnded: ({ text }, { status }) => this.ended.push({ text, status }),
      ...options,
      judge: async (line, watch) => {
        this.judged.push(line);
        return (await judge?.(line, watch)) ?? { kind: 'run' };
      },
    });
    this.done = this.shell.run();
  }

  /** Enters a line, and resolves with what its program showed once the next prompt is there. */
  async enter(line: string): Promise<string> {
    const count = this.ended.length;
    this.keyboard.type(`${line}\r`);
    await eventually(
      `${line} ends, after ${JSON.stringify(this.keyboard.screen.slice(-200))}`,
      () => Promise.resolve(this.ended.length > count),
    );
    const shown = await this.keyboard.sees('$ ');
    return between(shown, '\x1b[?2004l', '\x1b[?2004h');
  }

  /** Resolves when the first prompt is there. */
  async ready(): Promise<this> {
    await this.keyboard.sees('$ ');
    return this;
  }

  leave(): void {
    this.#gone.abort();
  }
}

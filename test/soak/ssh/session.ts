// One caller of the soak: a connection that stays for a while, on which it runs commands and moves files.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { SFTPWrapper } from 'ssh2';
import ssh2 from 'ssh2';
import type { SshGateway } from '../../support/ssh-gateway.ts';

/** Actions on a connection, after which another is opened. */
const actionsPerLogin = 20;
const pauseMsMax = 4_000;
const fileBytesMax = 300_000;

export interface SessionTally {
  readonly logins: number;
  readonly commands: number;
  readonly files: number;
  /** Wrong answers, and whatever failed. */
  readonly errors: number;
}

export interface SoakSessionOptions {
  readonly gateway: SshGateway;
  readonly number: number;
  readonly tally: { -readonly [Count in keyof SessionTally]: SessionTally[Count] };
  readonly failed: (error: unknown) => void;
  readonly over: AbortSignal;
}

export class SoakSession {
  readonly #options: SoakSessionOptions;
  #actions = 0;

  constructor(options: SoakSessionOptions) {
    this.#options = options;
  }

  /** Until it is over; never rejects. */
  async run(): Promise<void> {
    const { over, failed } = this.#options;
    while (!over.aborted) {
      await this.#pause();
      try {
        await this.#connection();
      } catch (error) {
        failed(error);
      }
    }
  }

  async #connection(): Promise<void> {
    const { gateway, tally, over, failed } = this.#options;
    const client = new ssh2.Client();
    try {
      const ready = once(client, 'ready');
      client.connect({
        ...{ host: gateway.host, port: gateway.port, username: 'box', readyTimeout: 60_000 },
        privateKey: readFileSync(gateway.key()),
      });
      await ready;
      client.on('error', failed);
      tally.logins += 1;
      const sftp = await promisify<SFTPWrapper>(client.sftp.bind(client))();
      for (let action = 0; action < actionsPerLogin && !over.aborted; action += 1) {
        this.#actions += 1;
        if (action % 2 === 0) await this.#command(client);
        else await this.#file(sftp);
        await this.#pause();
      }
    } finally {
      client.end();
    }
  }

  async #command(client: ssh2.Client): Promise<void> {
    const word = `${this.#options.number}-${this.#actions}`;
    const command = `cat; echo ${word}; exit ${this.#actions % 200}`;
    const channel = await promisify<string, ssh2.ClientChannel>(client.exec.bind(client))(command);
    const output: Buffer[] = [];
    channel.on('data', (chunk: Buffer) => output.push(chunk));
    const exited = once(channel, 'exit');
    const closed = once(channel, 'close');
    channel.end('asked ');
    const [code] = (await exited) as [number];
    await closed;
    const text = Buffer.concat(output).toString();
    if (text !== `asked ${word}\n` || code !== this.#actions % 200) {
      throw new Error(`${command} answered ${text} and ${code}`);
    }
    this.#options.tally.commands += 1;
  }

  async #file(sftp: SFTPWrapper): Promise<void> {
    const { gateway, number, tally } = this.#options;
    const path = join(gateway.directory, `file-${number}`);
    const sent = randomBytes(1 + Math.floor(Math.random() * fileBytesMax));
    await promisify<string, Buffer>(sftp.writeFile.bind(sftp))(path, sent);
    const got = await promisify<string, Buffer>(sftp.readFile.bind(sftp))(path);
    if (!got.equals(sent)) throw new Error(`${path} came back with other bytes`);
    tally.files += 1;
  }

  /** Not all at the same time. */
  async #pause(): Promise<void> {
    const { over } = this.#options;
    await delay(Math.random() * pauseMsMax, undefined, { signal: over }).catch(() => undefined);
  }
}

// A recorded terminal: bytes between client and target as they are. Nothing in it is judged; what it showed is evidence.

import type { Duplex } from 'node:stream';

import { pumpInput, pumpOutput } from './pump.ts';
import { ScreenHints } from './screen-hints.ts';
import type { ScreenHint } from './screen-hints.ts';
import type { TargetChannel, TargetExit, WindowSize } from './terminal.ts';
import { exitOf } from './terminal.ts';

export interface RecordedPtyOptions {
  readonly client: Duplex;
  /** A session channel with a terminal, and its shell or program started. */
  readonly pty: TargetChannel;
  /** All that the client's screen gets, before it is written. */
  readonly onOutput: (bytes: Buffer) => void;
  /** What the client sends. Left out, it is not kept: passwords are typed, too. */
  readonly onInput?: (bytes: Buffer) => void;
  readonly onResize?: (size: WindowSize) => void;
  /** A line that the screen showed when Enter was pressed; see `ScreenHint` for what it is worth. */
  readonly onHint?: (hint: ScreenHint) => void;
}

export class RecordedPty {
  readonly #options: RecordedPtyOptions;
  readonly #hints: ScreenHints;

  constructor(options: RecordedPtyOptions) {
    this.#options = options;
    this.#hints = new ScreenHints((hint) => options.onHint?.(hint));
  }

  /** Settles when the target's channel is closed. The client's stream stays open. */
  async run(): Promise<TargetExit> {
    const { client, pty } = this.#options;
    const exit = exitOf(pty);
    const input = pumpInput(client, pty);
    const output = pumpOutput(pty, client, (chunk) => this.#showOutput(chunk));
    const read = (chunk: Buffer): void => {
      this.#options.onInput?.(chunk);
      this.#hints.typed(chunk);
      input.write(chunk);
    };
    const finish = (): void => void pty.end();
    const leave = (): void => void pty.destroy();
    client.on('data', read).once('end', finish).once('close', leave);
    pty.stderr.on('data', (chunk: Buffer) => this.#showOutput(chunk));
    client.resume();
    if (client.destroyed) leave();
    try {
      return await exit;
    } finally {
      client.off('data', read).off('end', finish).off('close', leave);
      input.stop();
      output.stop();
    }
  }

  resize(size: WindowSize): void {
    this.#options.onResize?.(size);
    this.#options.pty.setWindow(size.rows, size.columns, size.height, size.width);
  }

  #showOutput(chunk: Buffer): void {
    this.#options.onOutput(chunk);
    this.#hints.shown(chunk);
    if (this.#options.client.writable) this.#options.client.write(chunk);
  }
}

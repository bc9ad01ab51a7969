// A recorded terminal: bytes between client and target as they are. Nothing in it is judged; what it showed is evidence.

import type { ChannelExit, TerminalSize } from '../guard/index.ts';
import { pumpOutput } from './pump.ts';
import { ScreenHints } from './screen-hints.ts';
import type { ScreenHint } from './screen-hints.ts';
import type { ClientStreams, TargetChannel } from './terminal.ts';

export interface RecordedPtyOptions {
  readonly client: ClientStreams;
  /** A session channel with a terminal, and its shell or program started. */
  readonly pty: TargetChannel;
  /** Aborted when the client is gone, or must go. */
  readonly gone: AbortSignal;
  /** All that the client's screen gets, before it is written. What it throws ends the session. */
  readonly onOutput: (bytes: Buffer) => void;
  /** What the client sends. Left out, it is not kept: passwords are typed, too. */
  readonly onInput?: (bytes: Buffer) => void;
  readonly onResize?: (size: TerminalSize) => void;
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

  /** Settles when the target's channel is gone and all is shown; rejects with what a sink threw. The client stays open. */
  async run(): Promise<ChannelExit | undefined> {
    const { client, pty, gone, onInput } = this.#options;
    const leave = (): void => pty.abort();
    gone.addEventListener('abort', leave);
    if (gone.aborted) leave();
    const show = (chunk: Buffer): void => this.#showOutput(chunk);
    const typed = pumpOutput(client.input, pty.output, (chunk) => {
      onInput?.(chunk);
      this.#hints.typed(chunk);
      if (pty.output.writable) pty.output.write(chunk);
    });
    const ended = typed.then(() => void pty.output.end());
    try {
      const shown = [pty.input, pty.inputError].map((from) =>
        pumpOutput(from, client.output, show),
      );
      const over = Promise.all([...shown, pty.gone]);
      await Promise.race([over, ended.then(() => over)]);
      return pty.exit;
    } finally {
      gone.removeEventListener('abort', leave);
      pty.abort();
    }
  }

  resize(size: TerminalSize): void {
    this.#options.onResize?.(size);
    this.#options.pty.tell({ kind: 'window-change', ...size });
  }

  #showOutput(chunk: Buffer): void {
    this.#options.onOutput(chunk);
    this.#hints.shown(chunk);
    const { output } = this.#options.client;
    if (output.writable) output.write(chunk);
  }
}

// A guarded shell: the gateway edits the lines, each whole command is judged, and only what was allowed reaches the target's
// persistent shell. While a command runs its terminal is the client's; between commands the client talks to the gateway.

import type { ChannelExit, TerminalSize } from '../guard/index.ts';
import { Conversation } from './conversation.ts';
import type { EndedLine } from './conversation.ts';
import { LineEditor } from './line-editor.ts';
import type { EditorStep } from './line-editor.ts';
import { promptFor } from './prompt.ts';
import { InputPump, pumpOutput } from './pump.ts';
import { StartRefusal, startShell } from './shell-start.ts';
import type { StartedShell, StartRule } from './shell-start.ts';
import type { TargetShell } from './target-script.ts';
import type { ClientStreams, OpenChannel } from './terminal.ts';

export interface GuardedLine {
  /** One whole command, up to 16 KiB; newlines are the only controls in it. */
  readonly text: string;
  /** Where the shell stands, symbolic links resolved; null when that is no text that can be shown. */
  readonly directory: string | null;
  /** Any but bash reads some lines otherwise than bash does. */
  readonly shell: 'bash' | 'other';
}

export type LineVerdict =
  | { readonly kind: 'run' }
  /** `message`: lines for the client's screen. */
  | { readonly kind: 'refuse'; readonly message: string };

/** While a line is judged or held. */
export interface LineWatch {
  /** Shows lines on the client's screen: who must approve, for example. */
  readonly say: (message: string) => void;
  /** Aborted when the client pressed `^C` or left: whatever the verdict is then, the line does not run. */
  readonly signal: AbortSignal;
}

/** Settles when the line is decided *and* recorded. A rejection ends the session. */
export type JudgeLine = (line: GuardedLine, watch: LineWatch) => Promise<LineVerdict>;

export interface GuardedShellOptions {
  readonly client: ClientStreams;
  readonly open: OpenChannel;
  readonly size: TerminalSize;
  readonly judge: JudgeLine;
  /** Before the directory in the prompt: `deploy@web-1`. Printable. */
  readonly label: string;
  /** Aborted when the client is gone, or must go. */
  readonly gone: AbortSignal;
  /** All that the client's screen gets, before it is written. What it throws ends the session. */
  readonly onOutput?: (bytes: Buffer) => void;
  /** Each line that ran, when it ended. */
  readonly onEnded?: (line: GuardedLine, ended: EndedLine) => void;
  readonly shell?: TargetShell;
  readonly startMilliseconds?: number;
}

export type GuardedEnd =
  | { readonly kind: 'exited'; readonly exit: ChannelExit | undefined }
  | { readonly kind: 'refused'; readonly rule: StartRule; readonly message: string };

const startMillisecondsDefault = 15_000;
/** Typed while nothing could take it. */
const typeAheadBytesMax = 4096;
/**
 * What is typed this soon after a line is shown in the editor where the program has ended by then; it is not entered.
 * A program that goes on gets it. Sooner than the shell has read the line and given its terminal away, an interrupt would
 * make it forget the line.
 */
const graceMilliseconds = 100;
/** Keys that are taken in one turn of the event loop. */
const editedBytesMax = 256;
const interruptByte = 0x03;
const newline = 0x0a;

type State =
  | { readonly kind: 'starting' }
  | { readonly kind: 'editing' }
  | { readonly kind: 'judging'; readonly controller: AbortController }
  /** The line is on its way to the shell, or has been there for a moment. */
  | { readonly kind: 'handing-over' }
  | { readonly kind: 'running' }
  | { readonly kind: 'ended' };

export class GuardedShell {
  readonly #options: GuardedShellOptions;
  readonly #editor: LineEditor;
  #size: TerminalSize;
  #state: State = { kind: 'starting' };
  #typeAhead: Buffer = Buffer.alloc(0);
  #isClientDone = false;
  #isFinishing = false;
  #started: StartedShell | undefined;
  #conversation: Conversation | undefined;
  #input: InputPump | undefined;
  /** The last byte of a program: a prompt starts a row. */
  #lastByte = newline;
  #grace: NodeJS.Timeout | undefined;
  readonly #late = new AbortController();
  readonly #over = Promise.withResolvers<GuardedEnd>();

  constructor(options: GuardedShellOptions) {
    this.#options = options;
    this.#size = options.size;
    this.#editor = new LineEditor(options.size.columns);
  }

  /** Settles when the shell has ended; rejects with what `judge` or `onOutput` threw. The client stays open. */
  async run(): Promise<GuardedEnd> {
    const { client, gone, startMilliseconds = startMillisecondsDefault } = this.#options;
    const receive = (chunk: Buffer): void => this.#guarded(() => this.#receive(chunk));
    const finish = (): void => this.#guarded(() => this.#finishInput());
    const leave = (): void => this.#leave();
    gone.addEventListener('abort', leave);
    client.input.on('data', receive).once('end', finish);
    const late = setTimeout(() => this.#startedLate(), startMilliseconds);
    try {
      return await Promise.race([this.#live(), this.#over.promise]);
    } catch (error) {
      if (!(error instanceof StartRefusal)) throw error;
      return { kind: 'refused', rule: error.rule, message: error.message };
    } finally {
      clearTimeout(late);
      gone.removeEventListener('abort', leave);
      client.input.off('data', receive).off('end', finish);
      this.#end();
    }
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    this.#started?.pty.tell({ kind: 'window-change', ...size });
    this.#guarded(() => this.#show(this.#editor.resize(size.columns)));
  }

  async #live(): Promise<GuardedEnd> {
    const { open, shell = null, client, gone, size } = this.#options;
    const started = await startShell({ open, shell, late: this.#late.signal });
    this.#started = started;
    const { pty, relay } = started;
    if (gone.aborted) this.#leave();
    if (size !== this.#size) this.resize(this.#size);
    const conversation = new Conversation(started, {
      started: () => (this.#grace = setTimeout(() => this.#pass(), graceMilliseconds)),
      ended: (ended) => this.#afterRun(ended),
    });
    this.#conversation = conversation;
    this.#input = new InputPump(client.input, pty.output);
    const shown = pumpOutput(pty.input, client.output, (chunk) => {
      this.#fromTarget(conversation.output(chunk));
    });
    relay.input.on('data', (chunk: Buffer) => this.#guarded(() => conversation.receive(chunk)));
    relay.input.resume();
    // Without the relay nothing can be run or known any more.
    void relay.gone.then(() => {
      if (!this.#isFinishing) pty.abort();
    });
    conversation.begin();
    await Promise.all([shown, pty.gone]);
    return { kind: 'exited', exit: pty.exit };
  }

  /** What is thrown inside of an event of a stream must end the session, not the process. */
  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#over.reject(error);
    }
  }

  #startedLate(): void {
    if (this.#state.kind !== 'starting') return;
    this.#late.abort();
    this.#over.reject(new StartRefusal('guarded-time'));
  }

  #show(output: string): void {
    if (output !== '') this.#write(Buffer.from(output));
  }

  #write(bytes: Buffer): void {
    const { client, onOutput } = this.#options;
    onOutput?.(bytes);
    if (client.output.writable) client.output.write(bytes);
  }

  /** Output of a program; of one in the background it goes above the line that is being typed. */
  #fromTarget(output: Buffer): void {
    if (output.length === 0) return;
    this.#lastByte = output.at(-1) ?? newline;
    if (this.#state.kind !== 'editing') return this.#write(output);
    const repaint = this.#editor.interject((prefix) => {
      this.#show(prefix);
      this.#write(output);
      this.#startRow();
    });
    this.#show(repaint);
  }

  #startRow(): void {
    if (this.#lastByte !== newline) this.#show('\r\n');
    this.#lastByte = newline;
  }

  #receive(chunk: Buffer): void {
    const state = this.#state;
    switch (state.kind) {
      case 'editing':
        return this.#edit(chunk);
      case 'running':
        return this.#toTarget(chunk);
      case 'starting':
      case 'handing-over':
        return this.#keep(chunk);
      case 'judging':
        if (!chunk.includes(interruptByte)) return this.#keep(chunk);
        this.#typeAhead = Buffer.alloc(0);
        return state.controller.abort();
      case 'ended':
        return;
    }
  }

  /** A key may cost as much as the line is long: others get their turn between a few of them. */
  #edit(chunk: Buffer): void {
    const { input } = this.#options.client;
    const later = chunk.subarray(editedBytesMax);
    if (later.length > 0) {
      input.pause();
      setImmediate(() => {
        input.resume();
        this.#guarded(() => this.#receive(later));
      });
    }
    this.#follow(this.#editor.feed(chunk.subarray(0, editedBytesMax)));
  }

  #keep(chunk: Buffer): void {
    const room = typeAheadBytesMax - this.#typeAhead.length;
    if (room > 0) this.#typeAhead = Buffer.concat([this.#typeAhead, chunk.subarray(0, room)]);
  }

  #toTarget(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#input?.write(chunk);
    if (chunk.includes(interruptByte)) this.#conversation?.interrupted();
  }

  #follow({ output, event, rest }: EditorStep): void {
    this.#show(output);
    if (event === undefined) {
      if (this.#isClientDone) this.#finish();
      return;
    }
    if (event.kind === 'end-of-input') return this.#finish();
    this.#typeAhead = rest.subarray(0, typeAheadBytesMax);
    void this.#judge(event.text).catch((error: unknown) => this.#over.reject(error));
  }

  async #judge(text: string): Promise<void> {
    const conversation = this.#conversation;
    if (conversation === undefined) return;
    const controller = new AbortController();
    const state: State = { kind: 'judging', controller };
    this.#state = state;
    const line: GuardedLine = { text, ...conversation.place };
    const watch: LineWatch = {
      say: (message) => this.#state === state && this.#show(screenLines(message)),
      signal: controller.signal,
    };
    const verdict = await Promise.race([this.#options.judge(line, watch), aborted(controller)]);
    // The shell may have ended meanwhile.
    if (this.#state !== state) return;
    if (verdict.kind === 'refuse' || controller.signal.aborted) {
      return this.#refuse(verdict.kind === 'refuse' ? verdict.message : '^C');
    }
    this.#state = { kind: 'handing-over' };
    conversation.run(line);
  }

  /** From here on the keys are the program's. */
  #pass(): void {
    if (this.#state.kind !== 'handing-over') return;
    this.#state = { kind: 'running' };
    const typed = this.#typeAhead;
    this.#typeAhead = Buffer.alloc(0);
    this.#toTarget(typed);
  }

  /** What was typed or pasted behind a refused line relied on it. */
  #refuse(message: string): void {
    this.#typeAhead = Buffer.alloc(0);
    const dropped = this.#editor.pendingLines;
    this.#editor.dropPending();
    this.#show(screenLines(message));
    if (dropped > 0) this.#show(`dropped, as they were pasted behind it: ${dropped} lines\r\n`);
    this.#prompt();
  }

  #afterRun(ended: EndedLine | undefined): void {
    if (ended !== undefined) {
      this.#options.onEnded?.(ended.line, ended);
      if (ended.status === 130) this.#editor.dropPending();
    }
    this.#prompt();
  }

  #prompt(): void {
    const conversation = this.#conversation;
    const typed = this.#typeAhead;
    if (conversation === undefined || this.#state.kind === 'ended') return;
    this.#typeAhead = Buffer.alloc(0);
    clearTimeout(this.#grace);
    this.#startRow();
    this.#state = { kind: 'editing' };
    const step = this.#editor.prompt(promptFor(this.#options.label, conversation.place.directory));
    if (step.event !== undefined) return this.#follow(step);
    this.#show(step.output);
    this.#follow(this.#editor.feed(untilControl(typed)));
  }

  /** The client sends no more: what runs may end, then the shell does. */
  #finishInput(): void {
    this.#isClientDone = true;
    if (this.#state.kind === 'editing') this.#finish();
  }

  #finish(): void {
    this.#show(this.#editor.close());
    this.#state = { kind: 'running' };
    this.#isFinishing = true;
    this.#conversation?.finish();
  }

  #leave(): void {
    if (this.#state.kind === 'judging') this.#state.controller.abort();
    this.#late.abort();
    this.#over.resolve({ kind: 'exited', exit: undefined });
  }

  #end(): void {
    if (this.#state.kind === 'judging') this.#state.controller.abort();
    this.#state = { kind: 'ended' };
    clearTimeout(this.#grace);
    this.#conversation?.close();
    this.#input?.stop();
    this.#started?.relay.abort();
    this.#started?.pty.abort();
  }
}
/** Nothing that was typed ahead is entered by itself. */
const untilControl = (bytes: Buffer): Buffer => {
  const end = bytes.findIndex((byte) => byte < 0x20);
  return end === -1 ? bytes : bytes.subarray(0, end);
};

const aborted = ({ signal }: AbortController): Promise<LineVerdict> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'refuse', message: '^C' }), {
      once: true,
    });
  });

/** On a terminal in raw mode a line ends in CR LF. */
const screenLines = (message: string): string => `${message.replace(/\r?\n/g, '\r\n')}\r\n`;

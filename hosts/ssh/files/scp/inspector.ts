// Stands between the two ends of the legacy scp protocol (OpenSSH's scp.c): names in the stream stay in the tree that the
// command line named, and the sender gets no further than the receiver has said.

import { BrokenChannel, type ChannelRule } from '../rules.ts';
import { Transfer, type Transferred } from '../transfer.ts';
import { decodeControlLine, encodeControlLine, type ControlLine } from './control-line.ts';
import { LineReader } from './line-reader.ts';

export interface ScpOptions {
  /** Whether the client sends or the target does. */
  readonly direction: 'upload' | 'download';
  /** Of the command line: for the reports. */
  readonly path: string;
  readonly recursive: boolean;
  readonly depthMax?: number;
  /** Bytes of a sender that does not wait for the receiver. */
  readonly backlogBytesMax?: number;
  readonly hashes?: boolean;
}

export type ScpEffect =
  | { readonly kind: 'to-target' | 'to-client'; readonly bytes: Buffer }
  | Transferred
  /** The last effect: both channels are to be closed. */
  | { readonly kind: 'cut'; readonly rule: ChannelRule };

/** Whose turn it is. After every line, and after every content, the sender waits for the receiver. */
type State =
  | { readonly kind: 'line' }
  /** A warning or an error of the sender, which asks for no answer. */
  | { readonly kind: 'sender-words'; readonly fatal: boolean }
  | {
      readonly kind: 'content';
      readonly transfer: Transfer;
      readonly bytes: number;
      offset: number;
    }
  /** The byte behind the content: whether the sender could read it. */
  | { readonly kind: 'content-status'; readonly transfer: Transfer }
  | { readonly kind: 'content-words'; readonly transfer: Transfer }
  | { readonly kind: 'answer'; readonly to: ControlLine | 'start' | Transfer }
  | { readonly kind: 'over' };

const yes = 0;
const warning = 1;
const fatal = 2;
const isWords = (byte: number | undefined): boolean => byte === warning || byte === fatal;

export class ScpInspector {
  readonly #options: Required<ScpOptions>;
  readonly #senderLine = new LineReader();
  readonly #receiverLine = new LineReader();
  readonly #directories: string[] = [];
  #state: State = { kind: 'answer', to: 'start' };
  /** What the receiver has begun to say: `words` runs to the end of a line. */
  #answer: 'none' | 'words' | 'fatal-words' = 'none';
  #backlog: Buffer[] = [];
  #backlogBytes = 0;
  #effects: ScpEffect[] = [];
  #isCut = false;

  constructor(options: ScpOptions) {
    this.#options = { depthMax: 64, backlogBytesMax: 4 * 1024 * 1024, hashes: true, ...options };
  }

  /** When false, that channel is to be paused. */
  get wantsClient(): boolean {
    return this.#options.direction === 'download' || this.#wantsSender;
  }

  get wantsTarget(): boolean {
    return this.#options.direction === 'upload' || this.#wantsSender;
  }

  /** After the client's end of file the target's input ends once this is true. */
  get clientIdle(): boolean {
    return this.#options.direction === 'download' || this.#backlog.length === 0;
  }

  get #wantsSender(): boolean {
    return this.#state.kind !== 'answer' && this.#backlog.length === 0;
  }

  fromClient(chunk: Buffer): readonly ScpEffect[] {
    return this.#guarded(() => {
      if (this.#options.direction === 'upload') this.#fromSender(chunk);
      else this.#fromReceiver(chunk);
    });
  }

  fromTarget(chunk: Buffer): readonly ScpEffect[] {
    return this.#guarded(() => {
      if (this.#options.direction === 'upload') this.#fromReceiver(chunk);
      else this.#fromSender(chunk);
    });
  }

  /** The channel of either side is gone. */
  end(): readonly ScpEffect[] {
    return this.#guarded(() => {
      this.#isCut = true;
      this.#unfinished();
    });
  }

  #guarded(act: () => void): readonly ScpEffect[] {
    if (this.#isCut) return [];
    try {
      act();
    } catch (error) {
      if (!(error instanceof BrokenChannel)) throw error;
      this.#isCut = true;
      this.#unfinished();
      this.#effects.push({ kind: 'cut', rule: error.rule });
    }
    return this.#effects.splice(0);
  }

  #unfinished(): void {
    const state = this.#state;
    if ('transfer' in state) this.#effects.push(state.transfer.end(false));
    if (state.kind === 'answer' && state.to instanceof Transfer) {
      this.#effects.push(state.to.end(false));
    }
  }

  #toReceiver(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const isUpload = this.#options.direction === 'upload';
    this.#effects.push({ kind: isUpload ? 'to-target' : 'to-client', bytes });
  }

  #toSender(bytes: Buffer): void {
    const isUpload = this.#options.direction === 'upload';
    this.#effects.push({ kind: isUpload ? 'to-client' : 'to-target', bytes });
  }

  #fromSender(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#backlog.push(chunk);
    this.#backlogBytes += chunk.length;
    this.#advance();
    if (this.#backlogBytes > this.#options.backlogBytesMax) throw new BrokenChannel('backlog-max');
  }

  #advance(): void {
    for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) {
      const used = this.#read(chunk);
      this.#backlogBytes -= used;
      if (used < chunk.length) this.#backlog.unshift(chunk.subarray(used));
    }
  }

  /** Nothing while the receiver has the word. */
  #next(): Buffer | undefined {
    return this.#state.kind === 'answer' ? undefined : this.#backlog.shift();
  }

  /** @returns how many bytes of the chunk were used, at least one of a chunk that has any */
  #read(chunk: Buffer): number {
    const state = this.#state;
    switch (state.kind) {
      case 'line':
        return this.#readLine(chunk);
      case 'sender-words':
      case 'content-words':
        return this.#readWords(chunk, state);
      case 'content':
        return this.#readContent(chunk, state);
      case 'content-status':
        return this.#readStatus(chunk, state.transfer);
      case 'over':
      case 'answer':
        return chunk.length;
    }
  }

  #readLine(chunk: Buffer): number {
    const [first] = chunk;
    if (this.#senderLine.isEmpty && isWords(first)) {
      this.#state = { kind: 'sender-words', fatal: first === fatal };
      return 0;
    }
    const { line, used } = this.#senderLine.take(chunk);
    if (line === undefined) return used;
    const control = decodeControlLine(line);
    this.#check(control);
    this.#state = { kind: 'answer', to: control };
    this.#toReceiver(encodeControlLine(control));
    return used;
  }

  #check(line: ControlLine): void {
    const { recursive, depthMax } = this.#options;
    const depth = this.#directories.length;
    if (line.kind === 'directory' && !recursive) throw new BrokenChannel('scp-directory');
    if (line.kind === 'directory' && depth >= depthMax) throw new BrokenChannel('scp-depth');
    if (line.kind === 'end' && depth === 0) throw new BrokenChannel('scp-depth');
  }

  #readWords(
    chunk: Buffer,
    state: Extract<State, { kind: 'sender-words' | 'content-words' }>,
  ): number {
    const { line, used } = this.#senderLine.take(chunk);
    if (line === undefined) return used;
    this.#toReceiver(Buffer.concat([line, Buffer.from('\n')]));
    if (state.kind === 'content-words') this.#state = { kind: 'answer', to: state.transfer };
    else this.#state = { kind: state.fatal ? 'over' : 'line' };
    return used;
  }

  #readContent(chunk: Buffer, state: Extract<State, { kind: 'content' }>): number {
    const content = chunk.subarray(0, state.bytes - state.offset);
    state.transfer.add(state.offset, content);
    state.transfer.count(content.length);
    state.offset += content.length;
    this.#toReceiver(content);
    if (state.offset === state.bytes) {
      this.#state = { kind: 'content-status', transfer: state.transfer };
    }
    return content.length;
  }

  #readStatus(chunk: Buffer, transfer: Transfer): number {
    const [status] = chunk;
    if (isWords(status)) {
      transfer.spoil();
      this.#state = { kind: 'content-words', transfer };
      return 0;
    }
    if (status !== yes) throw new BrokenChannel('scp-line');
    this.#state = { kind: 'answer', to: transfer };
    this.#toReceiver(chunk.subarray(0, 1));
    return 1;
  }

  #fromReceiver(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0;) rest = rest.subarray(this.#readAnswer(rest));
  }

  #readAnswer(chunk: Buffer): number {
    if (this.#answer !== 'none') {
      const { line, used } = this.#receiverLine.take(chunk);
      if (line === undefined) return used;
      const isFatal = this.#answer === 'fatal-words';
      this.#answer = 'none';
      this.#toSender(Buffer.concat([line, Buffer.from('\n')]));
      this.#answered(isFatal ? 'fatal' : 'no');
      return used;
    }
    const [first] = chunk;
    if (this.#state.kind !== 'answer') throw new BrokenChannel('scp-answer');
    if (first === yes) {
      this.#toSender(chunk.subarray(0, 1));
      this.#answered('yes');
      return 1;
    }
    if (!isWords(first)) throw new BrokenChannel('scp-answer');
    this.#answer = first === fatal ? 'fatal-words' : 'words';
    return 0;
  }

  #answered(answer: 'yes' | 'no' | 'fatal'): void {
    const state = this.#state;
    if (state.kind !== 'answer') return;
    const { to } = state;
    if (to instanceof Transfer) {
      if (answer !== 'yes') to.spoil();
      this.#effects.push(to.end(true));
    }
    if (answer === 'fatal') this.#state = { kind: 'over' };
    else if (to === 'start' || to instanceof Transfer) this.#state = { kind: 'line' };
    else this.#state = this.#after(to, answer === 'yes');
    this.#advance();
  }

  /** A sender leaves out what the receiver has refused: the content of a file, or all of a directory. */
  #after(line: ControlLine, isTaken: boolean): State {
    if (line.kind === 'end') this.#directories.pop();
    if (line.kind === 'directory' && isTaken) this.#directories.push(line.name);
    if (line.kind !== 'file' || !isTaken) return { kind: 'line' };
    const { path, direction, hashes } = this.#options;
    const name = [...this.#directories, line.name].join('/');
    const transfer = new Transfer({ path, name, direction }, hashes);
    if (line.bytes === 0) return { kind: 'content-status', transfer };
    return { kind: 'content', transfer, bytes: line.bytes, offset: 0 };
  }
}

// The gateway's own line editor: bytes of the client's terminal in, bytes for its screen and whole commands out. It knows
// no sockets; while a command runs, it rests and sees nothing.

import { EditBuffer, lineBytesMax } from './edit-buffer.ts';
import { KeyReader } from './key-reader.ts';
import type { EditAction, Key } from './keys.ts';
import { LineHistory } from './line-history.ts';
import { LineView } from './line-view.ts';
import { readShellText } from './shell-text.ts';

export type EditorEvent =
  /** A whole command; it may have several lines. Behind it the editor rests. */
  | { readonly kind: 'line'; readonly text: string }
  /** `^D` on an empty line. Behind it the editor rests. */
  | { readonly kind: 'end-of-input' };

export interface EditorStep {
  /** Bytes for the screen. */
  readonly output: string;
  readonly event: EditorEvent | undefined;
  /** What came behind the event: nobody has read it. */
  readonly rest: Buffer;
}

const nothing = Buffer.alloc(0);
const bell = '\x07';
const brackets = { on: '\x1b[?2004h', off: '\x1b[?2004l' };
const continuation = '> ';
/** Of one command: at each of them all that is there so far is read again. */
const linesMax = 256;

/** Characters of a word that is completed. */
const wordMax = 256;

interface Search {
  readonly query: string;
  readonly skip: number;
}

export class LineEditor {
  readonly #keys = new KeyReader();
  readonly #buffer = new EditBuffer();
  readonly #history = new LineHistory();
  readonly #view: LineView;
  #prompt = '';
  /** Earlier lines of an unfinished command, each with its newline. */
  #earlier = '';
  /** Of a paste with several lines, what has not been reached; the next one is the last. */
  #pasted: string[] = [];
  #search: Search | undefined;
  #isResting = true;
  #isStale = false;
  #output = '';
  #event: EditorEvent | undefined;

  constructor(columns: number) {
    this.#view = new LineView(columns);
  }

  /** Lines of a paste that stand behind the one that was given out last. */
  get pendingLines(): number {
    return this.#pasted.filter((line) => line.trim() !== '').length;
  }

  /** Starts a new line; the cursor must be at the start of a row. */
  prompt(prompt: string): EditorStep {
    this.#prompt = prompt;
    this.#earlier = '';
    this.#search = undefined;
    this.#buffer.replace('');
    this.#history.rewind();
    this.#view.forget();
    this.#isResting = false;
    this.#isStale = true;
    this.#output = brackets.on;
    this.#takePasted();
    return this.#step(nothing);
  }

  /** After a refusal: what would have followed was meant for another state of things. */
  dropPending(): void {
    this.#pasted = [];
  }

  feed(bytes: Buffer): EditorStep {
    let used = 0;
    while (used < bytes.length && !this.#isResting) {
      const key = this.#keys.push(bytes[used] ?? 0);
      used += 1;
      if (key !== undefined) this.#press(key);
    }
    return this.#step(bytes.subarray(used));
  }

  resize(columns: number): string {
    this.#view.resize(columns);
    return this.#isResting ? '' : this.#repaint();
  }

  /** Output of something in the background, shown above the line that is edited. */
  interject(show: (prefix: string) => void): string {
    const prefix = this.#isResting ? '' : this.#view.clear();
    show(prefix);
    return this.#isResting ? '' : this.#repaint();
  }

  /** Lets go of the screen, for what another ends. */
  close(): string {
    if (this.#isResting) return '';
    this.#isResting = true;
    return `${this.#view.leave()}${brackets.off}`;
  }

  #step(rest: Buffer): EditorStep {
    if (this.#isStale && !this.#isResting) this.#output += this.#repaint();
    const step = { output: this.#output, event: this.#event, rest };
    this.#output = '';
    this.#event = undefined;
    return step;
  }

  #repaint(): string {
    this.#isStale = false;
    const { characters, cursor } = this.#buffer;
    const search = this.#search;
    if (search === undefined) {
      const prompt = this.#earlier === '' ? this.#prompt : continuation;
      return this.#view.paint({ prompt, characters, cursor });
    }
    return this.#view.paint({ prompt: `(search) '${search.query}': `, characters, cursor });
  }

  #press(key: Key): void {
    if (this.#search !== undefined && this.#pressInSearch(this.#search, key)) return;
    switch (key.kind) {
      case 'text':
        return this.#insert(key.text);
      case 'paste':
        this.#pasted = key.text.split('\n').reverse();
        return this.#takePasted();
      case 'action':
        return this.#act(key.action);
      case 'unknown':
        this.#output += bell;
        return;
    }
  }

  #insert(text: string): void {
    const wasAtEnd = this.#buffer.isAtEnd;
    if (!this.#buffer.insert(text)) {
      this.#output += bell;
      return;
    }
    const echo = wasAtEnd && !this.#isStale ? this.#view.append(text) : undefined;
    if (echo === undefined) this.#isStale = true;
    else this.#output += echo;
  }

  /** The first pasted line goes into the buffer; there is a newline behind it when others follow. */
  #takePasted(): void {
    while (this.#pasted.length > 0 && !this.#isResting) {
      if (!this.#buffer.insert(this.#pasted.pop() ?? '')) {
        this.#output += bell;
        this.#pasted = [];
      }
      this.#isStale = true;
      if (this.#pasted.length > 0) this.#enter();
    }
  }

  #act(action: EditAction): void {
    switch (action) {
      case 'enter':
        return this.#enter();
      case 'interrupt':
        return this.#abandon();
      case 'end-of-input':
        return this.#endOfInput();
      case 'older':
        return this.#recall(this.#history.older(this.#buffer.text));
      case 'newer':
        return this.#recall(this.#history.newer());
      case 'search':
        this.#search = { query: '', skip: 0 };
        this.#isStale = true;
        return;
      case 'clear':
        this.#output += '\x1b[H\x1b[2J';
        this.#view.forget();
        this.#isStale = true;
        return;
      case 'complete':
        return this.#complete();
      default:
        if (this.#buffer.apply(action)) this.#isStale = true;
        else this.#output += bell;
    }
  }

  #leaveLine(): void {
    if (this.#isStale) this.#output += this.#repaint();
    this.#output += this.#view.leave();
    this.#isStale = false;
  }

  #enter(): void {
    this.#leaveLine();
    const text = this.#earlier + this.#buffer.text;
    this.#buffer.replace('');
    if (Buffer.byteLength(text) > lineBytesMax || text.split('\n').length > linesMax) {
      this.#output += `too long: a command has at most ${lineBytesMax} bytes and ${linesMax} lines\r\n`;
      this.#pasted = [];
      return this.#restart();
    }
    if (text.trim() === '') return this.#restart();
    if (readShellText(text).isUnfinished) {
      this.#earlier = `${text}\n`;
      this.#history.rewind();
      this.#isStale = true;
      return;
    }
    this.#history.add(text);
    this.#rest({ kind: 'line', text });
  }

  #restart(): void {
    this.#earlier = '';
    this.#history.rewind();
    this.#isStale = true;
  }

  #rest(event: EditorEvent): void {
    this.#output += brackets.off;
    this.#event = event;
    this.#isResting = true;
  }

  #abandon(): void {
    this.#search = undefined;
    this.#pasted = [];
    this.#buffer.apply('end');
    this.#isStale = true;
    this.#leaveLine();
    this.#buffer.replace('');
    this.#restart();
  }

  #endOfInput(): void {
    if (!this.#buffer.isEmpty || this.#earlier !== '') return this.#act('delete');
    this.#leaveLine();
    this.#rest({ kind: 'end-of-input' });
  }

  #recall(line: string | undefined): void {
    if (line === undefined || !this.#buffer.replace(line)) this.#output += bell;
    this.#isStale = true;
  }

  /** True when the key belongs to the search. */
  #pressInSearch(search: Search, key: Key): boolean {
    this.#isStale = true;
    if (key.kind === 'text' && search.query.length < 256) {
      this.#find({ query: search.query + key.text, skip: 0 });
      return true;
    }
    if (key.kind === 'action' && key.action === 'search') {
      this.#find({ ...search, skip: search.skip + 1 });
      return true;
    }
    if (key.kind === 'action' && key.action === 'erase') {
      this.#find({ query: Array.from(search.query).slice(0, -1).join(''), skip: 0 });
      return true;
    }
    this.#search = undefined;
    if (key.kind !== 'action' || key.action !== 'cancel') return false;
    this.#buffer.replace('');
    return true;
  }

  #find(search: Search): void {
    const found = search.query === '' ? '' : this.#history.find(search.query, search.skip);
    if (found === undefined) {
      this.#output += bell;
      if (search.skip === 0) this.#search = search;
      return;
    }
    this.#search = search;
    this.#buffer.replace(found);
  }

  /** By words of earlier lines: asking the target for names would run something that nobody judged. */
  #complete(): void {
    const { characters, cursor } = this.#buffer;
    const near = characters.slice(Math.max(cursor - wordMax, 0), cursor).join('');
    const start = near.slice(near.search(/\S*$/));
    const words = start === '' ? [] : this.#history.wordsFrom(start);
    const common = words.reduce(commonStart, words[0] ?? '');
    const added = common.slice(start.length) + (words.length === 1 ? ' ' : '');
    if (added !== '') return this.#insert(added);
    this.#output += bell;
    if (words.length === 0) return;
    this.#leaveLine();
    this.#output += `${words.slice(0, 20).join('  ')}\r\n`;
    this.#isStale = true;
  }
}

function commonStart(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  // Never half of a surrogate pair.
  return one.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

// How far a text is a whole shell command, POSIX "Shell Command Language" §2.2, §2.3 and §2.7.4. Only the editor asks, to
// know when a line goes on in the next: what is judged is always the text as a whole, however this reads it.

export interface ShellText {
  /** A quote, here-document, bracket or compound command is open, or the last line asks for another. */
  readonly isUnfinished: boolean;
  /** The text without comments and here-documents; a quoted piece or substitution is one `Q`. */
  readonly bare: string;
}

type Frame = "'" | '"' | '`' | '(' | '$(' | '${' | '{' | 'if' | 'do' | 'case';

const opening: ReadonlyMap<string, Frame> = new Map<string, Frame>([
  ['if', 'if'],
  ['do', 'do'],
  ['case', 'case'],
  ['{', '{'],
]);

const closing: ReadonlyMap<string, Frame> = new Map<string, Frame>([
  ['fi', 'if'],
  ['done', 'do'],
  ['esac', 'case'],
  ['}', '{'],
]);

/** What a command may follow directly. */
const before: ReadonlySet<string> = new Set([
  'then',
  'else',
  'elif',
  'while',
  'until',
  '!',
  'time',
]);

interface HereDocument {
  readonly delimiter: string;
  readonly stripsTabs: boolean;
}

export function readShellText(text: string): ShellText {
  const scanner = new Scanner(text);
  return scanner.read();
}

class Scanner {
  readonly #text: string;
  #at = 0;
  #bare = '';
  #frames: Frame[] = [];
  #documents: HereDocument[] = [];
  /** Whether a word here would be the name of a command. */
  #isCommand = true;
  /** Whether the last thing wants another behind it: `|`, `&&`, `||`, a backslash. */
  #isWanting = false;
  /** `for`, `while`, `until` and `select` before their `do`. */
  #loops = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): ShellText {
    while (this.#at < this.#text.length) this.#step();
    const isUnfinished =
      this.#isWanting || this.#frames.length > 0 || this.#documents.length > 0 || this.#loops > 0;
    return { isUnfinished, bare: this.#bare };
  }

  get #frame(): Frame | undefined {
    return this.#frames.at(-1);
  }

  /** Inside quotes and substitutions nothing is kept. */
  #keep(bare: string): void {
    if (!this.#frames.some((frame) => /^['"`$]/.test(frame))) this.#bare += bare;
  }

  #take(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern, 'uy');
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #step(): void {
    switch (this.#frame) {
      case "'":
        this.#take(/[^']*/);
        if (this.#take(/'/) !== undefined) this.#frames.pop();
        return;
      case '"':
      case '${':
        return this.#stepQuoted(this.#frame);
      default:
        return this.#stepPlain();
    }
  }

  #stepQuoted(frame: '"' | '${'): void {
    if (this.#take(/\\[^]/) !== undefined) return;
    if (this.#take(frame === '"' ? /"/ : /\}/) !== undefined) {
      this.#frames.pop();
      return;
    }
    if (this.#open() || (frame === '${' && this.#openQuote())) return;
    this.#at += 1;
  }

  /** A substitution: the same in double quotes and outside of them. */
  #open(): boolean {
    const found = this.#take(/\$\(|\$\{|`/);
    if (found === undefined) return false;
    if (found === '`' && this.#frames.includes('`')) {
      // It ends the innermost one, and what was left open in that.
      this.#frames.length = this.#frames.lastIndexOf('`');
      this.#isCommand = false;
      return true;
    }
    this.#push(found as Frame);
    return true;
  }

  #openQuote(): boolean {
    const found = this.#take(/'|"/);
    if (found !== undefined) this.#push(found as Frame);
    return found !== undefined;
  }

  #push(frame: Frame): void {
    this.#keep(/^['"`$]/.test(frame) ? 'Q' : frame);
    this.#frames.push(frame);
    this.#isCommand = !/^['"]|^\$\{/.test(frame);
    this.#isWanting = false;
  }

  #stepPlain(): void {
    if (this.#take(/\\$/) !== undefined) {
      this.#isWanting = true;
      return;
    }
    if (this.#take(/\\[^]/) !== undefined) return this.#word('Q');
    if (this.#take(/[ \t]+/) !== undefined) return this.#keep(' ');
    if (this.#take(/\n/) !== undefined) return this.#newline();
    if (this.#open() || this.#openQuote()) return;
    if (this.#take(/#[^\n]*/) !== undefined) return;
    const document = this.#take(/<<-?(?!<)[ \t]*(?:'[^'\n]*'|"[^"\n]*"|\\?[^\s;&|()<>'"]+)/);
    if (document !== undefined) return this.#document(document);
    const operator = this.#take(/;;&|;;|;&|&&|\|\||[;&|()]|<<<|[<>]+/);
    if (operator !== undefined) return this.#operator(operator);
    const word = this.#take(/[^\s\\'"`$;&|()<>]+|\$/);
    if (word === undefined) this.#at += 1;
    else this.#word(word);
  }

  #newline(): void {
    this.#keep('\n');
    this.#isCommand = true;
    for (let document = this.#documents[0]; document !== undefined; document = this.#documents[0]) {
      const rest = this.#text.slice(this.#at).split('\n');
      const { delimiter, stripsTabs } = document;
      const end = rest.findIndex(
        (line) => (stripsTabs ? line.replace(/^\t+/, '') : line) === delimiter,
      );
      if (end === -1) {
        this.#at = this.#text.length;
        return;
      }
      this.#at += rest.slice(0, end + 1).join('\n').length;
      this.#documents.shift();
    }
  }

  #document(found: string): void {
    const [, dash, word = ''] = /^<<(-?)[ \t]*([^]*)$/.exec(found) ?? [];
    const delimiter = word.replace(/^\\|^['"]|['"]$/g, '');
    this.#documents.push({ delimiter, stripsTabs: dash === '-' });
    this.#keep('<<Q');
    this.#isWanting = false;
  }

  #operator(operator: string): void {
    this.#isWanting = /^(?:&&|\|\||\|)$/.test(operator);
    if (operator === '(') return this.#push('(');
    if (operator === ')') {
      if (this.#frame === '(' || this.#frame === '$(') this.#frames.pop();
      this.#keep(')');
      this.#isCommand = this.#frame === 'case';
      return;
    }
    this.#keep(operator);
    this.#isCommand = !/^[<>]/.test(operator);
  }

  #word(word: string): void {
    const wasCommand = this.#isCommand;
    this.#keep(word);
    this.#isCommand = false;
    this.#isWanting = false;
    if (!wasCommand) return;
    const closed = closing.get(word);
    if (closed !== undefined && this.#frame === closed) this.#frames.pop();
    if (/^(?:for|while|until|select)$/.test(word)) this.#loops += 1;
    const opened = opening.get(word);
    if (word === 'do' && this.#loops > 0) this.#loops -= 1;
    if (opened !== undefined) this.#frames.push(opened);
    this.#isCommand = before.has(word) || (opened !== undefined && opened !== 'case');
  }
}

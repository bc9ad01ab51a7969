// How far a text is a whole shell command, POSIX "Shell Command Language" §2.2, §2.3 and §2.7.4. Only the editor asks, to
// know when a line goes on in the next: what is judged is always the text as a whole, however this reads it.

export interface ShellText {
  /** A quote, here-document, bracket or compound command is open, or the last line asks for another. */
  readonly isUnfinished: boolean;
  /** The text without comments and here-documents; a quoted piece or substitution is one `Q`. */
  readonly bare: string;
}

type Frame = "'" | '"' | '`' | '(' | '$(' | '${' | '{' | 'if' | 'do' | 'case';

const isQuoting = (frame: Frame): boolean => /^['"`$]/.test(frame);

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

/** Deeper, or with more here-documents, nobody types: the reader of commands will say what it is. */
const nestingMax = 256;

export function readShellText(text: string): ShellText {
  const scanner = new Scanner(text);
  return scanner.read();
}

const patterns = {
  singleQuoted: /[^']*/y,
  singleEnd: /'/y,
  doubleEnd: /"/y,
  braceEnd: /\}/y,
  escaped: /\\[^]/y,
  escapedEnd: /\\$/y,
  quotedText: /[^\\"'`$}]+/y,
  substitution: /\$\(|\$\{|`/y,
  quote: /'|"/y,
  blanks: /[ \t]+/y,
  newline: /\n/y,
  comment: /#[^\n]*/y,
  hereDocument: /<<-?(?!<)[ \t]*(?:'[^'\n]*'|"[^"\n]*"|\\?[^\s;&|()<>'"]+)/y,
  operator: /;;&|;;|;&|&&|\|\||[;&|()]|<<<|[<>]+/y,
  word: /[^\s\\'"`$;&|()<>]+|\$/y,
} as const;

class Scanner {
  readonly #text: string;
  #at = 0;
  #bare = '';
  #frames: Frame[] = [];
  /** How many of the frames are quotes and substitutions. */
  #quoting = 0;
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
    while (this.#at < this.#text.length) {
      if (this.#frames.length + this.#documents.length > nestingMax) {
        return { isUnfinished: false, bare: this.#text };
      }
      this.#step();
    }
    const isUnfinished =
      this.#isWanting || this.#frames.length > 0 || this.#documents.length > 0 || this.#loops > 0;
    return { isUnfinished, bare: this.#bare };
  }

  get #frame(): Frame | undefined {
    return this.#frames.at(-1);
  }

  /** Inside quotes and substitutions nothing is kept. */
  #keep(bare: string): void {
    if (this.#quoting === 0) this.#bare += bare;
  }

  #leave(): void {
    const frame = this.#frames.pop();
    if (frame !== undefined && isQuoting(frame)) this.#quoting -= 1;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #step(): void {
    switch (this.#frame) {
      case "'":
        this.#take(patterns.singleQuoted);
        if (this.#take(patterns.singleEnd) !== undefined) this.#leave();
        return;
      case '"':
      case '${':
        return this.#stepQuoted(this.#frame);
      default:
        return this.#stepPlain();
    }
  }

  #stepQuoted(frame: '"' | '${'): void {
    if (this.#take(patterns.escaped) !== undefined) return;
    if (this.#take(patterns.quotedText) !== undefined) return;
    if (this.#take(frame === '"' ? patterns.doubleEnd : patterns.braceEnd) !== undefined) {
      return this.#leave();
    }
    if (this.#open() || (frame === '${' && this.#openQuote())) return;
    this.#at += 1;
  }

  /** A substitution: the same in double quotes and outside of them. */
  #open(): boolean {
    const found = this.#take(patterns.substitution);
    if (found === undefined) return false;
    if (found === '`' && this.#frames.includes('`')) {
      // It ends the innermost one, and what was left open in that.
      while (this.#frame !== '`') this.#leave();
      this.#leave();
      this.#isCommand = false;
      return true;
    }
    this.#push(found as Frame);
    return true;
  }

  #openQuote(): boolean {
    const found = this.#take(patterns.quote);
    if (found !== undefined) this.#push(found as Frame);
    return found !== undefined;
  }

  #push(frame: Frame): void {
    this.#keep(isQuoting(frame) ? 'Q' : frame);
    this.#frames.push(frame);
    if (isQuoting(frame)) this.#quoting += 1;
    this.#isCommand = !/^['"]|^\$\{/.test(frame);
    this.#isWanting = false;
  }

  #stepPlain(): void {
    if (this.#take(patterns.escapedEnd) !== undefined) {
      this.#isWanting = true;
      return;
    }
    if (this.#take(patterns.escaped) !== undefined) return this.#word('Q');
    if (this.#take(patterns.blanks) !== undefined) return this.#keep(' ');
    if (this.#take(patterns.newline) !== undefined) return this.#newline();
    if (this.#open() || this.#openQuote()) return;
    if (this.#take(patterns.comment) !== undefined) return;
    const document = this.#take(patterns.hereDocument);
    if (document !== undefined) return this.#document(document);
    const operator = this.#take(patterns.operator);
    if (operator !== undefined) return this.#operator(operator);
    const word = this.#take(patterns.word);
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
      if (this.#frame === '$(') this.#leave();
      else {
        if (this.#frame === '(') this.#leave();
        this.#keep(')');
      }
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
    if (closed !== undefined && this.#frame === closed) this.#leave();
    if (/^(?:for|while|until|select)$/.test(word)) this.#loops += 1;
    const opened = opening.get(word);
    if (word === 'do' && this.#loops > 0) this.#loops -= 1;
    if (opened !== undefined) this.#frames.push(opened);
    this.#isCommand = before.has(word) || (opened !== undefined && opened !== 'case');
  }
}

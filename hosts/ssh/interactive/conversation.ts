// The gateway's talk with the target's shell: one line at a time, and what became of it.

import type { Writable } from 'node:stream';

import { MarkFilter } from './mark-filter.ts';
import { ReportReader } from './report-reader.ts';
import type { Report } from './report-reader.ts';
import { newMark, newNonce } from './shell-start.ts';
import type { StartedShell } from './shell-start.ts';
import { reportLine, restoreLine, runLine } from './target-script.ts';

interface Line {
  readonly text: string;
  readonly directory: string | null;
  readonly shell: 'bash' | 'other';
}

export interface EndedLine {
  readonly line: Line;
  readonly status: number;
  /** Where the shell stands now. */
  readonly directory: string | null;
}

export interface ConversationListener {
  /** The shell has read the line: from here on its terminal may be typed at. */
  readonly started: () => void;
  /** Once for each turn, with undefined for the one that `begin` takes. */
  readonly ended: (ended: EndedLine | undefined) => void;
}

interface Turn {
  /** undefined: the first turn, which asks where the shell is. */
  readonly line: Line | undefined;
  readonly nonce: string;
  readonly mark: string;
  ended: (Report & { readonly kind: 'ended' }) | undefined;
  isMarked: boolean;
  asked: number;
}

/** By then an interrupt has done what it does to what a shell had read ahead. */
const askAgainMilliseconds = 200;
/** Of one turn: a program may run for days and take every `^C`. */
const askedMax = 1000;
const escape = 0x1b;

export class Conversation {
  readonly #relay: Writable;
  readonly #reports = new ReportReader();
  readonly #marks = new MarkFilter(newMark());
  readonly #listener: ConversationListener;
  readonly #shell: 'bash' | 'other';
  readonly #modes: string;
  #turn: Turn | undefined;
  #again: NodeJS.Timeout | undefined;
  #directory: string | null = null;
  #status = 0;
  /** A program may have left the terminal in another mode than it found it in. */
  #isTerminalDirty = false;

  constructor(started: StartedShell, listener: ConversationListener) {
    this.#relay = started.relay.output;
    this.#shell = started.shell;
    this.#modes = started.modes;
    this.#listener = listener;
  }

  get place(): Omit<Line, 'text'> {
    return { directory: this.#directory, shell: this.#shell };
  }

  begin(): void {
    const turn = this.#newTurn(undefined);
    this.#reports.expect(turn.nonce);
    this.#write(this.#question(turn));
  }

  run(line: Line): void {
    this.#newTurn(line);
    const started = newNonce();
    this.#reports.expect(started);
    this.#write(runLine(line.text, started, this.#status));
  }

  /** The end of its input ends the shell when it has done what it does. */
  finish(): void {
    this.#relay.end();
  }

  /** An interrupt may have reached the shell when it was about to report: then it has forgotten the question. */
  interrupted(): void {
    const turn = this.#turn;
    if (turn?.line === undefined || turn.asked >= askedMax) return;
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      if (this.#turn === turn) this.#write(this.#question(turn));
    }, askAgainMilliseconds);
  }

  close(): void {
    clearTimeout(this.#again);
  }

  /** What of the terminal's output is the programs'. */
  output(chunk: Buffer): Buffer {
    const turn = this.#turn;
    const { output, isMarked } = this.#marks.push(chunk, turn?.mark ?? '');
    this.#isTerminalDirty ||= output.includes(escape);
    if (turn !== undefined && isMarked) {
      turn.isMarked = true;
      // What is before the mark must be shown first.
      if (turn.ended !== undefined) setImmediate(() => this.#settle(turn));
    }
    return output;
  }

  #newTurn(line: Line | undefined): Turn {
    const turn = {
      line,
      nonce: newNonce(),
      mark: newMark(),
      ended: undefined,
      isMarked: false,
      asked: 0,
    };
    this.#turn = turn;
    return turn;
  }

  #question(turn: Turn): string {
    turn.asked += 1;
    return reportLine(turn.nonce, this.#marks.mark(turn.mark));
  }

  #write(line: string): void {
    if (this.#relay.writable) this.#relay.write(line);
  }

  /** What the relay sent. */
  receive(chunk: Buffer): void {
    for (const report of this.#reports.push(chunk)) this.#take(report);
  }

  #take(report: Report): void {
    const turn = this.#turn;
    if (turn === undefined) return;
    switch (report.kind) {
      case 'started':
        // Not sooner: a shell that is interrupted forgets what it has read ahead.
        this.#reports.expect(turn.nonce);
        this.#write(this.#question(turn));
        this.#listener.started();
        return;
      case 'ended':
        turn.ended ??= report;
        if (turn.isMarked) this.#settle(turn);
    }
  }

  #settle(turn: Turn): void {
    const { ended, line } = turn;
    if (ended === undefined || this.#turn !== turn) return;
    this.#turn = undefined;
    this.#directory = ended.directory;
    this.#status = line === undefined ? 0 : ended.status;
    if ((this.#isTerminalDirty || ended.status !== 0) && this.#modes !== '') {
      this.#write(restoreLine(this.#modes));
      this.#isTerminalDirty = false;
    }
    const { status, directory } = ended;
    this.#listener.ended(line === undefined ? undefined : { line, status, directory });
  }
}

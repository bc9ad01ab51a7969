// How the tour tells what it does, what came back, and what that proves.

import type { Terminal } from '../terminal.ts';

/** A step did not show what it claims. */
class ClaimError extends Error {
  override readonly name = 'ClaimError';
}

export class Narrator {
  readonly #terminal: Terminal;
  #step = 0;
  #title = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The step that runs now, for a failure's message. */
  get step(): string {
    return `step ${String(this.#step)} (${this.#title})`;
  }

  begin(title: string): void {
    this.#step += 1;
    this.#title = title;
    this.#terminal.out('');
    this.#terminal.out(this.#terminal.style('bold', `${String(this.#step)}. ${title}`));
  }

  say(text: string): void {
    this.#terminal.out(`   ${text}`);
  }

  /** What somebody types, behind their prompt. */
  typed(prompt: string, text: string): void {
    this.#terminal.out(`   ${this.#terminal.style('cyan', prompt)} ${text}`);
  }

  shown(text: string): void {
    if (text === '') return;
    for (const line of text.split('\n')) this.#terminal.out(`   ${line}`.trimEnd());
  }

  /** @throws ClaimError when it is not so. */
  claim(holds: boolean, text: string): void {
    if (!holds) throw new ClaimError(`did not hold: ${text}`);
    this.#terminal.out(`   ${this.#terminal.style('green', `✓ ${text}`)}`);
  }
}

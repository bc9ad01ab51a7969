// Replies go out in the order of the questions (RFC 4254 §4, §5.4), whenever each answer is known.

import { Violation } from './violation.ts';

/** Questions of one peer that wait for an answer. */
const unansweredMax = 64;

interface Owed<Answer> {
  answer: Answer | undefined;
}

export class OwedReplies<Answer> {
  readonly #send: (answer: Answer) => void;
  readonly #owed: Owed<Answer>[] = [];

  constructor(send: (answer: Answer) => void) {
    this.#send = send;
  }

  /**
   * The question's answer, of which the first counts.
   * @throws Violation `requests-unanswered`
   */
  owe(): (answer: Answer) => void {
    if (this.#owed.length >= unansweredMax) {
      throw new Violation('requests-unanswered', 'too many questions before the first is answered');
    }
    const owed: Owed<Answer> = { answer: undefined };
    this.#owed.push(owed);
    return (answer) => {
      owed.answer ??= answer;
      this.#settle();
    };
  }

  /** Nobody waits for answers any more. */
  forget(): void {
    this.#owed.length = 0;
  }

  #settle(): void {
    for (;;) {
      const answer = this.#owed[0]?.answer;
      if (answer === undefined) return;
      this.#owed.shift();
      this.#send(answer);
    }
  }
}

// The target's answer on its way to the caller: checked as strictly as the request, masked or as it is, at the caller's
// pace. An answer that breaks off never looks like a whole one.

import type { Transform } from 'node:stream';

import type { Downstream } from '../downstream.ts';
import { setsLoginCookie } from '../login/index.ts';
import type { BodyMasker } from '../masking/index.ts';
import type { Refusal } from '../refusal.ts';
import { badGateway, refuse, unmaskable } from '../refusal.ts';
import type { AnswerControl, AnswerListener } from '../upstream/answer-listener.ts';
import type { CheckedResponse, HeaderField, ResponseFraming } from '../wire/index.ts';
import type { Progress } from './request-body.ts';

/** How an answer is to be changed on its way. */
export interface AnswerPlan {
  readonly kind: 'masked';
  readonly fields: readonly HeaderField[];
  readonly decoder: Transform | undefined;
  readonly masker: BodyMasker;
}

/** As it was read, without what is not for the caller. */
export interface AnswerHead {
  readonly status: number;
  readonly fields: readonly HeaderField[];
  readonly framing: ResponseFraming;
}

/** What the masks in force make of an answer's head, before any of it is sent. */
export type PlanAnswer = (
  head: AnswerHead,
) =>
  AnswerPlan | { readonly kind: 'clear' } | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface AnswerOutcome {
  readonly status: number;
  readonly bytes: number;
  readonly error: string | undefined;
}

export interface AnswerOptions {
  readonly downstream: Downstream;
  readonly plan: PlanAnswer;
  readonly progress: Pick<Progress, 'answered'>;
  /** What the caller is told instead of the fields that mean something only to the gateway. */
  readonly translate: (fields: readonly HeaderField[]) => readonly HeaderField[];
  /** Called once, when the answer is over, whatever came of it. */
  readonly onEnd: (outcome: AnswerOutcome) => void;
}

export class AnswerRelay implements AnswerListener {
  readonly #options: AnswerOptions;
  #control: AnswerControl | undefined;
  #masked: AnswerPlan | undefined;
  /** Some of it has come. */
  #hasBody = false;
  #status = 0;
  #over = false;

  constructor(options: AnswerOptions) {
    this.#options = options;
    const { sink } = options.downstream;
    // A caller that leaves takes the request to the target with it.
    sink.on('close', () => {
      this.#end('the caller left');
    });
    sink.on('error', nothing);
  }

  /** Ends both sides now. */
  cut(why: string): void {
    this.#end(why);
    this.#options.downstream.cut();
  }

  onStart(control: AnswerControl): void {
    this.#control = control;
    if (this.#over) control.abort(new Error('nobody waits for the answer'));
  }

  onHead(status: number, checked: CheckedResponse): void {
    if (this.#over) return;
    const { downstream, plan, translate } = this.#options;
    if (checked.kind === 'refused') {
      this.#refuse(badGateway(`the target's answer is refused: ${checked.message}`, checked.rule));
      return;
    }
    if (checked.framing.kind === 'close') {
      // Passed on in chunks, or over HTTP/2, one that was cut short would end as a whole one does.
      this.#refuse(badGateway("the target's answer does not say where it ends", 'framing-close'));
      return;
    }
    // The target must not put another login in the place of the caller's.
    const fields = translate(
      checked.fields.filter(([name, value]) => name !== 'set-cookie' || !setsLoginCookie(value)),
    );
    const { framing } = checked;
    const planned = plan({ status, fields, framing });
    if (planned.kind === 'refused') {
      this.#refuse(planned.refusal);
      return;
    }
    this.#status = status;
    if (framing.kind === 'chunked') this.#flushHeadSoon();
    if (planned.kind === 'masked') {
      this.#masked = planned;
      this.#listen(planned);
      if (planned.decoder === undefined) this.#respondMasked(planned);
      return;
    }
    const length: readonly HeaderField[] =
      framing.kind === 'length' ? [['content-length', String(framing.bytes)]] : [];
    downstream.respond(status, [...fields, ...length]);
  }

  onData(piece: Buffer): void {
    if (this.#over) return;
    this.#hasBody = true;
    const decoder = this.#masked?.decoder;
    if (decoder === undefined) {
      this.#deliver(piece, this.#control);
      return;
    }
    if (decoder.write(piece)) return;
    this.#control?.pause();
    decoder.once('drain', () => {
      this.#control?.resume();
    });
  }

  onEnd(): void {
    const decoder = this.#masked?.decoder;
    if (decoder === undefined) this.#finish();
    else decoder.end();
  }

  onError(error: Error): void {
    if (this.#over) return;
    if (this.#options.downstream.hasResponded()) this.#break(messageOf(error));
    else this.#refuse(badGateway(`the target failed: ${messageOf(error)}`));
  }

  /** A stream opens at its caller when it does at its target, not with its first event; a body that is there goes along. */
  #flushHeadSoon(): void {
    const { downstream, progress } = this.#options;
    setImmediate(() => {
      if (this.#over || progress.answered > 0) return;
      if (!this.#hasBody && this.#masked !== undefined) this.#respondMasked(this.#masked);
      downstream.flushHead();
    });
  }

  /** The head of a coded answer waits until its first piece is decoded: a bomb is refused, and its caller's connection stays. */
  #respondMasked({ fields }: AnswerPlan): void {
    const { downstream } = this.#options;
    if (!downstream.hasResponded()) downstream.respond(this.#status, fields);
  }

  #listen({ decoder }: AnswerPlan): void {
    decoder?.on('data', (chunk: Buffer) => {
      this.#deliver(chunk, decoder);
    });
    decoder?.on('end', () => {
      this.#finish();
    });
    decoder?.on('error', (error) => {
      this.#failMasking(error);
    });
  }

  #deliver(
    chunk: Buffer,
    source: { readonly pause: () => void; readonly resume: () => void } | undefined,
  ): void {
    const { sink } = this.#options.downstream;
    let bytes = chunk;
    if (this.#masked !== undefined) {
      try {
        bytes = this.#masked.masker.push(chunk);
      } catch (error) {
        this.#failMasking(error);
        return;
      }
      this.#respondMasked(this.#masked);
    }
    if (bytes.length === 0) return;
    this.#options.progress.answered += bytes.length;
    if (sink.write(bytes)) return;
    source?.pause();
    sink.once('drain', () => {
      source?.resume();
    });
  }

  #finish(): void {
    if (this.#over) return;
    const { downstream } = this.#options;
    try {
      const rest = this.#masked?.masker.end();
      if (this.#masked !== undefined) this.#respondMasked(this.#masked);
      if (rest !== undefined && rest.length > 0) {
        this.#options.progress.answered += rest.length;
        downstream.sink.write(rest);
      }
    } catch (error) {
      this.#failMasking(error);
      return;
    }
    downstream.end();
    this.#end(undefined);
  }

  #failMasking(error: unknown): void {
    const why = messageOf(error);
    if (this.#options.downstream.hasResponded()) this.#break(why);
    else this.#refuse(unmaskable(why));
  }

  /** In the middle of an answer nothing can be said any more. */
  #break(why: string): void {
    this.#end(why);
    this.#options.downstream.cut();
  }

  #refuse(refusal: Refusal): void {
    if (this.#over) return;
    this.#status = refusal.status;
    this.#end(refusal.message);
    refuse(this.#options.downstream, refusal);
  }

  #end(error: string | undefined): void {
    if (this.#over) return;
    this.#over = true;
    if (error !== undefined) this.#control?.abort(new Error(error));
    this.#masked?.decoder?.destroy();
    const { progress, onEnd } = this.#options;
    onEnd({ status: this.#status, bytes: progress.answered, error });
  }
}

/** The end of the sink follows. */
const nothing = (): void => undefined;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

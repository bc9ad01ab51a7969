// What whoever asks a target is told of the answer, whatever carries it.

import type { Dispatcher } from 'undici';

import type { CheckedResponse } from '../wire/index.ts';
import { checkResponse } from '../wire/index.ts';

/** Of one request. Once that is over, none of these does anything. */
export interface AnswerControl {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** Told in this order; the last is `onEnd` or `onError`, once. */
export interface AnswerListener {
  /** The request is about to be sent; aborted here, none of it is. */
  onStart(control: AnswerControl): void;
  /** Of the final answer; interim ones are the gateway's own business (RFC 9110 §15.2). One that is refused is to be aborted. */
  onHead(status: number, checked: CheckedResponse): void;
  onData(piece: Buffer): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** For undici, and for what tells as it does. */
export const dispatchHandler = (
  listener: AnswerListener,
  request: { readonly method: string; readonly version: '1.1' | '2' },
): Dispatcher.DispatchHandler => ({
  onRequestStart: (controller) => {
    listener.onStart(controller);
  },
  onResponseStart: (controller, status) => {
    if (status < 200) return;
    const rawHeaders = rawHeadersOf(controller);
    listener.onHead(
      status,
      checkResponse({ version: request.version, status, rawHeaders }, request),
    );
  },
  onResponseData: (_controller, piece) => {
    listener.onData(piece);
  },
  onResponseEnd: () => {
    listener.onEnd();
  },
  onResponseError: (_controller, error) => {
    listener.onError(error);
  },
});

/** Bytes of a field are one character each, as they came. */
function rawHeadersOf({ rawHeaders }: Dispatcher.DispatchController): readonly string[] {
  if (!Array.isArray(rawHeaders)) return [];
  return rawHeaders.map((each) => (Buffer.isBuffer(each) ? each.toString('latin1') : each));
}

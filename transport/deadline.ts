// A moment after which waiting is over, shared by all steps that must be done before it.

export interface Deadline extends Disposable {
  /** Aborts with a `TimeoutError` that says what took too long. */
  readonly signal: AbortSignal;
  readonly cancel: () => void;
}

export function startDeadline(timeoutMs: number, message: string): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException(message, 'TimeoutError')),
    timeoutMs,
  );
  const cancel = (): void => clearTimeout(timer);
  return { signal: controller.signal, cancel, [Symbol.dispose]: cancel };
}

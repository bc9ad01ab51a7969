// The operator log: JSON lines with constant event names, values in fields, never statement text,
// parameters or secrets.

import type { Json } from './model/index.ts';

export type OperatorLog = (event: string, fields?: Readonly<Record<string, Json>>) => void;

/** Writes each event as one JSON line, for example to stderr. */
export function jsonLog(write: (line: string) => void, now: () => number): OperatorLog {
  return (event, fields = {}) => {
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), event, ...fields })}\n`);
  };
}

/** An error's fields for the log: its code and message, and those of its cause. */
export function errorFields(error: unknown): Readonly<Record<string, Json>> {
  if (!(error instanceof Error)) return { error: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: error.cause.message } : {};
  return { error: error.message, ...code, ...cause };
}

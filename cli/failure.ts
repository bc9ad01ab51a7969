// Errors as the command line tells them: `error:` with the message, `hint:` with what to do.

import { ConfigError, PolicyError, ProtocolError, UpstreamError } from '#engine/model';
import type { ExitCode } from './exit-codes.ts';
import { exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function reportError(terminal: Terminal, message: string, hint?: string): void {
  for (const line of message.split('\n')) terminal.err(`error: ${line}`);
  if (hint !== undefined) terminal.err(`hint: ${hint}`);
}

/** Tells an error and answers with the exit code that stands for it. */
export function reportFailure(terminal: Terminal, error: unknown): ExitCode {
  if (error instanceof UsageError) {
    reportError(terminal, error.message, 'see sallyport --help');
    return exitCodes.usage;
  }
  if (
    error instanceof ConfigError ||
    error instanceof PolicyError ||
    error instanceof ProtocolError ||
    error instanceof UpstreamError
  ) {
    reportError(terminal, error.message, error.hint);
    return exitCodes.failed;
  }
  const message = error instanceof Error ? error.message : String(error);
  reportError(terminal, message, 'this is a fault of sallyport; SALLYPORT_DEBUG=1 shows where');
  if (process.env['SALLYPORT_DEBUG'] === '1' && error instanceof Error) {
    terminal.err(error.stack ?? '');
  }
  return exitCodes.internal;
}

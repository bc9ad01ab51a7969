// The live gateway's judgement of a command, without a target: for `eval`.

import type { Decision, Session, Statement } from '#engine';

import type { Refusal } from './refusal.ts';
import { readCommandLine } from './session/command-line.ts';
import { maskReachOf, rulingOf } from './session/ruling.ts';

export interface OfflineCommand {
  readonly decide: (statement: Statement, session: Session) => Decision;
  readonly session: Session;
  /** The account on the target. */
  readonly user: string;
  readonly text: string;
}

/** Judges as an exec request without a terminal; what is refused before any policy is asked has no decisions. */
export function judgeCommandOffline(question: OfflineCommand): Refusal | undefined {
  const { decide, session, user, text } = question;
  const line = readCommandLine(Buffer.from(text), { user, pty: false });
  switch (line.kind) {
    case 'refused':
      return line.refusal;
    case 'sftp':
      return { code: 'statement-unsupported', message: 'each request of sftp is judged by itself' };
    case 'command':
    case 'transfer': {
      const statements = line.kind === 'command' ? [line.statement] : line.statements;
      const decisions = statements.map((each) => decide(each, session));
      if (decisions.some(({ verdict }) => verdict === 'deny')) return undefined;
      const reach = line.kind === 'command' ? 'output' : maskReachOf(line.transfer.facts);
      const ruling = rulingOf(decisions, reach);
      return ruling.kind === 'refused' ? ruling.refusal : undefined;
    }
  }
}

// The routes as a function of an authenticated call: no sockets, no bytes.

import type { ApprovalDesk, AnswerRefusal, HeldStatement } from '#engine/approval';
import { refuseAnswer } from '#engine/approval';
import type { Principal } from '#engine/model';
import { approvalId } from '#engine/model';
import type { AnswerBody, ApprovalView, ControlFailure, StatusView } from './protocol.ts';

export interface RouteContext {
  readonly desk: Pick<ApprovalDesk, 'list' | 'answer'>;
  readonly status: () => StatusView;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly caller: Principal;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

export function route(call: Call, context: RouteContext): Reply {
  const [room, id, ...rest] = call.path.split('/').slice(1);
  if (rest.length === 0) {
    if (call.method === 'GET' && call.path === '/status') return ok(context.status());
    if (call.method === 'GET' && call.path === '/approvals') return ok(list(call, context));
    if (call.method === 'POST' && room === 'approvals' && id !== undefined) {
      return answer(id, call, context);
    }
  }
  return failure(404, {
    code: 'no-such-route',
    message: `there is no ${call.method} ${call.path}`,
    hint: 'the routes are GET /status, GET /approvals and POST /approvals/ID',
  });
}

export function failure(status: number, error: ControlFailure): Reply {
  return { status, body: { error } };
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

/** Statement text may hold personal data: only who asked and who may be asked get to see it. */
function list({ caller }: Call, { desk }: RouteContext): { approvals: readonly ApprovalView[] } {
  const views = desk.list().flatMap((held) => {
    const why = refuseAnswer(held, caller);
    return why === 'not-an-approver' ? [] : [viewOf(held, why === undefined)];
  });
  return { approvals: views };
}

function viewOf(held: HeldStatement, mayAnswer: boolean): ApprovalView {
  return {
    id: held.id,
    requester: { id: held.requester.id, kind: held.requester.kind },
    session: held.session,
    target: held.target,
    statement: held.statement,
    requirements: held.requirements,
    answers: held.answers.map(({ approver, approve }) => ({ approver, approve })),
    openedAt: new Date(held.openedAt).toISOString(),
    expiresAt: new Date(held.expiresAt).toISOString(),
    mayAnswer,
  };
}

function answer(id: string, call: Call, { desk }: RouteContext): Reply {
  const body = parseAnswer(call.body);
  if (body === undefined) {
    return failure(400, {
      code: 'body-invalid',
      message: 'the body is not an answer',
      hint: 'send {"answer": "approve" or "deny", "note": "at most 1000 characters"}',
    });
  }
  const approve = body.answer === 'approve';
  const result = desk.answer(approvalId(id), call.caller, { approve, note: body.note });
  switch (result.kind) {
    case 'taken':
      return ok({ id, answer: body.answer, settled: result.settled });
    case 'refused':
      return refusals[result.why];
  }
}

const noteCharactersMax = 1000;

function parseAnswer(text: string): AnswerBody | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { answer: word, note = '', ...others } = value as Readonly<Record<string, unknown>>;
  if (word !== 'approve' && word !== 'deny') return undefined;
  if (typeof note !== 'string' || note.length > noteCharactersMax) return undefined;
  return Object.keys(others).length === 0 ? { answer: word, note } : undefined;
}

const refusals: Readonly<Record<AnswerRefusal | 'unknown-hold', Reply>> = {
  'unknown-hold': failure(404, {
    code: 'no-such-approval',
    message: 'nothing waits under this id',
    hint: 'it was answered, timed out or withdrawn, or the id is mistyped',
  }),
  'own-request': failure(403, {
    code: 'own-request',
    message: 'nobody approves their own statement',
    hint: 'ask someone else of the groups that the rule names',
  }),
  'answered-already': failure(409, {
    code: 'answered-already',
    message: 'you answered this already',
    hint: 'the rule asks for more people than one',
  }),
  'not-an-approver': failure(403, {
    code: 'not-an-approver',
    message: 'you are in none of the groups that may answer this',
    hint: 'the groups are in tokens.yaml and in the rule',
  }),
};

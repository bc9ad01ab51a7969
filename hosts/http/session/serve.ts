// One request from its bytes to its answer: made canonical, attributed to a caller, judged, held, recorded, forwarded.

import { createHash } from 'node:crypto';

import type { Decision, MaskingRule } from '#engine';
import { errorFields, holdOutcomeEntry, mergeMasks } from '#engine';

import type { HttpConnection } from '../connection.ts';
import type { Downstream } from '../downstream.ts';
import { badGateway, refusalOf, refusalOfHold, refuse, unjudgeable } from '../refusal.ts';
import type { Refusal } from '../refusal.ts';
import type { HttpServices } from '../services.ts';
import { textOf } from '../statement.ts';
import type { CanonicalRequest } from '../wire/index.ts';
import { canonicalise } from '../wire/index.ts';
import { answerWith, recogniseCaller } from './caller.ts';
import type { RequestEvidence } from './evidence.ts';
import { permittedEntry, readable, refusedEntry } from './evidence.ts';
import { forward } from './forward.ts';
import type { Exchange } from './exchange.ts';
import { Patience } from './patience.ts';
import type { Read } from './read.ts';
import { readForPolicy } from './read.ts';

/** Serves one request. Never rejects. */
export async function serve(
  services: HttpServices,
  connection: HttpConnection,
  downstream: Downstream,
): Promise<void> {
  const patience = new Patience(downstream);
  const forget = connection.watch(patience);
  try {
    await answer(services, connection, downstream, patience);
  } catch (error) {
    services.log('request-failed', { client: connection.client, ...errorFields(error) });
    refuse(downstream, { ...badGateway('the gateway failed'), status: 500 });
  } finally {
    forget();
  }
}

async function answer(
  services: HttpServices,
  connection: HttpConnection,
  downstream: Downstream,
  patience: Patience,
): Promise<void> {
  const startedAt = performance.now();
  const canonical = canonicalise(downstream.raw, { encodedSlash: true });
  if (canonical.kind === 'refused') {
    turnAway(services, connection, downstream, unjudgeable(canonical.rule, canonical.message));
    return;
  }
  const { request } = canonical;
  const target = services.targets.find(request.host);
  if (target === undefined) {
    turnAway(services, connection, downstream, targetUnknown(request.host));
    return;
  }
  if (!target.config.encodedSlash && request.segments.some((segment) => segment.includes('/'))) {
    const message = 'the path holds an encoded slash';
    turnAway(services, connection, downstream, unjudgeable('path-encoded-slash', message));
    return;
  }
  if (request.path.startsWith(ownPaths)) {
    await answerOwnPage(services, request, downstream);
    return;
  }
  const caller = await recogniseCaller(services, connection, request);
  if (caller.kind === 'answered') {
    caller.answer(downstream);
    return;
  }
  const session = connection.sessionOf(caller.authenticated, target, request);
  if (session === undefined) {
    refuse(downstream, notRecorded);
    return;
  }
  const number = session.nextRequest();
  const { fields } = caller;
  await judgeAndForward({
    ...{ services, connection, downstream, target, session, number, startedAt, patience },
    request: { ...request, fields },
  });
}

/** The gateway's pages at every target's host: no path below it reaches a target. */
const ownPaths = '/.sallyport/';

async function answerOwnPage(
  { login, assertions }: HttpServices,
  request: CanonicalRequest,
  downstream: Downstream,
): Promise<void> {
  const { method, authority, path, query = '', fields } = request;
  if (path === `${ownPaths}jwks.json` && (method === 'GET' || method === 'HEAD')) {
    const headers = [['content-type', 'application/jwk-set+json']] as const;
    answerWith({ status: 200, headers, body: assertions.keySet })(downstream);
    return;
  }
  const page = await login?.handle({ method, authority, path, query, fields });
  if (page === undefined) refuse(downstream, noSuchPage);
  else answerWith(page)(downstream);
}

const noSuchPage: Refusal = {
  status: 404,
  code: 'target-unknown',
  message: 'there is no such page of the gateway',
  hint: 'paths below /.sallyport/ are the gateway’s own',
};

/** Not in any session, so no recording: the operator's log says that it was. */
function turnAway(
  services: HttpServices,
  connection: HttpConnection,
  downstream: Downstream,
  refusal: Refusal,
): void {
  const { code, rule = '' } = refusal;
  services.log('request-refused', { client: connection.client, code, rule });
  refuse(downstream, {
    ...refusal,
    // Where framing is in doubt, so is where the next request would begin (RFC 9112 §6.3).
    fields: downstream.raw.version === '2' ? [] : [['connection', 'close']],
  });
}

async function judgeAndForward(exchange: Exchange): Promise<void> {
  const { services, session } = exchange;
  const read = await readForPolicy(exchange);
  if (read.kind === 'aborted') return;
  if (read.kind === 'refused') {
    deny(exchange, read.refusal, [], undefined);
    return;
  }
  const { statements } = read;
  const decisions = statements.map((each) => services.engine.decide(each, session.session));
  const denied = decisions.find(({ verdict }) => verdict === 'deny');
  if (denied !== undefined) {
    deny(exchange, refusalOf(denied), decisions, read);
    return;
  }
  const isHeld = decisions.some(({ verdict }) => verdict === 'hold');
  const approval = isHeld ? await waitForApproval(exchange, decisions, read) : undefined;
  if (isHeld && approval === undefined) return;
  const permitted = { masks: masksOf(decisions), body: approval?.body ?? read.body, decisions };
  const evidence = evidenceOf(exchange, read, decisions);
  try {
    session.record(permittedEntry(evidence, approval?.id));
  } catch (error) {
    failRecording(exchange, error);
    return;
  }
  await forward(exchange, permitted);
}

const masksOf = (decisions: readonly Decision[]): readonly MaskingRule[] =>
  mergeMasks(decisions.map((each) => (each.verdict === 'deny' ? [] : each.obligations.masks)));

function evidenceOf(
  { number, request }: Exchange,
  read: Pick<Read, 'statements' | 'body'> | undefined,
  decisions: readonly Decision[],
): RequestEvidence {
  const texts = read?.statements.map(({ text }) => text) ?? [textOf(request)];
  return { request: number, text: texts.join('\n'), decisions, body: read?.body };
}

function deny(
  exchange: Exchange,
  refusal: Refusal,
  decisions: readonly Decision[],
  read: Read | undefined,
): void {
  const { session, downstream } = exchange;
  try {
    session.record(refusedEntry(evidenceOf(exchange, read, decisions), refusal));
  } catch (error) {
    failRecording(exchange, error);
    return;
  }
  refuse(downstream, refusal);
}

const notRecorded: Refusal = {
  status: 503,
  code: 'record-failed',
  message: 'the request could not be recorded, so it was not forwarded',
  hint: 'the operator has to free space for recordings',
};

/** What cannot be recorded is not forwarded, and the session ends with what it has. */
function failRecording(
  { services, connection, session, downstream }: Exchange,
  error: unknown,
): void {
  services.log('recording-failed', { session: session.session.id, ...errorFields(error) });
  refuse(downstream, notRecorded);
  connection.endSession(session, 'record-failed');
}

interface Approval {
  readonly id: string;
  readonly body: Buffer | undefined;
}

/** Nothing when the request was answered otherwise. */
async function waitForApproval(
  exchange: Exchange,
  decisions: readonly Decision[],
  read: Read,
): Promise<Approval | undefined> {
  const { services, session, request, downstream, patience } = exchange;
  const whole = await patience.readWhole(services.limits.bodyBytesMax, request);
  if (whole.kind === 'aborted') return undefined;
  if (whole.kind === 'more') {
    deny(exchange, tooLargeToHold(services.limits.bodyBytesMax), decisions, read);
    return undefined;
  }
  const body = read.body ?? whole.body;
  const texts = read.statements.map(({ text }) => text);
  const text = [...texts, ...(body.length === 0 ? [] : [bodyText(body)])].join('\n');
  const demand = { session: session.session, request, body, text, decisions };
  const result = await services.held.wait(demand, patience.gone, (hold) => {
    const requirements = decisions.flatMap((each) =>
      each.verdict === 'hold' ? each.requirements.map((one) => ({ ...one })) : [],
    );
    session.record({ type: 'hold', approval: hold.id, text, requirements });
  });
  const { hold, outcome } = result;
  if (outcome.kind !== 'waiting') {
    session.note({ type: 'hold-outcome', approval: hold.id, ...holdOutcomeEntry(outcome) });
  }
  if (patience.gone.aborted || downstream.sink.destroyed) return undefined;
  if (result.kind === 'refused') {
    deny(exchange, refusalOfHold(result.outcome, hold), decisions, { ...read, body });
    return undefined;
  }
  // Time has passed: rules that deny by now deny.
  const again = read.statements.map((each) => services.engine.decide(each, session.session));
  const denied = again.find(({ verdict }) => verdict === 'deny');
  if (denied === undefined) return { id: hold.id, body };
  deny(exchange, refusalOf(denied), again, { ...read, body });
  return undefined;
}

/** What an approver reads of a body: text as it is, anything else by its hash. */
function bodyText(body: Buffer): string {
  const text = readable(body);
  if (text !== undefined) return `\n${text}`;
  return `\n${body.length} bytes, sha256 ${createHash('sha256').update(body).digest('hex')}`;
}

const tooLargeToHold = (bytesMax: number): Refusal => ({
  status: 413,
  code: 'statement-too-large',
  message: `a request that waits for approval may have a body of ${bytesMax} bytes`,
});

const targetUnknown = (host: string): Refusal => ({
  status: 421,
  code: 'target-unknown',
  message: `no target is called ${host}`,
  hint: 'the first label of the name is a target of sallyport.yaml, or the name is among its hosts',
});

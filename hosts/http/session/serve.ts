// One request from its bytes to its answer: made canonical, attributed to a caller, judged, held, recorded, forwarded.

import type { Decision } from '#engine';
import { errorFields, mergeMasks } from '#engine';

import type { HttpConnection } from '../connection.ts';
import type { Downstream } from '../downstream.ts';
import { noSuchPage, ownPaths } from '../own-pages.ts';
import { badGateway, refusalOf, refuse, unjudgeable } from '../refusal.ts';
import type { Refusal } from '../refusal.ts';
import type { HttpServices } from '../services.ts';
import { textOf } from '../statement.ts';
import type { CanonicalRequest } from '../wire/index.ts';
import { canonicalise } from '../wire/index.ts';
import { maskPlanOf } from './answer-masks.ts';
import { waitForApproval } from './approval.ts';
import { answerWith, recogniseCaller } from './caller.ts';
import type { RequestEvidence } from './evidence.ts';
import { permittedEntry, refusedEntry } from './evidence.ts';
import { forward } from './forward.ts';
import type { Exchange, Permitted } from './exchange.ts';
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
    downstream.whenOver(forget);
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
  await judgeAndForward({
    services,
    connection,
    downstream,
    target,
    session,
    request: { ...request, fields: caller.fields },
    number: session.nextRequest(),
    startedAt,
    patience,
  });
}

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
  const { session, patience } = exchange;
  const permitted = await session.during(permit(exchange), () => patience.endWithSession());
  if (permitted !== undefined && !session.hasEnded) await forward(exchange, permitted);
}

/** Nothing when the request was answered otherwise; what is permitted is recorded. */
async function permit(exchange: Exchange): Promise<Permitted | undefined> {
  const { services, session } = exchange;
  const read = await readForPolicy(exchange);
  if (read.kind === 'aborted' || session.hasEnded) return undefined;
  if (read.kind === 'refused') {
    deny(exchange, read.refusal, [], undefined);
    return undefined;
  }
  const { statements } = read;
  const decisions = statements.map((each) => services.engine.decide(each, session.session));
  const denied = decisions.find(({ verdict }) => verdict === 'deny');
  if (denied !== undefined) {
    deny(exchange, refusalOf(denied), decisions, read);
    return undefined;
  }
  const permitted = permittedBy(decisions, read);
  const plan = maskPlanOf(permitted.masks, permitted.renamed);
  if ('status' in plan) {
    deny(exchange, plan, decisions, read);
    return undefined;
  }
  if (decisions.some(({ verdict }) => verdict === 'hold')) {
    return permitHeld(exchange, decisions, read);
  }
  return recordPermit(exchange, permitted, read);
}

const permittedBy = (decisions: readonly Decision[], { body, renamed }: Read): Permitted => ({
  masks: mergeMasks(
    decisions.map((each) => (each.verdict === 'deny' ? [] : each.obligations.masks)),
  ),
  body,
  decisions,
  renamed,
});

/** Nothing when it cannot be recorded: then it is not permitted. */
function recordPermit(
  exchange: Exchange,
  permitted: Permitted,
  read: Read,
  approval?: string,
): Permitted | undefined {
  const evidence = evidenceOf(exchange, read, permitted.decisions);
  try {
    exchange.session.record(permittedEntry(evidence, approval));
    return permitted;
  } catch (error) {
    failRecording(exchange, error);
    return undefined;
  }
}

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

/** Nothing when the request was answered otherwise. */
async function permitHeld(
  exchange: Exchange,
  decisions: readonly Decision[],
  read: Read,
): Promise<Permitted | undefined> {
  const result = await waitForApproval(exchange, decisions, read).catch((error: unknown) => {
    // Of all that it does only recording fails.
    failRecording(exchange, error);
    return { kind: 'gone' } as const;
  });
  switch (result.kind) {
    case 'gone':
      return undefined;
    case 'refused':
      deny(exchange, result.refusal, result.decisions, result.read);
      return undefined;
    case 'approved': {
      const { decisions: now, read: known, approval } = result;
      return recordPermit(exchange, permittedBy(now, known), known, approval);
    }
  }
}

const targetUnknown = (host: string): Refusal => ({
  status: 421,
  code: 'target-unknown',
  message: `no target is called ${host}`,
  hint: 'the first label of the name is a target of sallyport.yaml, or the name is among its hosts',
});

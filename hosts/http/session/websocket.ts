// A permitted WebSocket: opened to the target first, then relayed, each message a statement of its own.

import type { Duplex } from 'node:stream';

import type { JsonObject, MaskingRule } from '#engine';
import { UpstreamError, errorFields } from '#engine';
import { startDeadline } from '#transport';

import { messageFacts } from '../body/index.ts';
import { headText } from '../downstream.ts';
import type { MaskPlan } from '../masking/index.ts';
import { bodyMasker, defaultMaskLimits } from '../masking/index.ts';
import type { Refusal } from '../refusal.ts';
import { badGateway, refuse } from '../refusal.ts';
import { messageStatement } from '../statement.ts';
import type { MessageVerdict, StreamMessage, WebSocketEnd } from '../streams/index.ts';
import { WebSocketRelay, upgradeUpstream } from '../streams/index.ts';
import { serialiseHead } from '../wire/index.ts';
import { acceptKey } from '../wire/websocket/index.ts';
import { maskPlanOf } from './answer-masks.ts';
import { decisionsEntry, outcomeEntry } from './evidence.ts';
import type { Exchange, Permitted } from './exchange.ts';
import { outgoing } from './outgoing.ts';

const pingMs = 30_000;
const closeMsMax = 3_000;
const policyViolation = 1008;

interface Opened {
  readonly socket: Duplex;
  readonly protocol: string | undefined;
  readonly head: Buffer;
}

type Upgrade = NonNullable<Exchange['request']['upgrade']>;

export async function forwardUpgrade(
  exchange: Exchange,
  permitted: Permitted,
  upgrade: Upgrade,
): Promise<void> {
  const { downstream, session, patience } = exchange;
  const plan =
    permitted.masks.length === 0 ? undefined : maskPlanOf(permitted.masks, permitted.renamed);
  if (plan !== undefined && 'status' in plan) {
    refuseOpening(exchange, plan);
    return;
  }
  const opened = await session.during(open(exchange, upgrade), () => patience.endWithSession());
  const caller = downstream.upgrade;
  if (opened === undefined || caller === undefined) return;
  if (session.hasEnded) {
    opened.socket.destroy();
    return;
  }
  const { protocol } = opened;
  const accepted = [
    ['upgrade', 'websocket'],
    ['connection', 'upgrade'],
    ['sec-websocket-accept', acceptKey(upgrade.key)],
    ...(protocol === undefined ? [] : [['sec-websocket-protocol', protocol] as const]),
  ] as const;
  caller.socket.write(headText(101, accepted), 'latin1');
  const relay = relayOf(exchange, { ...opened, plan, masks: permitted.masks });
  const untrack = session.track(() => {
    void relay.end(policyViolation, 'the session ended');
  });
  const end = await relay.closed;
  untrack();
  noteEnd(exchange, end);
}

async function open(exchange: Exchange, upgrade: Upgrade): Promise<Opened | undefined> {
  const { services, target, request } = exchange;
  const { responseSecondsMax, headBytesMax } = services.limits;
  using deadline = startDeadline(responseSecondsMax * 1000, 'the target did not answer in time');
  const fields = outgoing(exchange, request.fields);
  try {
    const outcome = await upgradeUpstream({
      key: upgrade.key,
      protocols: upgrade.protocols,
      headBytesMax,
      connect: () => target.pools.connect(['http/1.1']),
      head: serialiseHead({ ...request, fields }, [], target.authority),
      signal: deadline.signal,
    });
    if (outcome.kind === 'upgraded') return outcome;
    refuseOpening(exchange, {
      ...badGateway(`the target answered the upgrade with ${outcome.status}`),
      // A refusal of the target's own is one to the caller; anything else is the target's fault.
      status: outcome.status >= 400 && outcome.status < 500 ? outcome.status : 502,
    });
  } catch (error) {
    services.log('upstream-failed', { target: target.config.name, ...errorFields(error) });
    const message = error instanceof UpstreamError ? error.message : 'the target failed';
    refuseOpening(exchange, badGateway(message));
  }
  return undefined;
}

function refuseOpening({ session, number, startedAt, downstream }: Exchange, refusal: Refusal) {
  const { status, message: error } = refusal;
  session.note(outcomeEntry({ request: number, startedAt, status, bytes: 0, error }));
  refuse(downstream, refusal);
}

interface Relayed extends Opened {
  readonly plan: MaskPlan | undefined;
  readonly masks: readonly MaskingRule[];
}

function relayOf(exchange: Exchange, { socket, head, plan, masks }: Relayed): WebSocketRelay {
  const known = new Set(masks.map((mask) => JSON.stringify(mask)));
  const { services, session, number, downstream } = exchange;
  const { socket: caller, head: callerHead } = downstream.upgrade ?? { socket, head };
  const { messageBytesMax, writeBufferBytesMax, streamIdleSecondsMax } = services.limits;
  return new WebSocketRelay({
    caller,
    callerHead,
    target: socket,
    targetHead: head,
    limits: {
      messageBytesMax,
      writeBufferBytesMax,
      pingMs,
      silenceMsMax: streamIdleSecondsMax * 1000,
      closeMsMax,
    },
    sweep: services.sweep,
    judge: (message) => judge(exchange, known, message),
    ...(plan === undefined
      ? {}
      : { mask: (payload: Buffer) => maskMessage(exchange, plan, payload) }),
    record: (facts) => {
      const { type, ...rest } = facts;
      session.record({ type: 'message', request: number, content: type, ...rest });
    },
  });
}

const forwards: MessageVerdict = { kind: 'forward' };

/** A message cannot wait for an approver: what would be held is refused. */
function judge(
  exchange: Exchange,
  known: ReadonlySet<string>,
  message: StreamMessage,
): MessageVerdict {
  const { services, session, request } = exchange;
  const { messages, keys } = services.reads();
  const facts = messages
    ? messageFacts(message, { keysRead: keys })
    : ({ kind: 'read', value: { ...bare(message), json: null } } as const);
  if (facts.kind === 'refused') return { kind: 'refuse', reason: facts.rule };
  const statement = messageStatement(request, facts.value, summaryOf(message));
  const decision = services.engine.decide(statement, session.session);
  if (decision.verdict === 'allow' && isCovered(decision.obligations.masks, known)) {
    return forwards;
  }
  session.note({
    type: 'message-refused',
    request: exchange.number,
    ...decisionsEntry([decision]),
  });
  const [reason] = decision.reasons;
  return { kind: 'refuse', reason: reasonText(reason?.message ?? 'refused') };
}

/** Masks are those of the request that opened the stream: others come too late. */
const isCovered = (masks: readonly MaskingRule[], known: ReadonlySet<string>): boolean =>
  masks.every((mask) => known.has(JSON.stringify(mask)));

const bare = ({ direction, type, payload }: StreamMessage) =>
  ({ direction, type, size: payload.length }) satisfies JsonObject;

const summaryOf = ({ direction, type, payload }: StreamMessage): string =>
  `${direction} ${type} message of ${payload.length} bytes`;

/** A close frame holds 123 bytes of reason (RFC 6455 §5.5). */
function reasonText(text: string): string {
  return Buffer.from(text)
    .subarray(0, 120)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
}

/** Nothing when it is no JSON: then it cannot pass. */
function maskMessage({ services }: Exchange, plan: MaskPlan, payload: Buffer): Buffer | undefined {
  const mask = services.engine.mask.bind(services.engine);
  const masker = bodyMasker('application/json', plan, mask, defaultMaskLimits);
  if ('kind' in masker) return undefined;
  try {
    return Buffer.concat([masker.push(payload), masker.end()]);
  } catch {
    return undefined;
  }
}

function noteEnd({ session, number, startedAt }: Exchange, end: WebSocketEnd): void {
  const error = end.kind === 'closed' ? undefined : describe(end);
  session.note(outcomeEntry({ request: number, startedAt, status: 101, bytes: 0, error }));
}

function describe(end: Exclude<WebSocketEnd, { readonly kind: 'closed' }>): string {
  switch (end.kind) {
    case 'vanished':
      return `the ${end.by} vanished`;
    case 'violated':
      return `the ${end.by} broke ${end.rule}`;
    case 'refused':
    case 'ended':
      return end.reason;
    case 'failed':
      return 'the gateway failed';
  }
}

// Forwards (RFC 4254 §7): each connection to elsewhere, and each listener on the target, is judged as exactly that.

import type {
  AskedGlobally,
  AskedToOpen,
  Channel,
  ChannelType,
  GlobalRequest,
} from '../guard/index.ts';
import { refusalPhrase } from '../refusal.ts';
import type { ForwardFacts } from '../statement.ts';
import { forwardStatement } from '../statement.ts';
import { carry } from './carry.ts';
import type { Asking, Connected } from './connected.ts';
import { Outcome } from './outcome.ts';
import { forwardAddress, isPort, isSocketPath } from './forward-address.ts';

type Direct = Extract<ChannelType, { readonly kind: 'direct-tcpip' | 'direct-socket' }>;
type Listen = Extract<GlobalRequest, { readonly kind: 'listen' | 'listen-socket' }>;

/** A connection that the target is to make for the caller. Never rejects. */
export async function forwardToTarget(connected: Connected, asked: AskedToOpen): Promise<void> {
  const { type, refuse } = asked;
  if (type.kind !== 'direct-tcpip' && type.kind !== 'direct-socket') {
    refuse('unknownType', 'sallyport: this kind of channel is not supported');
    return;
  }
  if (!connected.permits.has('port-forwarding')) {
    refuse('prohibited', 'sallyport: your certificate permits no forwards');
    return;
  }
  const asking = askingFor(connected);
  try {
    const place = await placeOf(connected, type);
    if (place.kind === 'refused') {
      const refusal = { code: 'statement-unsupported', message: place.message } as const;
      connected.gate.refuseUnjudged(place.text, refusal, asking);
      refuse('prohibited', refusalPhrase(refusal));
      return;
    }
    const passage = await connected.gate.pass(
      { statements: [forwardStatement(asking.asker, place.facts)], masks: 'none' },
      asking,
    );
    if (passage.kind === 'refused') {
      refuse('prohibited', refusalPhrase(passage.refusal));
      return;
    }
    const target = await connected.target();
    const leg = await target.open(place.type);
    const caller = asked.accept();
    if (caller === undefined) leg.abort();
    else await join(asking, caller, leg);
  } catch (error) {
    connected.services.log('forward-failed', {
      session: connected.session.session.id,
      error: error instanceof Error ? error.message : String(error),
    });
    refuse('connectFailed', 'sallyport: the target does not connect');
  }
}

/** A listener on the target, whose connections come back to the caller. Never rejects. */
export async function listenOnTarget(
  connected: Connected,
  { request, reply }: AskedGlobally & { readonly request: Listen },
): Promise<void> {
  if (!connected.permits.has('port-forwarding') || !isListener(request)) {
    reply({ granted: false });
    return;
  }
  const asking = askingFor(connected);
  try {
    const passage = await connected.gate.pass(
      { statements: [forwardStatement(asking.asker, listenerFacts(request))], masks: 'none' },
      asking,
    );
    if (passage.kind === 'refused') {
      reply({ granted: false });
      return;
    }
    const target = await connected.target();
    reply(await connected.listeners.open(target, request));
  } catch {
    reply({ granted: false });
  }
}

/** A connection that came to a listener of the target. Never rejects. */
export async function forwardToCaller(
  connected: Connected,
  open: (
    type: Extract<ChannelType, { readonly kind: 'forwarded-tcpip' | 'forwarded-socket' }>,
  ) => Promise<Channel>,
  asked: AskedToOpen,
): Promise<void> {
  const { type, refuse } = asked;
  if (type.kind !== 'forwarded-tcpip' && type.kind !== 'forwarded-socket') {
    refuse('unknownType', 'nothing of this kind was asked for');
    return;
  }
  try {
    if (!(await connected.listeners.expect(type))) {
      connected.services.log('forward-unasked', { session: connected.session.session.id });
      refuse('prohibited', 'nothing of this kind was asked for');
      return;
    }
    const caller = await open(type);
    const leg = asked.accept();
    if (leg === undefined) caller.abort();
    else await join(askingFor(connected), caller, leg);
  } catch {
    refuse('connectFailed', 'the client does not take it');
  }
}

function askingFor(connected: Connected): Asking {
  return {
    connected,
    asker: { user: connected.session.user, pty: false },
    channel: connected.session.nextChannel(),
    // Nobody reads: a forward has no terminal. Approvers see it, and the caller's connection waits.
    tell: () => undefined,
    gone: connected.session.ending,
  };
}

type Place =
  | { readonly kind: 'place'; readonly facts: ForwardFacts; readonly type: Direct }
  | { readonly kind: 'refused'; readonly text: string; readonly message: string };

/** The target is told the address, not the name: what it connects to is what was judged. */
async function placeOf(connected: Connected, type: Direct): Promise<Place> {
  if (type.kind === 'direct-socket') {
    const facts = { direction: 'local', host: type.path, address: '', port: 0 } as const;
    if (isSocketPath(type.path)) return { kind: 'place', facts, type };
    return { kind: 'refused', text: `forward local ${type.path}`, message: notOneSpelling };
  }
  const { port } = type;
  const host = type.host.toLowerCase();
  if (!isPort(port)) {
    return {
      kind: 'refused',
      text: `forward local ${host}:${port}`,
      message: 'there is no such port',
    };
  }
  const loopback = connected.forwardLoopback;
  const found = await forwardAddress(host, { loopback });
  if (found.kind === 'refused') {
    return { kind: 'refused', text: `forward local ${host}:${port}`, message: found.message };
  }
  const { address } = found;
  const facts = { direction: 'local', host, address, port } as const;
  return { kind: 'place', facts, type: { ...type, host: address } };
}

/** Port 0 lets the target choose; an empty address is every address (RFC 4254 §7.1). */
const isListener = (request: Listen): boolean =>
  request.kind === 'listen'
    ? (request.port === 0 || isPort(request.port)) &&
      /^[A-Za-z0-9.:*_-]{0,255}$/.test(request.address)
    : isSocketPath(request.path);

const listenerFacts = (request: Listen): ForwardFacts =>
  request.kind === 'listen'
    ? {
        direction: 'remote',
        host: request.address.toLowerCase(),
        address: '',
        port: request.port,
      }
    : { direction: 'remote', host: request.path, address: '', port: 0 };

const notOneSpelling = 'the path of a socket is absolute, without empty parts and steps upwards';

/** Bytes both ways until both sides are over; what passed is noted. */
async function join(asking: Asking, caller: Channel, target: Channel): Promise<void> {
  const { gone } = asking;
  const passed = { up: 0, down: 0 };
  const outcome = new Outcome(asking);
  const noteOutcome = (): void => {
    outcome.note({ tag: 'closed' }, () => ({ bytes: passed.down, sent: { bytes: passed.up } }));
  };
  const cut = (): void => {
    noteOutcome();
    caller.abort();
    target.abort();
  };
  gone.addEventListener('abort', cut);
  if (gone.aborted) cut();
  // Nothing goes there, and the caller hears of an end only when both streams have ended.
  caller.outputError.end();
  const count = (way: 'up' | 'down') => (chunk: Buffer) => {
    passed[way] += chunk.length;
    return chunk;
  };
  const up = carry(caller.input, target.output, count('up')).then(() => target.output.end());
  const down = carry(target.input, caller.output, count('down')).then(() => caller.output.end());
  // A side that is gone takes nothing more; what it sent before is still on its way to the other.
  void Promise.all([caller.gone, up]).then(() => target.finish());
  void Promise.all([target.gone, down]).then(() => caller.finish());
  await Promise.all([up, down, caller.gone, target.gone]);
  gone.removeEventListener('abort', cut);
  noteOutcome();
}

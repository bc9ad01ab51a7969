// A channel of the target on which something was started, with the caller's terminal and variables.

import { UpstreamError } from '#engine';

import type { Channel, ChannelRequest, GuardedTarget } from '../guard/index.ts';
import type { Asking } from './connected.ts';
import type { Prepared } from './prepared.ts';

/** @throws UpstreamError when the target says no */
export async function openOnTarget(
  { connected, counterpart }: Asking,
  { pty, env }: Pick<Prepared, 'pty' | 'env'>,
  start: Extract<ChannelRequest, { readonly kind: 'exec' | 'shell' | 'subsystem' }>,
): Promise<Channel> {
  const ahead = (await counterpart?.take()) ?? (await connected.counterparts.take());
  const channel = ahead ?? (await openSession(await connected.target()));
  for (const variable of env) channel.tell(variable);
  // Asked one behind the other without waiting: a round trip less.
  const asked = [...(pty === undefined ? [] : [channel.ask(pty)]), channel.ask(start)];
  const granted = await Promise.all(asked);
  if (granted.every(Boolean)) return channel;
  channel.abort();
  const what = start.kind === 'subsystem' ? `the subsystem ${start.name}` : 'to start it';
  throw new UpstreamError('upstream-refused', `the target refused ${what}`);
}

async function openSession(target: GuardedTarget): Promise<Channel> {
  try {
    return await target.open({ kind: 'session' });
  } catch (cause) {
    throw new UpstreamError('upstream-refused', 'the target opened no channel', { cause });
  }
}

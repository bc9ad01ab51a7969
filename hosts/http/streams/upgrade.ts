// Opens a WebSocket to a target: nothing is relayed before the whole answer has proved right (RFC 6455 §4.1).

import type { Duplex } from 'node:stream';
import { UpstreamError } from '#engine/model';
import { ByteSource } from '#transport';
import type { AskedUpgrade, UpgradeHead } from '../wire/websocket/index.ts';
import { readUpgradeHead, upgradeRules } from '../wire/websocket/index.ts';

export interface UpgradeOptions extends AskedUpgrade {
  /** A fresh, verified connection: it serves this attempt only, whatever the answer. */
  readonly connect: (signal: AbortSignal) => Promise<Duplex>;
  /** The request head as it was judged, with `key` in it and without extensions. */
  readonly head: Buffer;
  /** Bounds connecting and the answer together. */
  readonly signal: AbortSignal;
}

export type UpgradeOutcome =
  /** Anything but 101: only the status goes to the caller. */
  | { readonly kind: 'declined'; readonly status: number }
  | {
      readonly kind: 'upgraded';
      readonly socket: Duplex;
      readonly protocol: string | undefined;
      /** Frames that came with the answer. */
      readonly head: Buffer;
    };

/**
 * @throws UpstreamError of `connect`; `upstream-broken` naming the rule when the answer is not to be believed,
 *   `upstream-unreachable` when there is none in time
 */
export async function upgradeUpstream(options: UpgradeOptions): Promise<UpgradeOutcome> {
  const socket = await options.connect(options.signal);
  try {
    socket.write(options.head);
    const outcome = await readAnswer(socket, options);
    if (outcome.kind === 'declined') socket.destroy();
    return outcome;
  } catch (error) {
    socket.destroy();
    if (error instanceof UpstreamError) throw error;
    const code = options.signal.aborted ? 'upstream-unreachable' : 'upstream-broken';
    throw new UpstreamError(code, 'the target did not answer the upgrade', { cause: error });
  }
}

async function readAnswer(socket: Duplex, options: UpgradeOptions): Promise<UpgradeOutcome> {
  const source = new ByteSource(socket, options.signal);
  let received = Buffer.alloc(0);
  for (;;) {
    const chunk = await source.read();
    if (chunk === null) throw new Error('the connection ended inside the head');
    received = Buffer.concat([received, chunk]);
    const answer: UpgradeHead = readUpgradeHead(received, options);
    switch (answer.kind) {
      case 'incomplete':
        continue;
      case 'broken':
        throw new UpstreamError(
          'upstream-broken',
          `upgrade refused: ${upgradeRules[answer.rule]}`,
          {
            hint: `rule ${answer.rule}`,
          },
        );
      case 'declined':
        return answer;
      case 'upgraded': {
        const { protocol, headBytes } = answer;
        return { kind: 'upgraded', socket, protocol, head: received.subarray(headBytes) };
      }
    }
  }
}

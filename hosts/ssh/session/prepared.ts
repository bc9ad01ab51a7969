// What a channel was told before something is started on it.

import type { Channel, ChannelRequest } from '../guard/index.ts';
import type { InteractiveMode } from '../statement.ts';

export type PtyRequest = Extract<ChannelRequest, { readonly kind: 'pty' }>;
export type EnvRequest = Extract<ChannelRequest, { readonly kind: 'env' }>;

export interface Prepared {
  readonly caller: Channel;
  readonly pty: PtyRequest | undefined;
  /** Those that the policy allows. */
  readonly env: readonly EnvRequest[];
  /** The kind of shell that the caller wishes for. */
  readonly mode: InteractiveMode | undefined;
  /** Where window changes and signals go once something runs. */
  readonly follow: (target: Follower) => void;
}

type Told = Extract<ChannelRequest, { readonly kind: 'window-change' | 'signal' }>;

export interface Follower {
  readonly tell: (request: Told) => void;
}

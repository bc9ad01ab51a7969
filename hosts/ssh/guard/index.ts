// SSH connections to clients and to targets, with a bound on everything that the peer can make the gateway do.

export type { AcceptClientOptions, GuardedClient, Leg } from './accept-client.ts';
export { acceptClient } from './accept-client.ts';
export type { HostKeyVerdict } from './certified-host-key.ts';
export type { AskedOnChannel, Channel, ChannelExit, SentRequest } from './channel.ts';
export type { Dialog, LoginAnswer, LoginAttempt, LoginMethod, Prompt } from './client-login.ts';
export type { AskedGlobally, AskedToOpen, GlobalAnswer, OpenFailure } from './connection.ts';
export type { ConnectTargetOptions, GuardedTarget } from './connect-target.ts';
export { connectTarget } from './connect-target.ts';
export type { HostKeys } from './host-keys.ts';
export { hostKeysOf } from './host-keys.ts';
export type {
  ChannelRequest,
  ChannelType,
  Endpoints,
  GlobalRequest,
  TerminalSize,
} from './requests.ts';
export type { TargetCredential } from './target-login.ts';
export type { TransportEnd } from './transport.ts';
export type { ViolationRule } from './violation.ts';

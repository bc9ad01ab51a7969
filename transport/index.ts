// Sockets, TLS and backpressure, written once for all hosts; knows no protocol and no policy.

export { formatAddress, parseAddress } from './address.ts';
export type { Address } from './address.ts';
export { ByteSource } from './byte-source.ts';
export { channelBinding } from './channel-binding.ts';
export { ConnectionSlots } from './connection-slots.ts';
export { startDeadline } from './deadline.ts';
export type { Deadline } from './deadline.ts';
export { clientContext, dial, secureClient } from './dialer.ts';
export type { ClientTlsOptions, DialOptions } from './dialer.ts';
export type { OnEvent } from './event.ts';
export { Listener } from './listener.ts';
export type { DrainOutcome, ListenerOptions } from './listener.ts';
export { pump } from './pump.ts';
export { ServerTls } from './server-tls.ts';
export type { ServerTlsOptions } from './server-tls.ts';
export { StreamWriter } from './stream-writer.ts';

// Named bounds, unit last. The defaults; `limits:` in the configuration overrides them.

export const defaultLimits = {
  /** Downstream connections open at once, over all hosts. */
  connectionsMax: 500,
  /** From accept to the end of authentication. */
  loginSecondsMax: 30,
  /** One protocol message in either direction, except row and COPY data from the target. */
  messageBytesMax: 16 * 1024 * 1024,
  /** One message before the client is authenticated. */
  startupBytesMax: 80 * 1024,
  /** Statement text that is parsed; longer text is denied. */
  statementBytesMax: 256 * 1024,
  /** The facts that one evaluation can read, as JSON. */
  inputBytesMax: 64 * 1024,
  /** How deep those facts may be nested. */
  inputDepthMax: 64,
  /** Functions entered and loops taken by one evaluation; a million take up to 5 ms. */
  policyStepsMax: 5_000_000,
  /** What a policy with its documents may use of memory. */
  policyMemoryBytesMax: 256 * 1024 * 1024,
  /** What one evaluation may answer, as JSON. */
  policyResultBytesMax: 256 * 1024,
  /** How long a hold waits for an approver, whatever the rule's ttl says. */
  holdSecondsMax: 600,
  /** Bytes waiting to be written to one peer before its other side is paused. */
  writeBufferBytesMax: 256 * 1024,
  /** HTTP: a request line with its headers. */
  headBytesMax: 32 * 1024,
  /** HTTP: from the first byte of a request to the end of its headers. */
  headSecondsMax: 10,
  /** HTTP: a connection without a request on it. */
  idleSecondsMax: 60,
  /** HTTP: bytes a second of a body that is being sent, over ten seconds. */
  bodyBytesPerSecondMin: 512,
  /** HTTP: a request body that policies read, or that waits for an approver. */
  bodyBytesMax: 1024 * 1024,
  /** HTTP and SSH: how long a peer that takes no bytes of what waits for it is waited for. */
  stallSecondsMax: 60,
  /** HTTP: how long a connection waits for an approver; the hold itself waits `holdSecondsMax`. */
  heldRequestSecondsMax: 30,
  /** HTTP: connections to one target, and as many again for uploads and streams. */
  upstreamConnectionsMax: 256,
  /** HTTP: from the forwarded request to the head of its answer. */
  responseSecondsMax: 300,
  /** HTTP: an answer, or a stream, on which nothing happens. */
  streamIdleSecondsMax: 600,
  /** SSH: attempts to log in on one connection. */
  loginTriesMax: 6,
  /** SSH: from the first question in a dialog to the end of authentication: people go to their browser for the answer. */
  dialogSecondsMax: 180,
  /** SSH: channels open at once on one connection. */
  channelsMax: 32,
  /** SSH: what a peer may send ahead on one channel. */
  channelWindowBytesMax: 2 * 1024 * 1024,
  /** SSH: packets of one peer, which is read more slowly beyond it. */
  packetsPerSecondMax: 10_000,
  /** SSH: how long a peer that answers nothing is waited for; it is asked after a third of it. */
  peerSilentSecondsMax: 60,
  /** SSH: bytes in both directions under the same keys. */
  rekeyBytesMax: 1024 * 1024 * 1024,
  /** SSH: how long the same keys are used. */
  rekeySecondsMax: 3600,
  /** SSH: of each stream of a command what the recording keeps; of the rest it has the hash. */
  execEvidenceBytesMax: 256 * 1024,
  /** SSH: what an interactive session shows, all of which is recorded; then it must end. */
  terminalEvidenceBytesMax: 256 * 1024 * 1024,
  /** SSH: a connection on whose channels nothing happens. */
  sshIdleSecondsMax: 4 * 3600,
  /** SSH: a connection from its login to its end. */
  sshSessionSecondsMax: 24 * 3600,
  /** How long `up` waits for open sessions when told to stop. */
  drainSecondsMax: 20,
} as const;

export type Limits = { readonly [Name in keyof typeof defaultLimits]: number };

// The connection to a target, for one session: who it must be, and as whom the gateway comes.

import type { Limits } from '#engine';
import { UpstreamError } from '#engine';
import { dial, startDeadline } from '#transport';

import type { AskedToOpen, GuardedTarget } from './guard/index.ts';
import { connectTarget } from './guard/index.ts';
import type { SshSession } from './session/ssh-session.ts';
import type { Target } from './upstream/index.ts';

export interface DialTargetOptions {
  readonly session: SshSession;
  readonly limits: Limits;
  /** Connections that came to a listener on the target. */
  readonly onOpen: (asked: AskedToOpen) => void;
  /** Once, also when it was never reached. */
  readonly onEnd: () => void;
}

/** @throws UpstreamError */
export async function dialTarget(
  { config, host, credentialFor }: Target,
  { session, limits, onOpen, onEnd }: DialTargetOptions,
): Promise<GuardedTarget> {
  using deadline = startDeadline(
    limits.loginSecondsMax * 1000,
    'the target did not answer in time',
  );
  const { host: name, port } = config;
  const { signal } = deadline;
  const socket = await dial({ address: { host: name, port }, signal, passingReads: true });
  let distrust: string | undefined;
  try {
    return await connectTarget(socket, {
      username: session.user,
      credential: credentialFor(session.user, session.session),
      hostKeyAlgorithms: host.algorithms,
      verifyHostKey: (key) => {
        const verdict = host.verify(key);
        if (verdict.kind === 'trusted') return verdict.certified ?? true;
        distrust = verdict.why;
        return false;
      },
      ...{ limits, onOpen, onEnd },
    });
  } catch (error) {
    if (distrust === undefined) throw error;
    throw new UpstreamError('upstream-untrusted', `the target is not trusted: ${distrust}`, {
      hint: 'compare it with the keys that the configuration names; verification cannot be skipped',
      cause: error,
    });
  }
}

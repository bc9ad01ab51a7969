// An exec request: judged as what it is, then run on the target as it was written.

import type { EvidenceOptions } from '../output/index.ts';
import { OutputEvidence } from '../output/index.ts';
import type { Refusal } from '../refusal.ts';
import { refusedStatus, scpRefusal } from '../refusal.ts';
import type { Asking } from './connected.ts';
import { relayScp, relaySftp } from './file-relay.ts';
import type { Asked } from './gate.ts';
import { readCommandLineAgain } from './known-lines.ts';
import { openOnTarget } from './open-on-target.ts';
import { relay } from './relay.ts';
import type { Prepared } from './prepared.ts';
import { maskReachOf } from './ruling.ts';

/** @throws UpstreamError when the target cannot run it. */
export async function runCommandLine(
  asking: Asking,
  prepared: Prepared,
  command: Buffer,
): Promise<Refusal | undefined> {
  const { gate } = asking.connected;
  const line = readCommandLineAgain(command, asking.asker);
  if (line.kind === 'refused') {
    gate.refuseUnjudged(line.text, line.refusal, asking);
    return line.refusal;
  }
  if (line.kind === 'sftp') return relaySftp(asking, prepared);
  const asked: Asked =
    line.kind === 'command'
      ? { statements: [line.statement], masks: 'output' }
      : { statements: line.statements, masks: maskReachOf(line.transfer.facts) };
  const passage = await gate.pass(asked, asking);
  if (passage.kind === 'refused') {
    if (line.kind !== 'transfer' || line.transfer.kind !== 'scp') return passage.refusal;
    prepared.caller.output.write(scpRefusal(passage.refusal));
    prepared.caller.finish({ kind: 'exit-status', status: refusedStatus });
    return undefined;
  }
  const start = { kind: 'exec', command } as const;
  if (line.kind === 'transfer' && line.transfer.kind === 'scp') {
    return relayScp(asking, prepared, { start, ...line.transfer });
  }
  const target = await openOnTarget(asking, prepared, start);
  prepared.follow(target);
  const { services, hashesOutput } = asking.connected;
  const evidence = evidenceOf(asking, {
    bytesMax: services.limits.execEvidenceBytesMax,
    // What rsync and git put out is the content of files.
    hashesRest: hashesOutput || line.kind === 'transfer',
  });
  const { masks } = passage;
  await relay({ asking, caller: prepared.caller, target, masks, evidence });
  return undefined;
}

/** What is kept of the output on a channel. */
export function evidenceOf(
  { connected, channel }: Asking,
  bounds: Pick<EvidenceOptions, 'bytesMax' | 'hashesRest'>,
): OutputEvidence {
  return new OutputEvidence({
    ...bounds,
    ...{ recorder: connected.session, channel, defer: setImmediate },
    failed: (error) => {
      connected.fail(error);
    },
  });
}

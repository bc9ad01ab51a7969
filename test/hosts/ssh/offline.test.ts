import { describe, expect, it } from '@jest/globals';

import type { Allow, Session } from '#engine';
import { decisionId, sessionId } from '#engine';

import { judgeCommandOffline } from '../../../hosts/ssh/index.ts';

const session: Session = {
  id: sessionId('offline'),
  host: 'ssh',
  principal: { id: 'ada', kind: 'human', groups: [] },
  target: { name: 'box', labels: {} },
  client: '192.0.2.1',
  clientPort: 40000,
  application: '',
  startedAt: 0,
};

const masked: Allow = {
  ...{ verdict: 'allow', id: decisionId('1'), revision: '', reasons: [] },
  obligations: { masks: [{ detect: 'email', strategy: 'fixed' }], infer: [], budget: {} },
};

const refusalOf = (text: string): string | undefined =>
  judgeCommandOffline({ decide: () => masked, session, user: 'deploy', text })?.code;

describe('a command without its target, under a mask', () => {
  it.each([
    ['cat /srv/list', undefined],
    ['scp -t /srv/list', undefined],
    ['scp -f /srv/list', 'mask-unsupported'],
    ["git-receive-pack '/srv/a.git'", undefined],
    ["git-upload-pack '/srv/a.git'", 'mask-unsupported'],
  ])('%s is refused as by the gateway: %s', (text, code) => {
    expect(refusalOf(text)).toBe(code);
  });
});

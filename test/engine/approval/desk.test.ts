import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { ApprovalDesk } from '../../../engine/approval/index.ts';
import type { HoldRequest } from '../../../engine/approval/index.ts';
import type { Principal } from '../../../engine/model/index.ts';
import { approvalId } from '../../../engine/model/index.ts';

const person = (id: string, ...groups: string[]): Principal => ({ id, kind: 'human', groups });
const ada = person('ada', 'engineering');
const requirement = (groups: string[], quorum = 1) => ({
  rule: 'rules.postgres.production',
  message: 'DELETE without WHERE',
  groups,
  quorum,
});
const request = (...requirements: ReturnType<typeof requirement>[]): HoldRequest => ({
  requester: ada,
  session: 's',
  target: 'shop',
  statement: 'DELETE FROM orders',
  requirements,
  ttlSeconds: 60,
});
const yes = { approve: true, note: '' };

describe('ApprovalDesk', () => {
  let desk: ApprovalDesk;

  beforeEach(() => {
    jest.useFakeTimers({ now: 1000 });
    let count = 0;
    desk = new ApprovalDesk({ now: Date.now, nextId: () => approvalId(`a-${(count += 1)}`) });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('approves when a member of a required group says yes', async () => {
    const hold = desk.open(request(requirement(['dba'])));
    expect(desk.list().map((held) => held.id)).toEqual([hold.id]);
    expect(desk.answer(hold.id, person('grace', 'dba'), yes)).toEqual({
      kind: 'taken',
      settled: true,
    });
    expect((await hold.outcome).kind).toBe('approved');
    expect(desk.list()).toEqual([]);
  });

  it('refuses strangers, the requester, second answers and unknown holds', () => {
    const hold = desk.open(request(requirement(['dba', 'engineering'], 2)));
    const refused = (who: Principal) => desk.answer(hold.id, who, yes);
    expect(refused(person('eve', 'sales'))).toEqual({ kind: 'refused', why: 'not-an-approver' });
    expect(refused(ada)).toEqual({ kind: 'refused', why: 'own-request' });
    expect(refused(person('grace', 'dba'))).toEqual({ kind: 'taken', settled: false });
    expect(refused(person('grace', 'dba'))).toEqual({ kind: 'refused', why: 'answered-already' });
    expect(desk.answer(approvalId('a-9'), person('grace', 'dba'), yes)).toEqual({
      kind: 'refused',
      why: 'unknown-hold',
    });
  });

  it('needs every requirement and the largest quorum of them', async () => {
    const hold = desk.open(request(requirement(['dba'], 2), requirement(['security'])));
    const settled: string[] = [];
    void hold.outcome.then((outcome) => settled.push(outcome.kind));
    for (const [id, group] of [
      ['grace', 'dba'],
      ['linus', 'dba'],
      ['mallory', 'security'],
    ] as const) {
      desk.answer(hold.id, person(id, group), yes);
      await Promise.resolve();
      expect(settled).toEqual([]);
    }
    desk.answer(hold.id, person('trent', 'security'), yes);
    expect((await hold.outcome).kind).toBe('approved');
  });

  it('denies at the first no', async () => {
    const hold = desk.open(request(requirement(['dba'], 2)));
    desk.answer(hold.id, person('grace', 'dba'), yes);
    desk.answer(hold.id, person('linus', 'dba'), { approve: false, note: 'not today' });
    expect(await hold.outcome).toEqual({ kind: 'denied', by: 'linus', note: 'not today' });
  });

  it('times out after its ttl, and a late yes changes nothing', async () => {
    const hold = desk.open(request(requirement(['dba'])));
    jest.advanceTimersByTime(60_000);
    expect(await hold.outcome).toEqual({ kind: 'timeout' });
    expect(desk.answer(hold.id, person('grace', 'dba'), yes).kind).toBe('refused');
  });

  it('ends when the requester goes away', async () => {
    const hold = desk.open(request(requirement(['dba'])));
    hold.cancel();
    expect(await hold.outcome).toEqual({ kind: 'cancelled' });
    expect(jest.getTimerCount()).toBe(0);
  });
});

import { describe, expect, it } from '@jest/globals';

import { CancelKeys } from '../../../hosts/postgres/cancel-keys.ts';

describe('cancel keys', () => {
  it('cancel the session that they were given to, and no other', () => {
    const keys = new CancelKeys();
    const cancelled: string[] = [];
    const one = keys.issue(() => cancelled.push('one'));
    const two = keys.issue(() => cancelled.push('two'));
    expect(one.processId).not.toBe(two.processId);
    keys.cancel({ kind: 'cancel', processId: two.processId, secretKey: two.secretKey });
    expect(cancelled).toEqual(['two']);
  });

  it('do nothing when wrong, unknown or of another length', () => {
    const keys = new CancelKeys();
    let cancelled = false;
    const key = keys.issue(() => (cancelled = true));
    const wrong = Buffer.from(key.secretKey);
    wrong[0]! ^= 1;
    const longer = Buffer.concat([key.secretKey, Buffer.alloc(1)]);
    for (const secretKey of [wrong, longer, key.secretKey.subarray(1), Buffer.alloc(0)]) {
      keys.cancel({ kind: 'cancel', processId: key.processId, secretKey });
    }
    keys.cancel({ kind: 'cancel', processId: key.processId ^ 1, secretKey: key.secretKey });
    expect(cancelled).toBe(false);
  });

  it('mean nothing after the session has ended', () => {
    const keys = new CancelKeys();
    let cancelled = false;
    const key = keys.issue(() => (cancelled = true));
    key.release();
    keys.cancel({ kind: 'cancel', processId: key.processId, secretKey: key.secretKey });
    expect(cancelled).toBe(false);
  });

  it('fit protocol 3.0 and differ', () => {
    const keys = new CancelKeys();
    const issued = Array.from({ length: 200 }, () => keys.issue(() => undefined));
    expect(issued.every(({ secretKey }) => secretKey.length === 4)).toBe(true);
    expect(issued.every(({ processId }) => processId > 0)).toBe(true);
    expect(new Set(issued.map(({ secretKey }) => secretKey.toString('hex'))).size).toBeGreaterThan(
      190,
    );
  });
});

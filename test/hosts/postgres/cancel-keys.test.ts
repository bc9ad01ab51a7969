import { describe, expect, it } from '@jest/globals';

import { CancelKeys } from '../../../hosts/postgres/cancel-keys.ts';

describe('cancel keys', () => {
  it('cancel the session that they were given to, and no other', () => {
    const keys = new CancelKeys();
    const cancelled: string[] = [];
    const one = keys.issue(0x30000, () => cancelled.push('one'));
    const two = keys.issue(0x30000, () => cancelled.push('two'));
    expect(one.processId).not.toBe(two.processId);
    keys.cancel({ kind: 'cancel', processId: two.processId, secretKey: two.secretKey });
    expect(cancelled).toEqual(['two']);
  });

  it('do nothing when wrong, unknown or of another length', () => {
    const keys = new CancelKeys();
    let cancelled = false;
    const key = keys.issue(0x30000, () => (cancelled = true));
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
    const key = keys.issue(0x30000, () => (cancelled = true));
    key.release();
    keys.cancel({ kind: 'cancel', processId: key.processId, secretKey: key.secretKey });
    expect(cancelled).toBe(false);
  });

  it('are long since protocol 3.2', () => {
    const keys = new CancelKeys();
    let cancelled = false;
    const { processId, secretKey } = keys.issue(0x30002, () => (cancelled = true));
    expect(secretKey).toHaveLength(32);
    keys.cancel({ kind: 'cancel', processId, secretKey: secretKey.subarray(0, 4) });
    expect(cancelled).toBe(false);
    keys.cancel({ kind: 'cancel', processId, secretKey });
    expect(cancelled).toBe(true);
  });

  it('fit protocol 3.0 and differ', () => {
    const keys = new CancelKeys();
    const issued = Array.from({ length: 200 }, () => keys.issue(0x30000, () => undefined));
    expect(issued.every(({ secretKey }) => secretKey.length === 4)).toBe(true);
    expect(issued.every(({ processId }) => processId > 0)).toBe(true);
    expect(new Set(issued.map(({ secretKey }) => secretKey.toString('hex'))).size).toBeGreaterThan(
      190,
    );
  });
});

// Replies in the order of the questions, and not too many questions.

import { describe, expect, it } from '@jest/globals';

import { Allowance } from '../../../../hosts/ssh/guard/allowance.ts';
import { OwedReplies } from '../../../../hosts/ssh/guard/owed-replies.ts';

describe('owed replies', () => {
  it('keep the order of the questions', () => {
    const sent: string[] = [];
    const owed = new OwedReplies<string>((answer) => sent.push(answer));
    const [first, second, third] = [owed.owe(), owed.owe(), owed.owe()];
    third('3');
    expect(sent).toEqual([]);
    first('1');
    expect(sent).toEqual(['1']);
    second('2');
    expect(sent).toEqual(['1', '2', '3']);
  });

  it('count the first answer only', () => {
    const sent: boolean[] = [];
    const owed = new OwedReplies<boolean>((answer) => sent.push(answer));
    const reply = owed.owe();
    reply(false);
    reply(true);
    expect(sent).toEqual([false]);
  });

  it('are bounded', () => {
    const owed = new OwedReplies<boolean>(() => undefined);
    expect(() => Array.from({ length: 65 }, () => owed.owe())).toThrow('too many questions');
  });

  it('are sent to nobody who has gone', () => {
    const sent: boolean[] = [];
    const owed = new OwedReplies<boolean>((answer) => sent.push(answer));
    const reply = owed.owe();
    owed.forget();
    reply(true);
    expect(sent).toEqual([]);
  });
});

describe('an allowance', () => {
  it('lasts for a burst, and fills with time', () => {
    const allowance = new Allowance({ perSecond: 10, burst: 5, now: 0 });
    expect(allowance.take(5, 0)).toBe(0);
    expect(allowance.take(1, 0)).toBe(100);
    expect(allowance.take(0, 100)).toBe(0);
    expect(allowance.take(2, 100)).toBe(200);
    expect(allowance.take(5, 60_000)).toBe(0);
    expect(allowance.take(1, 60_000)).toBe(100);
  });
});

import { describe, expect, it } from '@jest/globals';

import { NameTable } from '../../../../hosts/postgres/session/names.ts';

interface Entry {
  readonly is: string;
  readonly bytes: number;
}

const entry = (is: string, bytes = 1): Entry => ({ is, bytes });
const table = (namesMax = 10, bytesMax = 100): NameTable<Entry> =>
  new NameTable<Entry>({ namesMax, bytesMax });

describe('names of prepared statements and portals', () => {
  it('count at once for what follows, for good when confirmed', () => {
    const names = table();
    names.expect('s', entry('one'));
    expect(names.lookup('s')?.is).toBe('one');
    names.confirm();
    expect(names.lookup('s')?.is).toBe('one');
    expect(names.size).toBe(1);
  });

  it('fall back to what the server has when what was sent is skipped', () => {
    const names = table();
    names.expect('s', entry('one'));
    names.confirm();
    names.expect('s', entry('two'));
    names.expect('t', entry('three'));
    names.expect('u', entry('behind Sync'));
    names.discard(2);
    expect(names.lookup('s')?.is).toBe('one');
    expect(names.lookup('t')).toBeUndefined();
    expect(names.lookup('u')?.is).toBe('behind Sync');
  });

  it('are open behind a Sync until the server has said what became of them', () => {
    const names = table();
    names.expect('s', entry('one'));
    expect(names.isSettled('s')).toBe(true);
    names.endSection();
    expect(names.isSettled('s')).toBe(false);
    expect(names.isSettled('t')).toBe(true);
    names.expect('t', entry('two'));
    expect(names.isSettled('t')).toBe(true);
    names.confirm();
    expect(names.isSettled('s')).toBe(true);
    names.endSection();
    names.discard(1);
    expect(names.isSettled('t')).toBe(true);
  });

  it.each([
    ['a', 63, true],
    ['a', 62, false],
    ['é', 32, true],
    ['é', 31, false],
  ])('are the same where the server cuts them: %s, %i times', (letter, times, isSame) => {
    const names = table();
    const long = letter.repeat(times);
    names.expect(`${long}x`, entry('one'));
    names.confirm();
    expect(names.lookup(`${long}y`)?.is).toBe(isSame ? 'one' : undefined);
    names.expect(`${long}y`, undefined);
    names.confirm();
    expect(names.lookup(`${long}x`)?.is).toBe(isSame ? undefined : 'one');
  });

  it('can be given and taken outside of the pipeline', () => {
    const names = table();
    names.set('s', entry('one'));
    names.set('t', entry('two'));
    expect(names.lookup('s')?.is).toBe('one');
    names.set('s', undefined);
    expect(names.lookup('s')).toBeUndefined();
    names.set('u', entry('three'));
    names.drop(({ is }) => is === 'two');
    expect([names.lookup('t')?.is, names.lookup('u')]).toEqual(['two', undefined]);
    expect(names.hasForgotten).toBe(false);
    for (let count = 0; count < 11; count += 1) names.set(`n${count}`, entry('many'));
    expect(names.hasForgotten).toBe(true);
  });

  it('stand for nothing once closed, even before the server says so', () => {
    const names = table();
    names.expect('s', entry('one'));
    names.confirm();
    names.expect('s', undefined);
    expect(names.lookup('s')).toBeUndefined();
    names.discard(1);
    expect(names.lookup('s')?.is).toBe('one');
    names.expect('s', undefined);
    names.confirm();
    expect(names.lookup('s')).toBeUndefined();
    expect(names.size).toBe(0);
  });

  it('take the newest of several that are under way', () => {
    const names = table();
    for (const is of ['one', 'two', 'three']) names.expect('', entry(is));
    expect(names.lookup('')?.is).toBe('three');
    names.confirm();
    names.discard(2);
    expect(names.lookup('')?.is).toBe('one');
  });

  it('make room for newer ones, the oldest first', () => {
    const names = table(2);
    for (const name of ['a', 'b', 'a', 'c']) {
      names.expect(name, entry(name));
      names.confirm();
    }
    expect(names.size).toBe(2);
    expect(names.lookup('b')).toBeUndefined();
    expect(names.lookup('a')?.is).toBe('a');
  });

  it('are bounded by what they keep, and give back what they no longer do', () => {
    const names = table(10, 100);
    for (let round = 0; round < 50; round += 1) {
      names.expect('same', entry('same', 60));
      names.confirm();
    }
    expect(names.size).toBe(1);
    names.expect('other', entry('other', 60));
    names.confirm();
    expect(names.lookup('same')).toBeUndefined();
    expect(names.lookup('other')?.is).toBe('other');
    names.drop();
    names.expect('large', entry('large', 100));
    names.confirm();
    expect(names.size).toBe(1);
  });

  it('dropped by the server leave what is under way alone', () => {
    const names = table();
    names.expect('old', entry('old'));
    names.confirm();
    names.expect('new', entry('new'));
    names.drop();
    expect(names.lookup('old')).toBeUndefined();
    expect(names.lookup('new')?.is).toBe('new');
  });
});

import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

const read = (path: string) =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

describe('the page about logging in over SSH', () => {
  it('explains every rule that refuses a login, and no other', () => {
    const [, union = ''] =
      /export type LoginRule =([^;]+);/.exec(read('hosts/ssh/login/key-login.ts')) ?? [];
    const declared = Array.from(union.matchAll(/'([a-z-]+)'/g), ([, name]) => name);
    const page = read('docs/reference/ssh-login.md')
      .split(/^## /m)
      .find((each) => each.startsWith('Why'));
    const documented = Array.from((page ?? '').matchAll(/^\| `([a-z-]+)`/gm), ([, name]) => name);
    expect(declared.length).toBeGreaterThan(10);
    expect(documented.sort()).toEqual(declared.sort());
  });
});

import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { requestRules, responseRules } from '../../../../hosts/http/wire/index.ts';

const page = readFileSync(
  new URL('../../../../docs/reference/http-rules.md', import.meta.url),
  'utf8',
);
const rows = [...page.matchAll(/^\| `([a-z0-9.-]+)` +\| (.+?) +\|$/gm)].map(
  ([, rule = '', text = '']) => [rule, text.replaceAll('\\', '')],
);

describe('docs/reference/http-rules.md', () => {
  it('has every rule in its words, and no other', () => {
    expect(rows).toEqual([...Object.entries(requestRules), ...Object.entries(responseRules)]);
  });
});

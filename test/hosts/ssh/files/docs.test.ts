import { readFileSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { channelRules, fileOperations, requestRules } from '../../../../hosts/ssh/files/index.ts';
import { extensionVersions } from '../../../../hosts/ssh/files/sftp/extensions.ts';

const page = readFileSync(
  new URL('../../../../docs/reference/ssh-files.md', import.meta.url),
  'utf8',
);
const rows = [...page.matchAll(/^\| `([a-z0-9@.-]+)` +\| (.+?) +\|$/gm)].map(
  ([, name = '', text = '']) => [name, text.replaceAll('\\', '')],
);

describe('docs/reference/ssh-files.md', () => {
  it('has every operation, extension and rule in its words, and no other', () => {
    expect(rows).toEqual([
      ...Object.entries(fileOperations),
      ...Object.entries(extensionVersions),
      ...Object.entries(requestRules).map(([rule, [, text]]) => [rule, text]),
      ...Object.entries(channelRules),
    ]);
  });
});

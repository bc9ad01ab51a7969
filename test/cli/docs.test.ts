import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { describe, expect, it } from '@jest/globals';

import { exitCodes } from '../../cli/exit-codes.ts';
import { defaultLimits } from '../../engine/model/index.ts';
import { cli } from './run-cli.ts';

const reference = (name: string) =>
  readFileSync(new URL(`../../docs/reference/${name}.md`, import.meta.url), 'utf8');

const cliPage = reference('cli');

describe('the reference of the command line', () => {
  it.each([
    'up',
    'check',
    'test',
    'fmt',
    'eval',
    'approvals list',
    'approvals approve',
    'approvals deny',
    'sessions list',
    'sessions show',
    'sessions verify',
    'token',
    'ssh-config',
    'demo',
  ])('names every option of %s', async (name) => {
    const command = name.split(' ');
    const { out } = await cli([...command, '--help'], { cwd: tmpdir() });
    const options = Array.from(out.matchAll(/^ +(?:-h, )?--([a-z-]+) /gm), ([, name]) => name);
    const section = cliPage.split(/^## /m).find((each) => each.startsWith(`${command[0] ?? ''}\n`));
    expect(options).toContain('help');
    for (const option of options) {
      if (option === 'help' || option === 'version') continue;
      expect(section).toContain(`--${option ?? ''}`);
    }
    expect(section).toContain(`sallyport ${name}`);
  });

  it('names every exit code', () => {
    const table = cliPage.split('## Exit codes')[1]?.split('\n## ')[0] ?? '';
    const documented = Array.from(table.matchAll(/^\| (\d+) +\|/gm), ([, code]) => Number(code));
    expect(documented).toEqual(Object.values(exitCodes).sort((one, other) => one - other));
  });
});

describe('the reference of limits', () => {
  it.each(Object.entries(defaultLimits))('gives the default of %s', (name, value) => {
    const row = reference('limits')
      .split('\n')
      .find((line) => line.startsWith(`| \`${name}\``));
    expect(row?.split('|')[2]).toMatch(new RegExp(`^ ${String(value)}\\b`));
  });
});

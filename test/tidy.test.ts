// The house rules that linters cannot hold.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { pageWithGraph } from '../docs/graph.ts';
import { defaultLimits, reasonCodes } from '../engine/model/index.ts';
import configSchema from '../schemas/config.json' with { type: 'json' };
import principalsSchema from '../schemas/principals.json' with { type: 'json' };
import sshKeysSchema from '../schemas/ssh-keys.json' with { type: 'json' };
import sshRevokedSchema from '../schemas/ssh-revoked.json' with { type: 'json' };
import tokensSchema from '../schemas/tokens.json' with { type: 'json' };

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const code = tracked.filter(
  (path) =>
    /\.(ts|go|rego)$/.test(path) && !path.includes('/generated/') && !path.endsWith('.d.ts'),
);
const sources = code.filter((path) => /^(engine|transport|hosts|control|cli|lab)\//.test(path));
const linesMax = 400;

/** Property names of a JSON Schema, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) =>
    name === 'properties' ? Object.keys(value as object).concat(keysOf(value)) : keysOf(value),
  );
}

/** Every literal of the `…ErrorCode` unions. */
function errorCodes(): string[] {
  return Array.from(
    read('engine/model/errors.ts').matchAll(/'([a-z]+(?:-[a-z]+)+)'/g),
    ([, code]) => code ?? '',
  );
}

describe('the house', () => {
  it('has no file that is too long to read', () => {
    const long = code.filter((path) => read(path).split('\n').length - 1 > linesMax);
    expect(long).toEqual([]);
  });

  it('says in the first line of each source file what it is for', () => {
    const silent = sources.filter((path) => {
      const first =
        read(path)
          .split('\n')
          .find((line) => line !== '' && !/^(#!|\/\/go:)/.test(line)) ?? '';
      return !/^(\/\/|#) \S/.test(first);
    });
    expect(silent).toEqual([]);
  });

  it('leaves no work for later and no rule switched off', () => {
    const marks = /\b(TODO|FIXME|XXX)\b|eslint-disable|@ts-(ignore|expect-error)|\.(only|skip)\(/;
    const marked = code.filter(
      (path) =>
        !path.endsWith('tidy.test.ts') &&
        path !== 'test/support/describe-if.ts' &&
        marks.test(read(path)),
    );
    expect(marked).toEqual([]);
  });

  it('draws its rooms as the imports have them: npm run graph', async () => {
    const { now, due } = await pageWithGraph();
    expect(due.replace(/\s+/g, ' ')).toBe(now.replace(/\s+/g, ' '));
  });

  it('has a test beside every file of example policies', () => {
    const policies = tracked.filter((path) => /^policies\/examples\/.*\.rego$/.test(path));
    const rules = policies.filter((path) => !path.endsWith('_test.rego'));
    expect(rules).not.toEqual([]);
    expect(rules.filter((path) => !policies.includes(path.replace('.rego', '_test.rego')))).toEqual(
      [],
    );
  });
});

describe('the documentation', () => {
  it('explains every reason, and no other', () => {
    const documented = [...read('docs/reference/reasons.md').matchAll(/^\| `([a-z-]+)`/gm)];
    expect(documented.map(([, name]) => name).sort()).toEqual(Object.keys(reasonCodes).sort());
  });

  it('explains every error code, and no other', () => {
    const declared = errorCodes();
    const documented = [...read('docs/reference/errors.md').matchAll(/^\|[^|]*\| `([a-z-]+)`/gm)];
    expect(documented.map(([, name]) => name).sort()).toEqual(declared.sort());
  });

  it('explains every code of a mistake in a policy', () => {
    const declared = tracked
      .filter((path) => /^engine\/policy\/compiler\/[^/]+\.go$/.test(path))
      .flatMap((path) => [...read(path).matchAll(/\.(?:add|report)\("([a-z]+-[a-z]+)"/g)])
      .map(([, code]) => code ?? '');
    const own = [...read('docs/reference/diagnostics.md').matchAll(/^\| `([a-z]+-[a-z]+)`/gm)];
    expect(own.map(([, code]) => code)).toEqual(
      expect.arrayContaining(declared.filter((code) => code !== '')),
    );
    expect(declared).toEqual(expect.arrayContaining(own.map(([, code]) => code)));
  });

  it('explains every key of the configuration and of the files that it names', () => {
    const page = read('docs/reference/config.md');
    const schemas = [configSchema, tokensSchema, principalsSchema, sshKeysSchema, sshRevokedSchema];
    const keys = schemas.flatMap(keysOf);
    expect(keys.filter((key) => !page.includes(key) && !(key in defaultLimits))).toEqual([]);
  });

  it('explains every limit with its default', () => {
    const page = read('docs/reference/limits.md');
    expect(Object.keys(defaultLimits).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('names no reason or error code that the code does not use', () => {
    const text = sources
      .filter((path) => !/model\/(reasons|errors)\.ts$/.test(path))
      .concat(tracked.filter((path) => path.startsWith('policies/lib/')))
      .map(read)
      .join('\n');
    const codes = [...Object.keys(reasonCodes), ...errorCodes()];
    const used = (name: string) => text.includes(`'${name}'`) || text.includes(`"${name}"`);
    expect(codes.filter((name) => !used(name))).toEqual([]);
  });

  it('links only to files that exist', () => {
    const broken = tracked
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...read(path).matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)]
          .map(([, target]) => join(path, '..', target ?? ''))
          .filter((target) => !existsSync(join(root, target)))
          .map((target) => `${path}: ${target}`),
      );
    expect(broken).toEqual([]);
  });

  it('keeps the README under 150 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThan(150);
  });
});

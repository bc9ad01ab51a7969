// OPA's compliance cases, from the module cache of Go: what was fetched to build the toolchain has them.

import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { parse } from 'yaml';

/** As in OPA's `v1/test/cases`; numbers are bigints where they are whole. */
export interface ComplianceCase {
  readonly folder: string;
  readonly note: string;
  readonly query: string;
  readonly modules: readonly string[];
  /** JSON text. */
  readonly data: string;
  /** A term, '' where there is no input. */
  readonly input: string;
  /** The bindings of each result; absent where only definedness is said. */
  readonly wantResult?: readonly unknown[];
  readonly wantDefined?: boolean;
  readonly wantError: boolean;
  /** The error is one that only OPA's strict mode makes of an undefined builtin. */
  readonly strictError: boolean;
  /** Lists in bindings are sets. */
  readonly sortBindings: boolean;
}

interface Document {
  readonly cases?: readonly Readonly<Record<string, unknown>>[];
}

const compilerDirectory = join(import.meta.dirname, '../../engine/policy/compiler');

/** Where the cases are; nothing where there is no Go or its cache has no OPA. */
export function casesDirectory(): string | undefined {
  const args = ['list', '-m', '-f', '{{.Dir}}', 'github.com/open-policy-agent/opa'];
  // What is not there is not fetched.
  const env = { ...process.env, GOPROXY: 'off', GOFLAGS: '', GOTOOLCHAIN: 'local' };
  try {
    const options = { cwd: compilerDirectory, encoding: 'utf8', env, stdio: 'pipe' } as const;
    const directory = execFileSync('go', args, options).trim();
    return directory === '' ? undefined : join(directory, 'v1/test/cases/testdata/v1');
  } catch {
    return undefined;
  }
}

export const readCases = (directory: string): readonly ComplianceCase[] =>
  globSync('**/*.yaml', { cwd: directory })
    .sort()
    .flatMap((path) => {
      const text = readFileSync(join(directory, path), 'utf8');
      const { cases = [] } = parse(text, { intAsBigInt: true, maxAliasCount: -1 }) as Document;
      return cases.map((each) => caseOf(basename(dirname(path)), each));
    });

function caseOf(folder: string, each: Readonly<Record<string, unknown>>): ComplianceCase {
  const term = each['input_term'];
  const wantResult = each['want_result'];
  const wantDefined = each['want_defined'];
  return {
    folder,
    note: String(each['note']),
    query: String(each['query']),
    modules: (each['modules'] ?? []) as readonly string[],
    data: jsonText(each['data'] ?? {}),
    input: typeof term === 'string' ? term : 'input' in each ? jsonText(each['input']) : '',
    ...(Array.isArray(wantResult) ? { wantResult: wantResult as readonly unknown[] } : {}),
    ...(typeof wantDefined === 'boolean' ? { wantDefined } : {}),
    wantError: 'want_error' in each || 'want_error_code' in each,
    strictError: each['strict_error'] === true,
    sortBindings: each['sort_bindings'] === true,
  };
}

/** JSON that keeps whole numbers as they were written. */
export function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonText).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, of]) => `${JSON.stringify(name)}:${jsonText(of)}`,
    );
    return `{${members.join()}}`;
  }
  return JSON.stringify(value);
}

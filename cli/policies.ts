// The policies of a configuration, loaded as the gateway loads them but without one: for check and eval.

import { join, relative } from 'node:path';

import type { Config, LoadOutcome, PolicyFile } from '#engine';
import { Compiler, PolicyEngine, decisionId, readBundle } from '#engine';
import type { Finding } from './diagnostics.ts';

export interface LoadedPolicies {
  readonly compiler: Compiler;
  readonly policies: PolicyEngine;
  readonly files: readonly PolicyFile[];
  readonly outcome: LoadOutcome;
}

/**
 * The caller closes `compiler`.
 *
 * @throws PolicyError when the directory cannot be read or the toolchain fails.
 */
export async function loadPolicies(
  config: Config,
  now: () => number = Date.now,
): Promise<LoadedPolicies> {
  const files = await readBundle(config.policies);
  const compiler = new Compiler({ cacheDirectory: join(config.state, 'compiled') });
  try {
    let count = 0;
    const policies = new PolicyEngine({
      compiler,
      limits: config.limits,
      now,
      nextDecisionId: () => decisionId(`eval-${String((count += 1))}`),
    });
    return { compiler, policies, files, outcome: await policies.load(files) };
  } catch (error) {
    await compiler.close();
    throw error;
  }
}

/** Why a bundle was rejected; files as the working directory sees them. */
export function findingsOf(outcome: LoadOutcome, directory: string): readonly Finding[] {
  if (outcome.kind !== 'rejected') return [];
  return outcome.diagnostics.map((diagnostic) => ({
    ...diagnostic,
    file: diagnostic.file === '' ? '' : fileIn(directory, diagnostic.file),
  }));
}

/** A file of the bundle as the working directory sees it. */
export function fileIn(directory: string, path: string): string {
  return relative(process.cwd(), join(directory, path));
}

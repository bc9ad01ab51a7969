// curl, unchanged, as a caller of the gateway.

import { requiredProgram } from '#lab';
import type { HttpGateway } from './http-gateway.ts';
import type { ProgramResult, RunningProgram } from './program.ts';
import { startProgram } from './program.ts';

/** Of a path at a target, by the name under which curl finds this machine without asking anybody. */
export const urlOf = (gateway: HttpGateway, path: string, target = 'app'): string =>
  `https://${target}.localhost:${gateway.port}${path}`;

/** Says nothing but errors, and verifies the gateway; who asks is in the arguments. */
export function startCurl(
  gateway: HttpGateway,
  args: readonly string[],
  options: { readonly input?: string; readonly cwd?: string } = {},
): RunningProgram {
  const fixed = ['--disable', '--silent', '--show-error', '--cacert', gateway.caFile];
  // No proxy of the machine's.
  const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' };
  return startProgram(requiredProgram('curl', 'curl'), [...fixed, ...args], { env, ...options });
}

export const curl = (...call: Parameters<typeof startCurl>): Promise<ProgramResult> =>
  startCurl(...call).result;

/** Arguments that bring the token of `ada`. */
export const asAda = (gateway: HttpGateway): readonly string[] => [
  '--header',
  `Authorization: Bearer ${gateway.token()}`,
];

// The fields that a target sees: the caller's own, who called, and the gateway's credential; nothing that a caller could
// have forged.

import { assertionField, isReservedHeader } from '../upstream/assertion.ts';
import type { HeaderField } from '../wire/index.ts';
import type { Exchange } from './exchange.ts';

/**
 * @param asked The caller's fields, as far as they may go.
 * @param bodyHash SHA-256 of the body in hex, for credentials that sign it.
 * @returns Without Host and framing.
 */
export function outgoing(
  { request, target, connection, session }: Exchange,
  asked: readonly HeaderField[],
  bodyHash?: string,
): readonly HeaderField[] {
  const { credential, authority } = target;
  const kept = asked.filter(([name]) => !credential.owns.has(name) && !isReservedHeader(name));
  const fields: readonly HeaderField[] = [
    ...kept,
    ['x-forwarded-for', connection.client],
    ['x-forwarded-host', request.authority],
    ['x-forwarded-proto', connection.scheme],
    [assertionField, session.assertion()],
  ];
  const { method, path, query = '' } = request;
  const hashed = bodyHash === undefined ? {} : { bodyHash };
  return [...fields, ...credential.sign({ method, path, query, authority, fields, ...hashed })];
}

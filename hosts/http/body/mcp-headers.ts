// The headers that repeat an MCP message for intermediaries, revision 2026-07-28 "Request Metadata".

import { isUtf8 } from 'node:buffer';

import { isObject, member } from './json-members.ts';
import { reading, refusal, type Read } from './refusal.ts';
import type { RpcFacts } from './rpc.ts';

/** By lower-case name. */
export type HeaderValues = Readonly<Record<string, readonly string[]>>;

/**
 * A balancer behind the gateway may route by these, the server acts on the body: only one thing may be asked for. What
 * is absent says nothing; `Mcp-Param-…` depend on the tool's schema, which the server alone knows.
 */
export const checkMcpHeaders = (facts: RpcFacts, headers: HeaderValues): Read<RpcFacts> =>
  reading(() => {
    requireSame(headers, 'mcp-method', facts.method);
    requireSame(headers, 'mcp-name', nameOf(facts));
    const version = versionOf(facts);
    if (version !== undefined) requireSame(headers, 'mcp-protocol-version', version);
    return facts;
  });

const requireSame = (headers: HeaderValues, name: string, expected: string): void => {
  const values = Object.hasOwn(headers, name) ? (headers[name] ?? []) : [];
  if (values.length === 0) return;
  const [value = ''] = values;
  if (values.length > 1 || decoded(value) !== expected) throw refusal('mcp-headers', name);
};

const encodedSyntax = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

const decoded = (value: string): string => {
  const base64 = encodedSyntax.exec(value)?.[1];
  if (base64 === undefined) return value;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64 || !isUtf8(bytes)) throw refusal('mcp-headers', 'base64');
  return bytes.toString('utf8');
};

const nameOf = ({ method, tool, resource, params }: RpcFacts): string => {
  if (method !== 'prompts/get' || !isObject(params)) return tool + resource;
  const name = member(params, 'name');
  return typeof name === 'string' ? name : '';
};

const versionOf = ({ params }: RpcFacts): string | undefined => {
  const meta = isObject(params) ? member(params, '_meta') : undefined;
  const version = isObject(meta)
    ? member(meta, 'io.modelcontextprotocol/protocolVersion')
    : undefined;
  return typeof version === 'string' ? version : undefined;
};

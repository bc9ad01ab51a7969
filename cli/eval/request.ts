// An HTTP request as `eval` is asked about it, in the manner of curl: method, fields, body, path or URL.

import { readFileSync } from 'node:fs';

import type { HttpTargetConfig } from '#engine';
import { ConfigError } from '#engine';
import { UsageError } from '../failure.ts';

export interface AskedRequest {
  readonly method: string;
  /** Path and query, as they would be sent. */
  readonly target: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

interface RequestOptions {
  readonly statement: string | undefined;
  readonly request: string;
  readonly header: readonly string[];
  readonly data: string | undefined;
}

/** @throws UsageError for what is no request to this target, ConfigError when a body cannot be read. */
export function requestOf(options: RequestOptions, target: HttpTargetConfig): AskedRequest {
  const { statement = '', request, header, data } = options;
  const { authority, path } = split(statement, target);
  const body = data === undefined ? Buffer.alloc(0) : bodyOf(data);
  const given = header.flatMap(fieldOf);
  const hasType = given.some((name, index) => index % 2 === 0 && /^content-type$/i.test(name));
  const framing = data === undefined ? [] : ['Content-Length', String(body.length)];
  const type = data === undefined || hasType ? [] : ['Content-Type', 'application/json'];
  return {
    method: request === '' ? (data === undefined ? 'GET' : 'POST') : request,
    target: path,
    rawHeaders: ['Host', authority, ...given, ...type, ...framing],
    body,
  };
}

/** By hand: what a URL parser would set right is what the gateway is asked about. */
function split(text: string, { name }: HttpTargetConfig) {
  if (text.startsWith('/')) return { authority: name, path: text };
  const [, authority, path] = /^https?:\/\/([^/?#]+)(.*)$/.exec(text) ?? [];
  if (authority === undefined) {
    throw new UsageError(`'${text}' is no path or URL, and target ${name} is an HTTP server`);
  }
  return { authority, path: path === undefined || path === '' ? '/' : path };
}

function fieldOf(text: string): readonly string[] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new UsageError(`--header '${text}' is not like 'name: value'`);
  return [text.slice(0, colon), text.slice(colon + 1).trim()];
}

/** `@FILE` is the file's bytes, as curl has it. */
function bodyOf(data: string): Buffer {
  if (!data.startsWith('@')) return Buffer.from(data);
  const file = data.slice(1);
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new ConfigError('config-unreadable', `${file}: cannot be read`, { cause });
  }
}

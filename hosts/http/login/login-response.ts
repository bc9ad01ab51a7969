// What the login answers itself: redirections and short texts that no cache keeps and no page can frame.

import type { HeaderField } from '../upstream/unsigned-request.ts';

export interface LoginResponse {
  readonly status: number;
  readonly headers: readonly HeaderField[];
  readonly body: string;
}

/** The address holds a code or a path: it goes to nobody else. */
const privacy: readonly HeaderField[] = [
  ['cache-control', 'no-store'],
  ['referrer-policy', 'no-referrer'],
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
];

export function redirection(location: string, headers: readonly HeaderField[] = []): LoginResponse {
  return { status: 302, headers: [...privacy, ...headers, ['location', location]], body: '' };
}

export function text(
  status: number,
  body: string,
  headers: readonly HeaderField[] = [],
): LoginResponse {
  const type = ['content-type', 'text/plain; charset=utf-8'] as const;
  return { status, headers: [...privacy, ...headers, type], body: `${body}\n` };
}

// Which of a request's fields go on to the target: those for it (RFC 9110 §7.6.1) that the gateway does not set itself.

import type { HeaderField } from './header-fields.ts';
import { listOf, repeatedName } from './header-fields.ts';
import { isMediaType } from './media-type.ts';
import { broken } from './rules.ts';

/** Of one connection, of framing, or said again by the gateway in its own words. */
const ownFields: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'http2-settings', 'te'],
  ...['transfer-encoding', 'content-length', 'expect', 'host'],
  ...['proxy-authorization', 'proxy-authenticate', 'proxy-authentication-info', 'max-forwards'],
]);

/** RFC 9113 §8.2.2. */
const connectionFields: ReadonlySet<string> = new Set([
  ...[
    'connection',
    'keep-alive',
    'proxy-connection',
    'transfer-encoding',
    'upgrade',
    'http2-settings',
  ],
]);

/** What decides who asks, for what, and where a body ends: nothing may take it out of a request half way. */
const neededFields: ReadonlySet<string> = new Set([
  ...['host', 'authorization', 'cookie', 'origin', 'range', 'expect', 'sec-websocket-key'],
  ...['content-length', 'content-type', 'content-encoding', 'transfer-encoding'],
]);

/** They may stand once; servers differ on whether the first, the last or all of several count. */
const singularFields: ReadonlySet<string> = new Set([
  ...['content-type', 'content-encoding', 'content-location', 'content-range', 'content-md5'],
  ...['authorization', 'proxy-authorization', 'cookie', 'origin', 'referer', 'user-agent', 'from'],
  ...[
    'expect',
    'range',
    'if-range',
    'if-modified-since',
    'if-unmodified-since',
    'date',
    'max-forwards',
  ],
  ...['access-control-request-method', 'upgrade', 'sec-websocket-key', 'sec-websocket-version'],
  ...['x-api-key', 'idempotency-key', 'soapaction', 'traceparent', 'mcp-session-id'],
  ...['x-csrf-token', 'x-xsrf-token', 'x-requested-with', 'grpc-timeout'],
]);

/** Frameworks take the method or the path from these. */
const overridingFields: ReadonlySet<string> = new Set([
  ...['x-http-method', 'x-http-method-override', 'x-method-override', 'x-original-method'],
  ...[
    'x-original-url',
    'x-original-uri',
    'x-rewrite-url',
    'x-override-url',
    'x-http-path-override',
  ],
  ...[
    'x-http-host-override',
    'x-original-host',
    'x-host',
    'x-invoke-path',
    'x-middleware-subrequest',
  ],
]);

/** What an earlier hop would say of a caller. This gateway is the first one: here it is what the caller made up. */
const claimedFields: ReadonlySet<string> = new Set([
  ...[
    'forwarded',
    'via',
    'client-ip',
    'true-client-ip',
    'remote-addr',
    'remote-user',
    'front-end-https',
  ],
  ...[
    'x-forward-for',
    'x-real-ip',
    'x-real-port',
    'x-client-ip',
    'x-client-cert',
    'x-cluster-client-ip',
  ],
  ...[
    'x-remote-ip',
    'x-remote-addr',
    'x-remote-user',
    'x-originating-ip',
    'x-original-forwarded-for',
  ],
  ...[
    'x-scheme',
    'x-url-scheme',
    'x-authenticated-user',
    'x-auth-request-user',
    'x-auth-request-email',
  ],
  ...['cf-connecting-ip', 'fastly-client-ip', 'x-azure-clientip', 'x-proxyuser-ip', 'client-cert'],
]);
const claimedPrefixes =
  /^(?:x-forwarded|x-ssl|ssl-client|x-client-(?:verify|dn)|x-envoy|(?:x-)?sallyport)(?:-|$)/;

/** @throws BrokenRequest for what would change the request behind the gateway's back. */
export function checkFields(fields: readonly HeaderField[], version: string): void {
  const repeated = repeatedName(fields, singularFields);
  if (repeated !== undefined && !(version === '2' && repeated === 'cookie')) {
    throw broken('header-duplicate', `${repeated} stands twice`);
  }
  for (const [name, value] of fields) {
    if (overridingFields.has(name))
      throw broken('header-override', `${name} would override the request`);
    if (name === 'trailer') throw broken('trailer');
    if (name === 'content-type' && !isMediaType(value)) throw broken('content-type');
    if (version === '2') checkHttp2Field(name);
  }
  if (version === '2' && listOf(fields, 'te').some((coding) => coding !== 'trailers'))
    throw broken('te');
}

function checkHttp2Field(name: string): void {
  if (connectionFields.has(name)) throw broken('connection-header', `${name} came with HTTP/2`);
}

/** The lower-case options of Connection. @throws BrokenRequest */
export function connectionOptions(fields: readonly HeaderField[]): ReadonlySet<string> {
  const options = new Set(listOf(fields, 'connection').map((option) => option.toLowerCase()));
  for (const option of options) {
    if (neededFields.has(option)) throw broken('connection-header', `Connection names ${option}`);
  }
  return options;
}

/** In the order of the request. What Connection names is meant for this hop. */
export function passingFields(
  fields: readonly HeaderField[],
  options: ReadonlySet<string>,
): readonly HeaderField[] {
  return fields.filter(
    ([name]) =>
      !ownFields.has(name) &&
      !claimedFields.has(name) &&
      !claimedPrefixes.test(name) &&
      !name.startsWith('sec-websocket-') &&
      !options.has(name),
  );
}

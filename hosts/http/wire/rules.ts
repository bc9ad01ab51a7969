// Why bytes of a caller or of a target are refused: one name for each reading that two servers could disagree about.

export const requestRules = {
  'http-version': 'the version is not HTTP/1.0, HTTP/1.1 or HTTP/2',
  method: 'the method is not a name in capitals, or is CONNECT, TRACE or one that means the same',
  'target-form':
    'the target is not a path: it is `*`, an authority, relative, or a URL of another kind',
  'target-scheme': 'the target names another scheme than that of the connection',
  'target-length': 'the target is longer than 8 KiB',
  'target-fragment': 'the target has a fragment',
  'path-character': 'the path has a character that must be percent-encoded',
  'path-encoding': 'a `%` in the path is not followed by two hexadecimal digits',
  'path-encoded-unreserved':
    'the path encodes a letter, a digit, or one of `-._~`, which needs no encoding',
  'path-double-encoding': 'the path, once decoded, can be decoded again',
  'path-utf8': 'the path does not decode to UTF-8',
  'path-control': 'the path encodes a control character',
  'path-backslash': 'the path has a backslash, plain or encoded',
  'path-encoded-slash': 'the path has an encoded slash, and the target does not take them',
  'path-double-slash': 'the path has an empty segment',
  'path-dot-segments': 'the path has a segment `.` or `..`, in any spelling',
  'path-parameter': 'the path has a semicolon: some servers cut a segment there',
  'path-lookalike': 'a character in the path folds to a slash, a backslash, a semicolon or dots',
  'query-character': 'the query has a character that must be percent-encoded',
  'query-encoding': 'the query does not decode to UTF-8',
  'query-control': 'the query encodes a NUL',
  'query-semicolon': 'the query has a semicolon: some servers separate parameters there',
  'host-missing': 'there is no Host',
  'host-duplicate': 'there is more than one Host',
  'host-syntax': 'the authority is not a host name or address with an optional port',
  'authority-mismatch': 'the target or :authority names another host than Host does',
  'framing-both': 'there are both Transfer-Encoding and Content-Length',
  'framing-length': 'Content-Length is not one plain decimal number, or not that of the body',
  'framing-transfer-encoding': 'Transfer-Encoding is not `chunked`, once',
  'framing-on-1.0': 'Transfer-Encoding came with HTTP/1.0',
  'header-count': 'there are more than 128 header fields',
  'header-name': 'the name of a header field is not made of letters, digits and hyphens',
  'header-underscore':
    'the name of a header field has an underscore: some servers read it as a hyphen',
  'header-value':
    'the value of a header field has a control character, a byte outside ASCII, or space around it',
  'header-duplicate': 'a header field that may stand once stands twice',
  'header-override': 'a header field tells some servers to take another method or path',
  'connection-header':
    'Connection names a field that the request needs, or HTTP/2 carries a field of one connection',
  'content-type': 'Content-Type is not one media type',
  expectation: 'Expect is not `100-continue` for a body that follows',
  te: 'TE is not `trailers` in HTTP/2',
  trailer: 'the request announces fields that come after its body',
  upgrade:
    'an upgrade to anything but websocket, or by anything but GET over HTTP/1.1 without a body',
  'websocket-handshake': 'the opening handshake of a WebSocket is not that of RFC 6455',
} as const;

export type RequestRule = keyof typeof requestRules;

export const responseRules = {
  'response-version': 'the version is not HTTP/1.0, HTTP/1.1 or HTTP/2',
  'response-status': 'the status is none, or one that switches protocols',
  'response-header-count': 'there are more than 128 header fields',
  'response-header-name': 'the name of a header field is no token',
  'response-header-value': 'the value of a header field has a control character',
  'response-header-duplicate': 'a header field that may stand once stands twice',
  'response-connection':
    'Connection names a field that the answer needs, or HTTP/2 carries a field of one connection',
  'response-framing-both': 'there are both Transfer-Encoding and Content-Length',
  'response-framing-length': 'Content-Length is not one plain decimal number',
  'response-framing-transfer-encoding': 'Transfer-Encoding is not `chunked`, once, in HTTP/1.1',
  'response-framing-bodyless': 'an answer that has no body announces one',
  'response-malformed': 'it does not begin as an answer in HTTP/1.0 or HTTP/1.1 does',
  'response-head-size': 'its head is longer than 64 KiB',
  'response-interim': 'there are more than 16 interim answers before it',
  'response-chunk': 'a chunk or a trailer is not written as it must be',
} as const;

export type ResponseRule = keyof typeof responseRules;

/** A rule that a request breaks. Messages hold names and limits, never values of the peer: they may be logged. */
export class BrokenRequest extends Error {
  override readonly name = 'BrokenRequest';
  readonly rule: RequestRule;

  constructor(rule: RequestRule, message: string) {
    super(message);
    this.rule = rule;
  }
}

export class BrokenResponse extends Error {
  override readonly name = 'BrokenResponse';
  readonly rule: ResponseRule;

  constructor(rule: ResponseRule, message: string) {
    super(message);
    this.rule = rule;
  }
}

/** @param message What of the request it is about; the rule's description when left out. */
export const broken = (rule: RequestRule, message: string = requestRules[rule]): BrokenRequest =>
  new BrokenRequest(rule, message);

export const brokenResponse = (
  rule: ResponseRule,
  message: string = responseRules[rule],
): BrokenResponse => new BrokenResponse(rule, message);

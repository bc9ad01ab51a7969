// HTTP as the gateway judges it: canonical requests, heads of answers, and the rules that both keep. No sockets, no policy.

export type { Authority, Scheme } from './authority.ts';
export { canonicalise } from './canonical-request.ts';
export type { Canonicalised, CanonicalRequest, RawRequest } from './canonical-request.ts';
export type { Framing } from './framing.ts';
export type { HeaderField } from './header-fields.ts';
export { flatFields } from './header-fields.ts';
export type { PathOptions } from './path.ts';
export type { QueryPair } from './query.ts';
export { saysBodyIsMissing, serialiseHead } from './request-head.ts';
export { checkResponse } from './response-head.ts';
export type { CheckedResponse, RawResponse, ResponseFraming } from './response-head.ts';
export { ResponseReader } from './response-reader.ts';
export type { ResponsePart } from './response-reader.ts';
export type { RequestRule, ResponseRule } from './rules.ts';
export { requestRules, responseRules } from './rules.ts';
export type { WebSocketUpgrade } from './upgrade.ts';

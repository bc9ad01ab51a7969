// Facts from request bodies and messages: bytes to what policies read. No sockets, no policy.

export { bodyRules, type BodyRule, type Read, type Refused } from './refusal.ts';
export { jsonDepthMax, parseStrictJson, type JsonOptions } from './strict-json.ts';

// Facts from request bodies and messages: bytes to what policies read. No sockets, no policy.

export { noBody, readBody, unreadBody, type BodyFacts } from './body.ts';
export { evidenceCharactersMax } from './evidence-text.ts';
export { factsBytesMax } from './facts-size.ts';
export type { FormField } from './form.ts';
export { readGraphql, type GraphqlFacts, type Operation } from './graphql.ts';
export type { GraphqlHttpRequest } from './graphql-request.ts';
export { checkMcpHeaders, type HeaderValues } from './mcp-headers.ts';
export { messageFacts, type Message, type MessageFacts } from './message.ts';
export type { Part } from './multipart.ts';
export { bodyRules, type BodyRule, type Read, type Refused } from './refusal.ts';
export { readRpc, type Call, type RpcFacts, type RpcProtocol } from './rpc.ts';
export { jsonDepthMax, parseStrictJson, type JsonOptions } from './strict-json.ts';

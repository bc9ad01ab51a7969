// What a body is refused for: a closed list of rules, each documented in docs/reference/http-bodies.md.

export const bodyRules = {
  'body-content-type': 'the content type is malformed, or another than this endpoint reads',
  'body-charset': 'the text is in, or declares, another encoding than UTF-8',
  'facts-too-large': 'the facts would be larger than policies may be given',
  'batch-length': 'a batch is empty or has too many entries',
  'json-syntax': 'the text is no JSON',
  'json-depth': 'the document is nested too deeply',
  'json-duplicate-key': 'an object has one key twice',
  'json-key-case': 'an object has two keys, or one that rules read, that differ by case only',
  'json-key-reserved': 'a key that servers treat in ways of their own',
  'json-number': 'a number that readers of JSON do not all take for the same',
  'json-surrogate': 'a string has half of a surrogate pair',
  'form-syntax': 'the form has an empty field, or one that servers cut differently',
  'form-encoding': 'the form has a byte or a percent sequence that is not allowed there',
  'form-charset': 'the form names an encoding in a field of its own',
  'multipart-boundary': 'the boundary is missing, malformed, or found where none may be',
  'multipart-framing': 'the parts do not follow one another exactly',
  'multipart-header': 'a part has a header line that is malformed, repeated or not allowed',
  'multipart-disposition': 'a part does not say its name in the one form that is read alike',
  'multipart-nested': 'a part is a multipart or a message itself',
  'graphql-method': 'the method carries no GraphQL operation',
  'graphql-parameters': 'the request has parameters that are unknown, repeated or out of place',
  'graphql-persisted': 'the request names a stored document instead of sending it',
  'graphql-characters': 'the document has characters that servers may take for line ends',
  'graphql-syntax': 'the document is no executable GraphQL document',
  'graphql-operation': 'which operation would run is not certain',
  'graphql-fragment': 'a fragment is unknown, defined twice or part of a cycle',
  'graphql-complexity': 'the document is over a limit of tokens, depth or selections',
  'rpc-message': 'the message is no JSON-RPC 2.0 request, or has unknown members',
  'rpc-id': 'the id is malformed, missing or where none may be',
  'rpc-method': 'the method is no plain name',
  'rpc-params': 'the parameters are not of the form that the method takes',
  'mcp-batch': 'MCP sends one message a request',
  'mcp-headers': 'the headers that repeat the message for intermediaries say something else',
} as const;

export type BodyRule = keyof typeof bodyRules;

export interface Refused {
  readonly kind: 'refused';
  readonly rule: BodyRule;
  /** For the caller; holds names, offsets and limits, never text of the body. */
  readonly message: string;
}

export type Read<T> = { readonly kind: 'read'; readonly value: T } | Refused;

/** Thrown inside this room only: every door catches it with `reading`. */
export class BodyRefusal extends Error {
  override readonly name = 'BodyRefusal';
  readonly rule: BodyRule;

  constructor(rule: BodyRule, message: string) {
    super(message);
    this.rule = rule;
  }
}

/** `detail` says more than the rule does, such as an offset. */
export const refusal = (rule: BodyRule, detail?: string): BodyRefusal =>
  new BodyRefusal(rule, detail === undefined ? bodyRules[rule] : `${bodyRules[rule]}: ${detail}`);

/** Runs a reader of this room; what is no refusal is a bug and goes on as it is. */
export const reading = <T>(read: () => T): Read<T> => {
  try {
    return { kind: 'read', value: read() };
  } catch (error) {
    if (!(error instanceof BodyRefusal)) throw error;
    return { kind: 'refused', rule: error.rule, message: error.message };
  }
};

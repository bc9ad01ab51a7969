// A GraphQL document (September 2025) and the one operation of it that will run.

import {
  GraphQLError,
  Kind,
  Lexer,
  parse,
  Source,
  TokenKind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';

import { refusal } from './refusal.ts';

export interface ChosenOperation {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

const tokensMax = 2000;
/** Of brackets; the parser recurses, and a stack that overflows is no answer. */
const nestingMax = 200;
const sourceCharactersMax = 256 * 1024;

// A comment ends at a line end, and parsers differ in what is one: text behind it would run on one side only.
const doubtful = /(?![\t\n\r])\p{Cc}|[\u2028\u2029\ufeff]|\r(?!\n)/u;

export const chooseOperation = (
  source: string,
  operationName: string | undefined,
): ChosenOperation => {
  const document = parseDocument(source);
  const operations: OperationDefinitionNode[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      operations.push(definition);
    } else if (definition.kind === Kind.FRAGMENT_DEFINITION) {
      const name = definition.name.value;
      if (fragments.has(name)) throw refusal('graphql-fragment', 'defined twice');
      fragments.set(name, definition);
    } else {
      throw refusal('graphql-syntax', 'a definition of types');
    }
  }
  return { operation: onlyOne(operations, operationName), fragments };
};

const parseDocument = (source: string): DocumentNode => {
  const at = source.search(doubtful);
  if (at !== -1) throw refusal('graphql-characters', `at ${at}`);
  if (source.length > sourceCharactersMax) {
    throw refusal('graphql-complexity', `over ${sourceCharactersMax} characters`);
  }
  try {
    const read = new Source(source);
    requireSimple(new Lexer(read));
    return parse(read);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // Its message quotes the document, so only the place is told.
    const [place] = error.locations ?? [];
    throw refusal('graphql-syntax', `line ${place?.line ?? 0}, column ${place?.column ?? 0}`);
  }
};

const openers = new Set<TokenKind>([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closers = new Set<TokenKind>([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

const requireSimple = (lexer: Lexer): void => {
  let depth = 0;
  for (let tokens = 0; lexer.token.kind !== TokenKind.EOF; tokens += 1) {
    if (tokens > tokensMax) throw refusal('graphql-complexity', `over ${tokensMax} tokens`);
    const { kind } = lexer.advance();
    if (openers.has(kind)) depth += 1;
    else if (closers.has(kind)) depth -= 1;
    if (depth > nestingMax) throw refusal('graphql-complexity', `over ${nestingMax} brackets deep`);
  }
};

/** Servers without a check of names would run another one: a name must be that of exactly one operation. */
const onlyOne = (
  operations: readonly OperationDefinitionNode[],
  operationName: string | undefined,
): OperationDefinitionNode => {
  const names = operations.map(({ name }) => name?.value);
  if (new Set(names).size !== names.length) {
    throw refusal('graphql-operation', 'two operations of one name');
  }
  if (names.length > 1 && names.includes(undefined)) {
    throw refusal('graphql-operation', 'an operation without a name beside others');
  }
  const chosen =
    operationName === undefined
      ? operations.length === 1
        ? operations[0]
        : undefined
      : operations.find(({ name }) => name?.value === operationName);
  if (chosen === undefined) throw refusal('graphql-operation');
  return chosen;
};

// `input.statement.graphql`: one operation for each document that a request sends.

import type { ASTNode } from 'graphql';

import { evidenceText } from './evidence-text.ts';
import { withinFactsBound } from './facts-size.ts';
import { chooseOperation } from './graphql-document.ts';
import {
  graphqlParameters,
  type GraphqlHttpRequest,
  type GraphqlParameters,
} from './graphql-request.ts';
import { selectionsOf } from './graphql-selections.ts';
import { reading, refusal, type Read } from './refusal.ts';

// A type, not an interface: facts must be assignable to `JsonObject`.
export type GraphqlFacts = {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Empty when it has none. */
  readonly name: string;
  readonly fields: readonly string[];
  readonly paths: readonly string[];
  readonly depth: number;
  readonly introspection: boolean;
};

export interface Operation {
  readonly facts: GraphqlFacts;
  /** The operation with the fragments that it uses and its variables, at most `evidenceCharactersMax`. */
  readonly text: string;
  /** Own names of fields that the answer will have under another name: aliases hide them from masks. */
  readonly renamed: readonly string[];
}

/** The operations that the server will run, in order; each is to be judged. */
export const readGraphql = (request: GraphqlHttpRequest): Read<readonly Operation[]> =>
  reading(() => {
    const operations = graphqlParameters(request).map(operationOf);
    // A link or an image makes a browser send a GET, with the caller's cookies.
    const isRead = request.method !== 'POST';
    if (isRead && operations.some(({ facts }) => facts.type === 'mutation')) {
      throw refusal('graphql-method', 'a mutation must be a POST');
    }
    return operations;
  });

const introspectionFields = new Set(['__schema', '__type']);

const operationOf = ({ query, operationName, variables }: GraphqlParameters): Operation => {
  const chosen = chooseOperation(query, operationName);
  const { fields, paths, depth, fragments, renamed } = selectionsOf(chosen);
  const { operation } = chosen;
  const introspection = paths.some((path) =>
    introspectionFields.has(path.slice(path.lastIndexOf('.') + 1)),
  );
  const name = operation.name?.value ?? '';
  const facts = { type: operation.operation, name, fields, paths, depth, introspection };
  const sources = [operation, ...fragments].map((node) => sourceOf(node, query));
  if (variables !== undefined) sources.push(`variables ${JSON.stringify(variables)}`);
  return { facts: withinFactsBound(facts), text: evidenceText(sources.join('\n')), renamed };
};

const sourceOf = ({ loc }: ASTNode, query: string): string => query.slice(loc?.start, loc?.end);

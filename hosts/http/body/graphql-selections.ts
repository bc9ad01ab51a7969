// Which fields an operation reads, with aliases and fragments resolved. @skip and @include hide nothing: their
// variables are the caller's.

import { Kind, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

import type { ChosenOperation } from './graphql-document.ts';
import { refusal } from './refusal.ts';

export interface Selections {
  /** Top-level fields in the order of their first use. */
  readonly fields: readonly string[];
  /** Every field as a dotted path from the top, parents before children. */
  readonly paths: readonly string[];
  /** 1 when no field has fields of its own. */
  readonly depth: number;
  /** Fragments that the operation uses, each once. */
  readonly fragments: readonly FragmentDefinitionNode[];
  /** Own names of fields that the answer will have under another name. */
  readonly renamed: readonly string[];
}

const depthMax = 50;
const pathsMax = 2000;
/** Selections looked at: fragments inside fragments multiply them. */
const stepsMax = 20_000;

interface Walk {
  readonly fragments: ChosenOperation['fragments'];
  readonly used: Set<FragmentDefinitionNode>;
  /** Fragments that were resolved at a path before give nothing new there. */
  readonly resolved: Set<string>;
  readonly paths: Set<string>;
  readonly renamed: Set<string>;
  depth: number;
  steps: number;
}

interface Place {
  /** Empty at the top. */
  readonly path: string;
  readonly depth: number;
  /** Fragments around it, against cycles. */
  readonly inside: readonly string[];
}

export const selectionsOf = ({ operation, fragments }: ChosenOperation): Selections => {
  const walk: Walk = {
    fragments,
    used: new Set(),
    resolved: new Set(),
    paths: new Set(),
    renamed: new Set(),
    depth: 0,
    steps: 0,
  };
  visit(operation.selectionSet, { path: '', depth: 0, inside: [] }, walk);
  const paths = [...walk.paths];
  const fields = paths.filter((path) => !path.includes('.'));
  return {
    ...{ fields, paths, depth: walk.depth },
    ...{ fragments: [...walk.used], renamed: [...walk.renamed] },
  };
};

const visit = ({ selections }: SelectionSetNode, place: Place, walk: Walk): void => {
  if (selections.length === 0) throw refusal('graphql-syntax', 'an empty selection');
  for (const selection of selections) {
    walk.steps += 1;
    if (walk.steps > stepsMax) throw refusal('graphql-complexity', `over ${stepsMax} selections`);
    switch (selection.kind) {
      case Kind.FIELD: {
        const { name, alias } = selection;
        const inner = addField(name.value, place, walk);
        if ((alias ?? name).value !== name.value) walk.renamed.add(name.value);
        if (selection.selectionSet !== undefined) visit(selection.selectionSet, inner, walk);
        break;
      }
      case Kind.INLINE_FRAGMENT:
        visit(selection.selectionSet, place, walk);
        break;
      case Kind.FRAGMENT_SPREAD:
        visitFragment(selection.name.value, place, walk);
        break;
    }
  }
};

const addField = (name: string, place: Place, walk: Walk): Place => {
  const depth = place.depth + 1;
  if (depth > depthMax) throw refusal('graphql-complexity', `deeper than ${depthMax}`);
  const path = place.path === '' ? name : `${place.path}.${name}`;
  walk.depth = Math.max(walk.depth, depth);
  walk.paths.add(path);
  if (walk.paths.size > pathsMax) throw refusal('facts-too-large', `over ${pathsMax} paths`);
  return { path, depth, inside: place.inside };
};

const visitFragment = (name: string, place: Place, walk: Walk): void => {
  if (place.inside.includes(name)) throw refusal('graphql-fragment', 'a cycle');
  const fragment = walk.fragments.get(name);
  if (fragment === undefined) throw refusal('graphql-fragment', 'unknown');
  const key = `${place.path} ${name}`;
  if (walk.resolved.has(key)) return;
  walk.resolved.add(key);
  walk.used.add(fragment);
  visit(fragment.selectionSet, { ...place, inside: [...place.inside, name] }, walk);
};

// The part of a document that policies can read.

import type { Json, JsonObject } from '../../model/index.ts';

/** All of a value, or some members of an object. */
export type Wanted = 'all' | ReadonlyMap<string, Wanted>;

type Paths = readonly (readonly string[])[];

/** What the paths cover together; the empty path is everything. */
export function wantedOf(paths: Paths): Wanted {
  if (paths.some((path) => path.length === 0)) return 'all';
  const below = Map.groupBy(paths, ([name = '']) => name);
  return new Map([...below].map(([name, of]) => [name, wantedOf(of.map((path) => path.slice(1)))]));
}

/** What of `wanted` lies below one member; nothing where the member is not wanted at all. */
export function wantedBelow(wanted: Wanted, name: string): Wanted | undefined {
  return wanted === 'all' ? 'all' : wanted.get(name);
}

/** The names of all members that are wanted, at any depth; none of what is wanted whole. */
export function namesIn(wanted: Wanted): readonly string[] {
  if (wanted === 'all') return [];
  return [...wanted].flatMap(([name, below]) => [name, ...namesIn(below)]);
}

/** The members that are wanted and there. A path that leads into no object is answered with what stands there. */
export function project(from: Json, wanted: Wanted): Json {
  if (wanted === 'all' || typeof from !== 'object' || from === null || Array.isArray(from)) {
    return from;
  }
  const members = from as JsonObject;
  const part: Record<string, Json> = {};
  for (const [name, below] of wanted) {
    if (!Object.hasOwn(members, name)) continue;
    const member = members[name] as Json;
    put(part, name, below === 'all' ? member : project(member, below));
  }
  return part;
}

/** Assigning to `__proto__` makes no member. */
function put(part: Record<string, Json>, name: string, value: Json): void {
  if (name === '__proto__') Object.defineProperty(part, name, { value, enumerable: true });
  else part[name] = value;
}

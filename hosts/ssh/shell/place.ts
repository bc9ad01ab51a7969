// Where in a line a command stands: what is around it and what it inherits.

import type { Findings } from './findings.ts';
import { joinedPath } from './paths.ts';
import type { Value } from './value.ts';

export interface Input {
  readonly kind: 'inherited' | 'pipe' | 'file' | 'text';
  /** Of a here-document or here-string, where nothing in it is expanded. */
  readonly text?: string | undefined;
}

export interface Place {
  /** Of parsed texts within each other: substitutions and nested shells. */
  readonly depth: number;
  /** Of compound commands within each other. */
  readonly nesting: number;
  /** How often the loops around it are read: the product of their known words. */
  readonly turns: number;
  readonly wrappers: readonly string[];
  readonly user: string;
  readonly assigns: readonly string[];
  readonly background: boolean;
  readonly piped: boolean;
  readonly input: Input;
  /** The program of the shell that it belongs to. */
  readonly program: string;
  /** Directories that relative paths may belong to, '' being the one at the start; null: known only when it runs. */
  readonly directories: readonly string[] | null;
  /** Variables whose value is known here. */
  readonly bound: ReadonlyMap<string, Value>;
}

export const startPlace: Place = {
  depth: 0,
  nesting: 0,
  turns: 1,
  wrappers: [],
  user: '',
  assigns: [],
  background: false,
  piped: false,
  input: { kind: 'inherited' },
  program: '',
  directories: [''],
  bound: new Map(),
};

/** Reads texts and argvs that are found within others. */
export interface Reading {
  readonly found: Findings;
  /** A shell's program: what `sh -c`, `eval` or a substitution would run. */
  readonly text: (text: string, place: Place) => Place;
  /** The argv of a command, after expansion. Returns the place of the command after it. */
  readonly argv: (argv: readonly Value[], place: Place) => Place;
  /** Whether the tables say what a program of that name does. */
  readonly isKnown: (name: string) => boolean;
}

/** The place of a command that `wrapper` starts. */
export const wrappedBy = (place: Place, wrapper: string): Place => ({
  ...place,
  wrappers: [...place.wrappers, wrapper],
});

const directoriesMax = 8;

/** Directories after `cd path` that succeeded. */
export function directoriesAfter(place: Place, path: string | undefined): readonly string[] | null {
  if (path === undefined) return null;
  if (/^[/~]/.test(path)) return [path];
  if (place.directories === null) return null;
  return place.directories.map((directory) => joinedPath(directory, path));
}

/** The place after commands of which either may have been the last. */
export function eitherPlace(one: Place, other: Place): Place {
  if (one.directories === other.directories) return one;
  if (one.directories === null || other.directories === null) return { ...one, directories: null };
  const directories = [...new Set([...one.directories, ...other.directories])];
  return { ...one, directories: directories.length > directoriesMax ? null : directories };
}

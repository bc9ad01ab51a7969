// One command with its argv, as the tables get it and as it is reported.

import type { SimpleCommand } from './facts.ts';
import type { Place, Reading } from './place.ts';
import type { Value } from './value.ts';
import { argumentOf } from './value.ts';

export interface Invocation {
  readonly name: string;
  readonly path: string;
  readonly args: readonly Value[];
}

/** What a program makes of its argv. */
export type Reader = (invocation: Invocation, reading: Reading, place: Place) => void;

/** A builtin: it may change what is so for the next command. */
export type BuiltinReader = (invocation: Invocation, reading: Reading, place: Place) => Place;

export function report(
  { name, path, args }: Invocation,
  { found }: Reading,
  place: Place,
  opaque: SimpleCommand['opaque'] = '',
): void {
  found.command({
    name,
    path,
    args: args.map(argumentOf),
    wrappers: place.wrappers,
    user: place.user,
    assigns: place.assigns,
    opaque,
    background: place.background,
    piped: place.piped,
  });
}

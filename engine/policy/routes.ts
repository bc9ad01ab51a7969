// For each kind and command: which entrypoint of the compiled policy to ask, and what to send.

import type { Statement } from '../model/index.ts';
import type { Route, Routes } from './compiler/index.ts';
import { RouteInput } from './route-input.ts';

const other = '';

export class RouteTable {
  readonly #kinds: ReadonlyMap<string, ReadonlyMap<string, RouteInput>>;
  readonly #fallback: RouteInput;
  /** Each once. */
  readonly all: readonly RouteInput[];

  constructor(routes: Routes) {
    const made = new Map<string, RouteInput>();
    const inputOf = (route: Route): RouteInput => {
      const input = made.get(route.entrypoint) ?? new RouteInput(route);
      made.set(route.entrypoint, input);
      return input;
    };
    const byCommand = (commands: Readonly<Record<string, Route>>) =>
      new Map(Object.entries(commands).map(([command, route]) => [command, inputOf(route)]));
    this.#kinds = new Map(
      Object.entries(routes).map(([kind, commands]) => [kind, byCommand(commands)]),
    );
    // Without a route nothing could be asked, so nothing would be allowed.
    this.#fallback =
      this.#kinds.get(other)?.get(other) ?? new RouteInput({ entrypoint: '', reads: [] });
    this.all = [...made.values()];
  }

  find({ kind, facts }: Statement): RouteInput {
    const commands = this.#kinds.get(kind);
    const { command } = facts;
    const named = typeof command === 'string' ? commands?.get(command) : undefined;
    return named ?? commands?.get(other) ?? this.#fallback;
  }
}

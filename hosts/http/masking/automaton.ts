// All selectors of a plan as one table: a state for each place in a document that they tell apart.

import { stricter } from '#engine/masking';
import { maskStrategies, type MaskStrategy } from '#engine/model';
import { NameTable } from './name-table.ts';
import type { Selector, Step } from './selector.ts';

export interface SelectedField {
  readonly selector: Selector;
  readonly strategy: MaskStrategy;
}

/** Hand-written plans stay below a thousand; what needs more would take a policy's author by surprise. */
const cellsMax = 64 * 1024;

/** Below this state nothing is selected. */
export const deadState = 0;

export interface Automaton {
  readonly names: NameTable;
  /** State of a whole document. */
  readonly root: number;
  /** State of a record of NDJSON, of an event or of a CSV row: it may be what any step but the last leads to. */
  readonly record: number;
  /** The strategy of a state's values, as its place in `maskStrategies` plus 1; 0 leaves them. */
  readonly strategies: Uint8Array;
  /** 1 where a name's place changes what follows, so that names must be read. */
  readonly readsNames: Uint8Array;
  readonly memberState: (state: number, place: number) => number;
  readonly elementState: (state: number, index: number) => number;
}

/** A set of places in selectors (selector × step), and the strategy in force for everything below. */
interface Draft {
  readonly places: readonly number[];
  readonly strategy: MaskStrategy | undefined;
}

type Event = { readonly name: string | undefined } | { readonly index: number | undefined };

const isTaken = ({ child }: Step, event: Event): boolean => {
  if (child === 'any') return true;
  if ('name' in child) return 'name' in event && event.name === child.name;
  return 'index' in event && event.index === child.index;
};

const strictest = (
  one: MaskStrategy | undefined,
  other: MaskStrategy | undefined,
): MaskStrategy | undefined => {
  if (one === undefined || other === undefined) return one ?? other;
  return stricter(one, other);
};

class Builder {
  readonly #fields: readonly SelectedField[];
  readonly #stride: number;
  readonly #numbers = new Map<string, number>();
  readonly drafts: Draft[] = [];

  constructor(fields: readonly SelectedField[]) {
    this.#fields = fields;
    this.#stride = 1 + Math.max(0, ...fields.map(({ selector }) => selector.length));
    this.add([], undefined);
  }

  /** The state of places that may be reached ends; the strategy of a reached end joins `strategy`. */
  add(reached: Iterable<number>, strategy: MaskStrategy | undefined): number {
    let effective = strategy;
    const places: number[] = [];
    for (const place of new Set(reached)) {
      const field = this.#fields[Math.floor(place / this.#stride)];
      if (field === undefined) continue;
      if (place % this.#stride < field.selector.length) places.push(place);
      else effective = strictest(effective, field.strategy);
    }
    places.sort((one, other) => one - other);
    const key = `${effective ?? ''} ${places.join(' ')}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.drafts.push({ places, strategy: effective });
    this.#numbers.set(key, this.drafts.length - 1);
    return this.drafts.length - 1;
  }

  after({ places, strategy }: Draft, event: Event): number {
    const reached: number[] = [];
    for (const place of places) {
      const step = this.#step(place);
      if (step === undefined) continue;
      if (step.deep) reached.push(place);
      if (isTaken(step, event)) reached.push(place + 1);
    }
    return this.add(reached, strategy);
  }

  starts(depths: (selector: Selector) => number): number {
    const reached = this.#fields.flatMap(({ selector }, field) =>
      Array.from({ length: depths(selector) }, (_, step) => field * this.#stride + step),
    );
    return this.add(reached, undefined);
  }

  #step(place: number): Step | undefined {
    return this.#fields[Math.floor(place / this.#stride)]?.selector[place % this.#stride];
  }
}

/** Undefined when the selectors cannot be combined in few enough states. */
export const buildAutomaton = (fields: readonly SelectedField[]): Automaton | undefined => {
  const children = fields.flatMap(({ selector }) => selector.map(({ child }) => child));
  const childNames = children.flatMap((child) =>
    child !== 'any' && 'name' in child ? [child.name] : [],
  );
  const names = new NameTable(childNames);
  const eventNames = [...new Set(childNames), undefined];
  const indexes = new Set(
    children.flatMap((child) => (child !== 'any' && 'index' in child ? [child.index] : [])),
  );
  const eventIndexes = [...indexes, undefined];
  const builder = new Builder(fields);
  const root = builder.starts(() => 1);
  const record = builder.starts((selector) => Math.max(1, selector.length));
  const members: number[] = [];
  const elements: number[] = [];
  const columns = eventNames.length + eventIndexes.length;
  for (const draft of builder.drafts) {
    if (builder.drafts.length * columns > cellsMax) return undefined;
    members.push(...eventNames.map((name) => builder.after(draft, { name })));
    elements.push(...eventIndexes.map((index) => builder.after(draft, { index })));
  }
  const tables = { members, elements, indexes: [...indexes], drafts: builder.drafts };
  return { names, root, record, ...freeze(tables) };
};

interface Tables {
  readonly members: readonly number[];
  readonly elements: readonly number[];
  readonly indexes: readonly number[];
  readonly drafts: readonly Draft[];
}

const freeze = (tables: Tables): Omit<Automaton, 'names' | 'root' | 'record'> => {
  const { indexes, drafts } = tables;
  const members = Uint16Array.from(tables.members);
  const elements = Uint16Array.from(tables.elements);
  const names = members.length / drafts.length;
  const columns = indexes.length + 1;
  const rowOf = (state: number): Uint16Array =>
    members.subarray(state * names, (state + 1) * names);
  const columnOf = (index: number): number => {
    const column = indexes.indexOf(index);
    return column === -1 ? indexes.length : column;
  };
  return {
    strategies: Uint8Array.from(drafts, ({ strategy }) =>
      strategy === undefined ? 0 : maskStrategies.indexOf(strategy) + 1,
    ),
    readsNames: Uint8Array.from(drafts, (_, state) => (new Set(rowOf(state)).size > 1 ? 1 : 0)),
    memberState: (state, place) => members[state * names + place] ?? deadState,
    elementState: (state, index) => elements[state * columns + columnOf(index)] ?? deadState,
  };
};

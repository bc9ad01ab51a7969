// Values as a compiled module writes them (JSON, with sets as `{a, b}` and keys of any type), held to what a case wants.

export type Value =
  | { readonly kind: 'scalar'; readonly text: string; readonly value: unknown }
  | { readonly kind: 'array' | 'set'; readonly items: readonly Value[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [Value, Value])[] };

const scalarPattern = /"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null/y;

/** @throws SyntaxError where the text is no value. */
export function parseValue(text: string): Value {
  const reader = { text, at: 0 };
  const value = read(reader);
  if (reader.at !== text.length) throw new SyntaxError(`more after the value: ${text}`);
  return value;
}

interface Reader {
  readonly text: string;
  at: number;
}

function taken(reader: Reader, token: string): boolean {
  while (reader.text[reader.at] === ' ') reader.at += 1;
  if (!reader.text.startsWith(token, reader.at)) return false;
  reader.at += token.length;
  return true;
}

function read(reader: Reader): Value {
  if (taken(reader, 'set()')) return { kind: 'set', items: [] };
  if (taken(reader, '[')) return { kind: 'array', items: listed(reader, ']', []) };
  if (taken(reader, '{')) return braced(reader);
  scalarPattern.lastIndex = reader.at;
  const [text] = scalarPattern.exec(reader.text) ?? [];
  if (text === undefined) throw new SyntaxError(`no value at ${reader.at}: ${reader.text}`);
  reader.at += text.length;
  return { kind: 'scalar', text, value: JSON.parse(text) as unknown };
}

function listed(reader: Reader, end: string, items: Value[]): readonly Value[] {
  while (!taken(reader, end)) {
    if (items.length > 0 && !taken(reader, ',')) throw new SyntaxError(`no comma at ${reader.at}`);
    items.push(read(reader));
  }
  return items;
}

/** An object, or a set: the first colon tells. */
function braced(reader: Reader): Value {
  if (taken(reader, '}')) return { kind: 'object', members: [] };
  const first = read(reader);
  if (!taken(reader, ':')) return { kind: 'set', items: listed(reader, '}', [first]) };
  const members: [Value, Value][] = [[first, read(reader)]];
  while (!taken(reader, '}')) {
    if (!taken(reader, ',')) throw new SyntaxError(`no comma at ${reader.at}`);
    const key = read(reader);
    if (!taken(reader, ':')) throw new SyntaxError(`no colon at ${reader.at}`);
    members.push([key, read(reader)]);
  }
  return { kind: 'object', members };
}

/** Whether a value is what YAML says: sets are lists in any order there, keys are texts. */
export function matches(value: Value, want: unknown): boolean {
  switch (value.kind) {
    case 'scalar':
      return isSameScalar(value, want);
    case 'array':
      return (
        Array.isArray(want) &&
        want.length === value.items.length &&
        value.items.every((item, at) => matches(item, want[at]))
      );
    case 'set':
      return Array.isArray(want) && matchesAsSet(value.items, want);
    case 'object':
      return matchesObject(value.members, want);
  }
}

/** Each of one is one of the other, both ways. */
export const matchesAsSet = (items: readonly Value[], want: readonly unknown[]): boolean =>
  items.every((item) => want.some((each) => matches(item, each))) &&
  want.every((each) => items.some((item) => matches(item, each)));

function isSameScalar({ text, value }: Extract<Value, { kind: 'scalar' }>, want: unknown): boolean {
  if (typeof want === 'bigint') {
    return (
      text === want.toString() ||
      (Number(text) === Number(want) && Number.isSafeInteger(Number(text)))
    );
  }
  return value === want;
}

function matchesObject(members: readonly (readonly [Value, Value])[], want: unknown): boolean {
  if (typeof want !== 'object' || want === null || Array.isArray(want)) return false;
  const wanted = want as Readonly<Record<string, unknown>>;
  return (
    Object.keys(wanted).length === members.length &&
    members.every(([key, member]) => {
      const name = keyText(key);
      return Object.hasOwn(wanted, name) && matches(member, wanted[name]);
    })
  );
}

/** As OPA writes keys that are no texts into JSON. */
const keyText = (key: Value): string =>
  key.kind === 'scalar' && typeof key.value === 'string' ? key.value : written(key);

function written(value: Value): string {
  switch (value.kind) {
    case 'scalar':
      return value.text;
    case 'array':
    case 'set':
      return `[${value.items.map(written).join()}]`;
    case 'object':
      return `{${value.members.map(([key, member]) => `${JSON.stringify(keyText(key))}:${written(member)}`).join()}}`;
  }
}

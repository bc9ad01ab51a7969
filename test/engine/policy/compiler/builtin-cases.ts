// Per builtin of the capabilities: expressions over `input`, each true or a text, to be asked of both engines.

/** Texts `a`, `b`, `c`, a list of texts `g`, whole numbers `n`, `m`, an object of texts `o`. */
export const caseHeader = `package rules.postgres.cases
a := input.principal.id
b := input.session.client
c := input.session.application
g := input.principal.groups
n := input.session.started_at
m := input.time.epoch_ms
o := input.target.labels
# Of any type to the compiler, so that values of different types can be compared.
loose(x) := x
`;

export interface BuiltinCases {
  /** Expressions that fire when they are true. */
  readonly truths?: readonly string[];
  /** Expressions whose text is compared. */
  readonly texts?: readonly string[];
}

const joined = (list: string) => `concat("|", ${list})`;
const compared = (operator: string): BuiltinCases => ({
  truths: [
    `a ${operator} b`,
    `n ${operator} m`,
    `g ${operator} [a, b]`,
    `loose(a) ${operator} loose(n)`,
    `{g, [a]} ${operator} {[b], g}`,
    `{{a}, {b, c}} ${operator} {{c}, {a, b}}`,
    `{"k": [a], "l": n} ${operator} {"k": [b], "l": m}`,
    `[loose(input.statement.limit), a] ${operator} [loose(n), b]`,
  ],
});
const typed = (name: string): BuiltinCases => ({
  truths: ['a', 'g', 'n', 'o', 'input.statement.limit', 'input.statement.where', '{a}'].map(
    (value) => `${name}(${value})`,
  ),
});
const textual = (name: string): BuiltinCases => ({
  truths: [`${name}(a, b)`, `${name}(a, "")`, `${name}("", b)`],
});
const trimming = (name: string): BuiltinCases => ({
  texts: [`${name}(a, b)`, `${name}(a, " ab")`, `${name}(a, "")`],
});

export const builtinCases: Readonly<Record<string, BuiltinCases>> = {
  abs: { truths: ['abs(n) == m', 'abs(n - m) < 10', 'abs(-3) == 3'] },
  and: { texts: [joined('sort({x | some x in g} & {a, b, "x"})')] },
  'array.concat': { texts: [joined('array.concat(g, [a, b])'), joined('array.concat([], g)')] },
  'array.slice': {
    texts: ['0, 2', '1, 100', '2, 1', '0, 0'].map((ends) => joined(`array.slice(g, ${ends})`)),
  },
  assign: { truths: ['x := a; x == b'] },
  concat: {
    texts: [
      'concat(a, input.principal.groups)',
      'concat("", [a, b])',
      'concat(a, [])',
      'concat(a, [b])',
    ],
  },
  contains: textual('contains'),
  count: {
    truths: ['count(g) == 2', 'count(a) == 3', 'count(o) == 1', 'count({x | some x in g}) < 3'],
  },
  endswith: textual('endswith'),
  eq: { truths: ['x = a; x = b', '[_, y] = g; y == b'] },
  equal: compared('=='),
  gt: compared('>'),
  gte: compared('>='),
  indexof: {
    truths: ['"b"', '"ab"', '"😀"', '"\\u0000"'].flatMap((needle) => [
      `indexof(a, ${needle}) > 0`,
      `indexof(a, ${needle}) == -1`,
    ]),
  },
  'internal.member_2': {
    truths: [
      '[a] in {g}',
      '{a} in {{b}, {c}}',
      'a in g',
      'a in {b, c}',
      'a in o',
      'a in [b, c]',
      'loose(n) in g',
    ],
  },
  'internal.member_3': { truths: ['0, a in g', 'a, b in o'] },
  intersection: { texts: [joined('sort(intersection({{x | some x in g}, {a, b, c}}))')] },
  is_array: typed('is_array'),
  is_boolean: typed('is_boolean'),
  is_null: typed('is_null'),
  is_number: typed('is_number'),
  is_object: typed('is_object'),
  is_set: typed('is_set'),
  is_string: typed('is_string'),
  lower: { texts: ['lower(a)', 'lower(c)'] },
  lt: compared('<'),
  lte: compared('<='),
  max: {
    texts: ['max(g)', 'max({a, b, c})'],
    truths: ['max([n, m]) == n', 'max([a, n]) == loose(a)'],
  },
  min: {
    texts: ['min(g)', 'min({a, b, c})'],
    truths: ['min([n, m]) == n', 'min([a, n]) == loose(a)'],
  },
  minus: {
    truths: ['n - m == 1', 'n - 1 == m', 'm - n < 0'],
    texts: [joined('sort({x | some x in g} - {a, b})')],
  },
  mul: {
    truths: [
      'n * 2 == m',
      'n * -1 < m',
      'n * m == n',
      'n * n > m',
      'n * m - m < n',
      'n * n * n * n > m',
    ],
  },
  neq: compared('!='),
  'net.cidr_contains': {
    truths: [
      'net.cidr_contains("10.0.0.0/8", c)',
      'net.cidr_contains("192.168.1.0/24", c)',
      'net.cidr_contains("2001:db8::/32", c)',
    ],
  },
  'numbers.range': {
    truths: ['input.time.weekday in numbers.range(1, 5)', 'm in numbers.range(10, -20)'],
  },
  'object.filter': { texts: [joined('sort(object.keys(object.filter(o, {a, b})))')] },
  'object.get': {
    texts: [
      'object.get(o, a, "none")',
      'object.get(o, "b", "none")',
      'object.get(o, ["b"], "none")',
      'object.get({"x": {a: b}}, ["x", c], "none")',
      'object.get({"g": g}, ["g", 0], "none")',
    ],
  },
  'object.keys': { texts: [joined('sort(object.keys(o))')] },
  'object.remove': { texts: [joined('sort(object.keys(object.remove(o, [a])))')] },
  'object.union': {
    texts: [joined('sort(object.keys(object.union(o, {a: b, "b": c})))')],
    truths: ['object.union({"x": o}, {"x": {a: b}}).x == o', 'object.union(o, {a: b})[a] == b'],
  },
  'object.union_n': {
    texts: [joined('sort(object.keys(object.union_n([o, {a: b}, {"b": c}])))')],
    truths: [
      'object.union_n([o, {a: b}, {"b": c}])[a] == b',
      'object.union_n([{"x": o}, {"x": {a: b}}]).x == o',
    ],
  },
  or: { texts: [joined('sort({x | some x in g} | {a, b})')] },
  plus: { truths: ['n + 1 == m', 'n + m > 10', 'n + -1 == m'] },
  'regex.match': {
    truths: [
      'regex.match(`^a+b?$`, a)',
      'regex.match(`(?i)AB`, a)',
      'regex.match(`[^a-z]`, a)',
      'regex.match(`\\bx\\b`, a)',
      'regex.match(`.`, a)',
    ],
  },
  rem: {
    truths: [
      'n % 2 == 0',
      'n % 7 == 3',
      'n % 7 < 0',
      'm % 60000 == n',
      'n % 9007199254740991 == 0',
    ],
  },
  replace: {
    texts: [
      'replace(a, "a", b)',
      'replace(a, "ab", "")',
      'replace(a, "aa", "a")',
      'replace(a, "😀", c)',
      'replace(a, "\\u0000", "|")',
      'replace(a, ".", "..")',
    ],
  },
  sort: {
    texts: [joined('sort(g)'), joined('sort({a, b, c})')],
    truths: ['sort([n, m]) == [m, n]'],
  },
  split: { texts: [joined('split(a, b)'), joined('split(a, "b")'), joined('split(a, "")')] },
  startswith: textual('startswith'),
  substring: {
    texts: ['0, 1', '1, 2', '1, -1', '3, 10', '0, 0', '999, 5'].map(
      (ends) => `substring(a, ${ends})`,
    ),
  },
  sum: { truths: ['sum([n, m]) > 10', 'sum([]) == m', 'sum({n, m}) == n'] },
  trim: trimming('trim'),
  trim_left: trimming('trim_left'),
  trim_prefix: trimming('trim_prefix'),
  trim_right: trimming('trim_right'),
  trim_space: { texts: ['trim_space(a)', 'trim_space(c)'] },
  trim_suffix: trimming('trim_suffix'),
  union: { texts: [joined('sort(union({{x | some x in g}, {a, b}}))')] },
  upper: { texts: ['upper(a)', 'upper(c)'] },
};

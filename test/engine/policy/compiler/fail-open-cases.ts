// Rules that would fail open, and their neighbours that do not: each the text of a package under rules.postgres.

/** The bundle's documents beside every case. */
export const caseDocuments = [
  {
    path: 'data.json',
    text: JSON.stringify({
      owners: { orders: 'ada' },
      limits: { rows: 10, label: 'ten', hosts: ['10.0.0.1'], none: [] },
      tables: [{ name: 'orders', owner: 'ada' }, { name: 'users' }],
    }),
  },
  {
    path: 'lib.rego',
    text: 'package lib\n\nshared(labels) := labels.team\n\nkind := input.principal.kind\n',
  },
];

const env = (meaning: string) => `object.get(input.target.labels, "env", ${meaning})`;
const unknown = '<what absence means>';

/** A rule with ▸ where it is refused, and what the hint says to write. */
type Refused = readonly [text: string, hint: string];

export const absentReads: readonly Refused[] = [
  ['deny contains "x" if ▸input.target.labels.env == "p"', `${env('"p"')} == "p"`],
  ['deny contains "x" if "p" == ▸input.target.labels.env', `"p" == ${env('"p"')}`],
  ['deny contains "x" if ▸input.target.labels.env', env('true')],
  ['deny contains "x" if ▸input.target.labels.env != "dev"', `${env('""')} != "dev"`],
  ['deny contains "x" if ▸input.target.labels.env in {"b", "a"}', `${env('"a"')} in {"b", "a"}`],
  [
    'deny contains "x" if startswith(▸input.target.labels.env, "p")',
    `startswith(${env('"p"')}, "p")`,
  ],
  ['deny contains "x" if lower(▸input.target.labels.env) == "p"', `lower(${env(unknown)}) == "p"`],
  ['deny contains ▸input.target.labels.env', env(unknown)],
  ['deny contains concat("", ["in ", ▸input.target.labels.env])', env(unknown)],
  ['mask contains {"column": ▸input.target.labels.env, "strategy": "hash"}', env(unknown)],
  [
    'approve contains {"msg": "x", "groups": ["dba"]} if ▸input.target.labels.env == "p"',
    `${env('"p"')} == "p"`,
  ],
  ['deny contains "x" if ▸input["target"].labels["env"] == "p"', `${env('"p"')} == "p"`],
  [
    'deny contains "x" if {\n\tlabels := input.target.labels\n\t▸labels.env == "p"\n}',
    'object.get(labels, "env", "p") == "p"',
  ],
  ['deny contains "x" if x == "p"\n\nx := ▸input.target.labels.env', env(unknown)],
  ['deny contains "x" if p\n\np if ▸input.target.labels.env == "p"', `${env('"p"')} == "p"`],
  [
    'deny contains "x" if p == "a"\n\np := "a" if {\n\t▸input.target.labels.env == "p"\n} else := "b" if {\n\tinput.statement.where\n}',
    `${env('"p"')} == "p"`,
  ],
  [
    'deny contains "x" if {\n\tsome i\n\tinput.statement.relations[i].access == "write"\n\t▸input.statement.columns[i] == "a"\n}',
    'guarded := input.statement.columns[i]',
  ],
  [
    'deny contains "x" if ▸input.principal.groups[0] == "root"',
    'guarded := input.principal.groups[0]',
  ],
  ['deny contains "x" if ▸split(input.principal.id, "@")[1] == "b"', 'guarded := split('],
  [
    'deny contains "x" if ▸object.get(input, ["target", "labels"], {}).env == "p"',
    '"env", "p") == "p"',
  ],
  [
    'deny contains "x" if ▸data.owners[input.target.name] == "ada"',
    'object.get(data.owners, input.target.name, "ada") == "ada"',
  ],
  [
    'deny contains "x" if {\n\tsome table in data.tables\n\t▸table.owner == "ada"\n}',
    'object.get(table, "owner", "ada") == "ada"',
  ],
  [
    'deny contains "x" if ▸levels[input.statement.command] == 1\n\nlevels := {"DELETE": 1}',
    'object.get(levels, input.statement.command, 1) == 1',
  ],
  [
    'deny contains "x" if f(input.target.labels)\n\nf(x) if ▸x.env == "p"',
    'object.get(x, "env", "p") == "p"',
  ],
  [
    'deny contains "x" if every r in input.statement.relations { r.name == ▸input.target.labels.env }',
    `r.name == ${env(unknown)}`,
  ],
  [
    'deny contains "x" if count([r | some r in input.statement.relations; r.name == ▸input.target.labels.env]) > 1',
    `r.name == ${env(unknown)}`,
  ],
];

/** What a builtin answers holds what it was given. */
export const readsOfAnswers: readonly Refused[] = [
  ...[
    'array.concat(data.tables, [])',
    'array.slice(data.tables, 0, 1)',
    'sort(data.tables)',
    '({t | some t in data.tables} | {t | some t in data.tables})',
    '({t | some t in data.tables} - {1})',
    'object.remove({"t": data.tables[0], "u": data.tables[1]}, ["t"])',
  ].map((tables): Refused => [
    `deny contains "x" if {\n\tsome table in ${tables}\n\t▸table.owner == "ada"\n}`,
    'object.get(table, "owner", "ada") == "ada"',
  ]),
  [
    'deny contains "x" if ▸object.union({"a": "b"}, input.target.labels).env == "p"',
    '"env", "p") == "p"',
  ],
];

/** `not` reaches neither into a call, nor an allow rule's safety into what it negates or counts. */
export const negatedReads: readonly Refused[] = [
  [
    'deny contains "x" if not ▸input.target.labels.env in {"a", "b"}',
    `not ${env('""')} in {"a", "b"}`,
  ],
  [
    'deny contains "x" if not startswith(▸input.target.labels.env, "d")',
    `not startswith(${env('""')}, "d")`,
  ],
  ['deny contains "x" if not f(▸input.target.labels.env)\n\nf("dev")', `not f(${env(unknown)})`],
  [
    'deny contains "x" if not p\n\np if not ▸input.target.labels.env == "p"',
    `not ${env('"p"')} == "p"`,
  ],
  ['allow contains "x" if not ▸input.target.labels.env == "p"', `not ${env('"p"')} == "p"`],
  ['allow contains "x" if not p\n\np if ▸input.target.labels.env == "p"', `${env('"p"')} == "p"`],
  [
    'allow contains "x" if count(bad) == 0\n\nbad contains "x" if ▸input.target.labels.env == "p"',
    `${env('"p"')} == "p"`,
  ],
  [
    'allow contains "x" if count({r | some r in input.statement.columns; r == ▸input.target.labels.env}) == 0',
    `r == ${env(unknown)}`,
  ],
  [
    'deny contains "x" if p\n\ndefault p := true\n\np := false if not ▸input.target.labels.env == "p"',
    `not ${env('"p"')} == "p"`,
  ],
];

export const fallibleCalls: readonly Refused[] = [
  [
    'deny contains "x" if {\n\tx := input.time.hour + 0.5\n\t▸x % 2 == 1\n}',
    'default guarded(_) := <what absence means>\nguarded(x) := x % 2',
  ],
  [
    'deny contains "x" if ▸max(input.statement.columns) == "a"',
    'guarded := max(input.statement.columns)',
  ],
  ['deny contains "x" if ▸min(data.limits.none) == 1', 'guarded := min(data.limits.none)'],
  [
    'deny contains "x" if ▸net.cidr_contains("10.0.0.0/8", input.session.client)',
    'default guarded := <what absence means>\nguarded := net.cidr_contains("10.0.0.0/8", input.session.client)',
  ],
  [
    'deny contains "x" if f(input.session.client)\n\nf(a) if ▸net.cidr_contains("10.0.0.0/8", a)',
    'default guarded(_) := <what absence means>\nguarded(a) := net.cidr_contains("10.0.0.0/8", a)',
  ],
  ['deny contains "x" if ▸input.statement.limit + 1 > 10', 'guarded := input.statement.limit + 1'],
  ['deny contains "x" if ▸data.limits.label * 2 > 10', 'guarded := data.limits.label * 2'],
  ['deny contains "x" if ▸lower(data.limits.rows) == "a"', 'guarded := lower('],
  ['allow contains "x" if not p\n\np if ▸max(input.statement.columns) == "a"', 'guarded := max('],
];

export const missingDocuments: readonly Refused[] = [
  ['deny contains "x" if ▸data.nothing.here == 1', 'define it in a data.json'],
  [
    'deny contains "x" if {\n\t▸some x in data.limits.gone\n\tx == 1\n}',
    'define it in a data.json',
  ],
  ['allow contains "x" if not ▸data.limits.gone', 'define it in a data.json'],
];

export const accepted: readonly string[] = [
  'deny contains "x" if object.union({"env": "p"}, input.target.labels).env == "p"',
  `deny contains "x" if ${env('"p"')} == "p"`,
  'deny contains "x" if object.get(input, ["target", "labels", "env"], "p") == "p"',
  'deny contains "x" if input.statement.command == "TRUNCATE"',
  'deny contains "x" if not input.target.labels.env == "dev"',
  'deny contains "x" if not input.target.labels.env',
  'deny contains "x" if not p\n\np if input.target.labels.env == "dev"',
  'deny contains "x" if p\n\ndefault p := true\n\np := input.target.labels.env == "p"',
  'deny contains "x" if f("a")\n\ndefault f(_) := true\n\nf(x) := input.target.labels.env == x',
  'deny contains "x" if p == "a"\n\np := "b" if {\n\tinput.target.labels.env == "dev"\n} else := "a"',
  'deny contains "x" if {\n\tsome value in input.target.labels\n\tvalue == "p"\n}',
  'deny contains "x" if input.target.labels[_] == "p"',
  'deny contains "x" if {\n\tsome key, value in input.target.labels\n\tvalue == input.target.labels[key]\n}',
  'deny contains "x" if {\n\tsome i\n\tinput.statement.relations[i].name == "a"\n\tinput.statement.relations[i].access == "write"\n}',
  'deny contains "x" if not net.cidr_contains("10.0.0.0/8", input.session.client)',
  'deny contains "x" if inside\n\ndefault inside := true\n\ninside := net.cidr_contains("10.0.0.0/8", input.session.client)',
  'deny contains "x" if net.cidr_contains("10.0.0.0/8", data.limits.hosts[0])',
  'deny contains "x" if max([1, input.time.hour]) > 3',
  'deny contains "x" if input.time.hour % 2 == 0',
  'deny contains "x" if (input.time.hour + count(input.statement.columns)) % 2 == 0',
  'deny contains "x" if split(input.principal.id, "@")[0] == "root"',
  'deny contains "x" if input.statement.limit != null',
  'deny contains "x" if data.limits.rows + 1 > 3',
  'deny contains "x" if data.limits.hosts[0] == input.session.client',
  'deny contains "x" if object.get(data.owners, input.target.name, "") == ""',
  'deny contains "x" if {\n\tsome table in data.tables\n\ttable.name == "orders"\n}',
  'deny contains "x" if writes["DELETE"]\n\nwrites contains input.statement.command',
  'allow contains "x" if input.target.labels.env == "dev"',
  'allow contains "x" if data.owners[input.target.name] == "ada"',
  'allow contains "x" if not input.target.labels.env in {"a", "b"}',
  'allow contains "x" if max(input.statement.columns) == "a"',
  'unused if input.target.labels.env == "p"',
];

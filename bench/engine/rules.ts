// Generated rules in the shapes that teams write, as conditions: each engine has a writer that turns them into its language.

export type Condition =
  | { readonly kind: 'command'; readonly oneOf: readonly string[] }
  | { readonly kind: 'principal'; readonly id: string }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'not-group'; readonly name: string }
  | { readonly kind: 'area'; readonly name: string }
  | { readonly kind: 'target'; readonly prefix: string }
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'writes'; readonly relation: string }
  | { readonly kind: 'no-where' }
  | { readonly kind: 'before'; readonly hour: number };

export interface Rule {
  readonly id: string;
  readonly effect: 'allow' | 'deny' | 'approve' | 'mask';
  readonly message: string;
  /** All of them must hold. */
  readonly conditions: readonly Condition[];
}

type RuleShape = (area: number) => Rule;

const command = (...oneOf: readonly string[]): Condition => ({ kind: 'command', oneOf });

/** What one area has: three rules allow, four deny, two ask for approval, one masks. */
const shapes: readonly RuleShape[] = [
  (area) => ({
    id: `team-reads-${area}`,
    effect: 'allow',
    message: `team ${area} reads`,
    conditions: [command('SELECT'), { kind: 'group', name: `team-${area}` }],
  }),
  (area) => ({
    id: `no-truncate-${area}`,
    effect: 'deny',
    message: `the databases of area ${area} are not truncated`,
    conditions: [command('TRUNCATE'), { kind: 'target', prefix: `area-${area}-` }],
  }),
  (area) => ({
    id: `append-only-${area}`,
    effect: 'deny',
    message: `ledger ${area} is append-only`,
    conditions: [
      command('UPDATE', 'DELETE'),
      { kind: 'writes', relation: `ledger_${area}.entries` },
    ],
  }),
  (area) => ({
    id: `wide-delete-${area}`,
    effect: 'approve',
    message: `DELETE without WHERE in area ${area}`,
    conditions: [command('DELETE'), { kind: 'no-where' }, { kind: 'area', name: `area-${area}` }],
  }),
  (area) => ({
    id: `contacts-${area}`,
    effect: 'mask',
    message: `crm_${area}.contacts.email`,
    conditions: [
      { kind: 'group', name: `support-${area}` },
      { kind: 'not-group', name: `pii-${area}` },
    ],
  }),
  (area) => ({
    id: `worker-writes-${area}`,
    effect: 'allow',
    message: `worker ${area} keeps its queue`,
    conditions: [
      command('INSERT', 'UPDATE', 'DELETE'),
      { kind: 'principal', id: `worker-${area}@example.com` },
    ],
  }),
  (area) => ({
    id: `dictionary-at-night-${area}`,
    effect: 'deny',
    message: `dictionary ${area} is rebuilt at night`,
    conditions: [
      { kind: 'before', hour: 6 },
      { kind: 'column', name: `dictionary_${area}.words.meaning` },
    ],
  }),
  (area) => ({
    id: `salaries-${area}`,
    effect: 'approve',
    message: `reads the salaries of area ${area}`,
    conditions: [command('SELECT'), { kind: 'column', name: `hr_${area}.salaries.amount` }],
  }),
  (area) => ({
    id: `reindex-${area}`,
    effect: 'deny',
    message: `reindexing area ${area} is for administrators`,
    conditions: [
      { kind: 'function', name: `admin.reindex_${area}` },
      { kind: 'not-group', name: 'administrators' },
    ],
  }),
  (area) => ({
    id: `on-call-${area}`,
    effect: 'allow',
    message: `on-call ${area} works where it is called`,
    conditions: [
      { kind: 'group', name: `on-call-${area}` },
      { kind: 'area', name: `area-${area}` },
    ],
  }),
];

/** Areas that so many rules are about; each has one rule of every shape. */
export const areaCount = (rules: number): number => Math.ceil(rules / shapes.length);

export const generateRules = (count: number): readonly Rule[] =>
  Array.from({ length: areaCount(count) }, (_unused, area) => shapes.map((shape) => shape(area)))
    .flat()
    .slice(0, count);

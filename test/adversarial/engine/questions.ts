// The policy that stands in every bundle, and the questions whose answers are known.

import type { Json, JsonObject, Session, Statement } from '../../../engine/model/index.ts';
import { sessionId } from '../../../engine/model/index.ts';
import type { PolicyFile } from '../../../engine/policy/index.ts';

export const rego = (name: string, text: string): PolicyFile => ({
  path: `${name}.rego`,
  text: `package rules.postgres.${name}\n\nimport rego.v1\n\n${text}\n`,
});

export const standing = rego(
  'standing',
  `allow contains "engineers may" if "engineering" in input.principal.groups

deny contains "no TRUNCATE" if input.statement.command == "TRUNCATE"

deny contains "guests may not" if "guests" in input.principal.groups

mask contains {"column": "public.users.email", "strategy": "partial"} if {
	input.statement.command == "SELECT"
	"public.users.email" in input.statement.columns
}`,
);

export const session: Session = {
  id: sessionId('s1'),
  host: 'postgres',
  principal: { id: 'ada', kind: 'human', groups: ['engineering'] },
  target: { name: 'shop', labels: { env: 'production' }, database: 'shop' },
  client: '127.0.0.1',
  clientPort: 1,
  application: 'psql',
  startedAt: 0,
};

const plainFacts: JsonObject = {
  command: 'SELECT',
  relations: [],
  columns: [],
  functions: [],
  where: true,
  limit: null,
  truncated: false,
};

export const asking = (facts: Readonly<Record<string, Json>> = {}): Statement => ({
  kind: 'postgres',
  facts: { ...plainFacts, ...facts },
  text: '',
});

/** What every engine with the standing policy answers, as verdict, first code and number of masks. */
export const known: readonly (readonly [statement: Statement, answer: string])[] = [
  [asking(), 'allow rule-allow 0'],
  [asking({ command: 'TRUNCATE' }), 'deny rule-deny 0'],
  [asking({ columns: ['public.users.email'] }), 'allow rule-allow 1'],
];

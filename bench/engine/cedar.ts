// The rules as Cedar policies, in Cedar's own WebAssembly build, which parses them once and keeps them under a name.

import type { StatefulAuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';

import type { Question } from './questions.ts';
import { hourOf } from './questions.ts';
import type { Condition, Rule } from './rules.ts';
import type { Subject, Verdict } from './subject.ts';
import { inProcess } from './subject.ts';

const policySet = 'rules';

/** Without masks, which have no counterpart in Cedar and change no verdict. */
export function loadCedar(rules: readonly Rule[]): Subject {
  const judging = rules.filter(({ effect }) => effect !== 'mask');
  const staticPolicies = Object.fromEntries(judging.map((rule) => [rule.id, cedarPolicy(rule)]));
  const parsed = preparsePolicySet(policySet, { staticPolicies });
  if (parsed.type === 'failure') throw new Error(JSON.stringify(parsed.errors[0]));
  const held = new Set(judging.filter(({ effect }) => effect === 'approve').map(({ id }) => id));
  return inProcess('cedar_wasm', { prepare: callOf, decide: (call) => verdictOf(call, held) });
}

/** A forbid that is meant to hold determines the answer only where no other forbid does. */
function verdictOf(call: StatefulAuthorizationCall, held: ReadonlySet<string>): Verdict {
  const answer = statefulIsAuthorized(call);
  if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors[0]));
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0) throw new Error(JSON.stringify(diagnostics.errors[0]));
  if (decision === 'allow') return 'allow';
  const { reason } = diagnostics;
  return reason.length > 0 && reason.every((id) => held.has(id)) ? 'hold' : 'deny';
}

/** The facts that the policies read, no others. */
function callOf(question: Question): StatefulAuthorizationCall {
  const { statement, session } = question;
  const { command, relations, columns, functions, where } = statement.facts;
  const principal = { type: 'User', id: session.principal.id };
  const resource = { type: 'Target', id: session.target.name };
  const parents = session.principal.groups.map((id) => ({ type: 'Group', id }));
  const { name, labels } = session.target;
  const context = {
    relations: [...relations],
    columns: [...columns],
    functions: [...functions],
    where,
    hour: hourOf(question),
  };
  return {
    preparsedPolicySetId: policySet,
    principal,
    action: { type: 'Action', id: command },
    resource,
    context,
    entities: [
      { uid: principal, attrs: {}, parents },
      { uid: resource, attrs: { name, ...labels }, parents: [] },
    ],
  };
}

export function cedarPolicy({ effect, conditions }: Rule): string {
  let principal = 'principal';
  let action = 'action';
  const clauses: string[] = [];
  for (const condition of conditions) {
    if (condition.kind === 'principal') principal = `principal == User::"${condition.id}"`;
    else if (condition.kind === 'group') principal = `principal in Group::"${condition.name}"`;
    else if (condition.kind === 'command') action = cedarAction(condition.oneOf);
    else clauses.push(cedarClause(condition));
  }
  const head = effect === 'approve' ? '@verdict("hold")\nforbid' : cedarEffect(effect);
  const when = clauses.length > 0 ? `\nwhen { ${clauses.join(' && ')} }` : '';
  return `${head} (${principal}, ${action}, resource)${when};`;
}

type Clause = Exclude<Condition, { readonly kind: 'principal' | 'group' | 'command' }>;

const cedarEffect = (effect: Rule['effect']): string => (effect === 'allow' ? 'permit' : 'forbid');

function cedarAction(commands: readonly string[]): string {
  const actions = commands.map((command) => `Action::"${command}"`);
  return actions.length === 1 ? `action == ${actions.join()}` : `action in [${actions.join(', ')}]`;
}

function cedarClause(clause: Clause): string {
  switch (clause.kind) {
    case 'not-group':
      return `!(principal in Group::"${clause.name}")`;
    case 'area':
      return `resource has area && resource.area == "${clause.name}"`;
    case 'target':
      return `resource.name like "${clause.prefix}*"`;
    case 'column':
      return `context.columns.contains("${clause.name}")`;
    case 'function':
      return `context.functions.contains("${clause.name}")`;
    case 'writes':
      return `context.relations.contains({"name": "${clause.relation}", "access": "write"})`;
    case 'no-where':
      return '!context.where';
    case 'before':
      return `context.hour < ${clause.hour}`;
  }
}

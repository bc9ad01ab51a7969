// The tour's policy edits: one that takes effect on the open connection, one that is broken.

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Tour } from './tour-context.ts';
import { ask } from './tour-context.ts';

const file = 'freeze.rego';
const effectMilliseconds = 5000;
const query = 'SELECT max(total) FROM orders;';

const freeze = `package rules.postgres.freeze

import rego.v1

deny contains "orders are frozen for the audit" if {
	some relation in input.statement.relations
	relation.name == "public.orders"
}
`;

export async function livePolicyEdit(tour: Tour): Promise<void> {
  const { narrator, gateway } = tour;
  narrator.begin('a policy is edited on disk and holds on the open connection');
  const mark = gateway.mark;
  await write(tour, freeze);
  const start = performance.now();
  await gateway.logged('policy-loaded', mark);
  const denied = await ask(tour, query);
  const took = performance.now() - start;
  narrator.claim(
    took < effectMilliseconds && denied.text.includes('frozen for the audit'),
    `in force after ${took.toFixed(0)} ms, without a restart or a reconnect`,
  );
}

export async function brokenEdit(tour: Tour): Promise<void> {
  const { narrator, gateway, workspace } = tour;
  narrator.begin('a broken edit changes nothing but the log');
  const mark = gateway.mark;
  await write(tour, freeze.replace('input.statement.relations', 'input.statement.relation'));
  const line = await gateway.logged('policy-rejected', mark);
  narrator.shown(JSON.stringify(line));
  narrator.claim(
    line['file'] === file && line['line'] === 6,
    `the log names the mistake and its place, ${file}:6`,
  );
  const denied = await ask(tour, query);
  narrator.claim(denied.sqlstate === '42501', 'the last good policy is still in force');
  narrator.typed('$', `rm policies/${file}`);
  const broken = gateway.mark;
  await rm(join(workspace.policies, file));
  await gateway.logged('policy-loaded', broken);
  const allowed = await ask(tour, query);
  narrator.claim(allowed.sqlstate === '00000', 'without the file the orders are thawed');
}

async function write({ narrator, workspace }: Tour, text: string): Promise<void> {
  narrator.typed('$', `cat > policies/${file}`);
  narrator.shown(text.trimEnd());
  await writeFile(join(workspace.policies, file), text);
}

// The page that shows what becomes of every attack: docs/reference/postgres-attacks.md.

import type { Row } from './main.ts';
import { scoreOf } from './main.ts';

const introduction = `# Attacks on PostgreSQL

What becomes of each case of \`npm run adversarial -- postgres\`, which runs them against a real server behind the gateway. Written by
\`npm run adversarial -- postgres --table\`.

Masked columns hold canaries. An attack is \`repelled\` if none of them, in any spelling, is in any byte that a masked client received, and if
nothing that the case forbids was done; statements run as simple queries, in the extended protocol and with binary results. Classes are
what is attacked; \`oracles\` are statements whose rows, errors or time would tell of a masked value, so not even a number of rows may
come back. Everyday statements of drivers, ORMs, dashboards and psql are \`served\` if they answer without an error to the same client.

`;

export function tablePage(rows: readonly Row[]): string {
  const scores = `Attacks repelled: ${scoreOf(rows, 'repelled')}. Everyday statements served: ${scoreOf(rows, 'served')}.`;
  const classes = Array.from(new Set(rows.map((row) => row.class)));
  return `${introduction}${scores}\n\n${classes.map((kind) => section(kind, rows)).join('\n')}`;
}

function section(kind: string, rows: readonly Row[]): string {
  const lines = rows
    .filter((row) => row.class === kind)
    .map((row) => `| ${cell(row.name)} | ${row.expected} | ${cell(row.got)} |`);
  return `## ${kind}\n\n| case | expected | got |\n|---|---|---|\n${lines.join('\n')}\n`;
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/[*_<>]/g, '\\$&');

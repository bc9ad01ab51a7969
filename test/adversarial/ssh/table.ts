// The page that shows what becomes of every attack: docs/reference/ssh-attacks.md.

import type { Row } from './attack.ts';

const introduction = `# Attacks on SSH

What becomes of each attack of \`npm run adversarial -- ssh\`. Written by \`npm run adversarial -- ssh --table\`.

`;

export function tablePage(rows: readonly Row[]): string {
  const classes = Array.from(new Set(rows.map((row) => row.class)));
  const sections = classes.map((kind) => section(kind, rows));
  const passed = rows.filter(({ pass }) => pass).length;
  return `${introduction}As expected: ${passed} of ${rows.length}.\n\n${sections.join('\n')}`;
}

function section(kind: string, rows: readonly Row[]): string {
  const lines = rows
    .filter((row) => row.class === kind)
    .map(({ name, expected, got }) => `| ${cell(name)} | ${expected} | ${cell(got)} |`);
  return `## ${kind}\n\n| attack | expected | got |\n|---|---|---|\n${lines.join('\n')}\n`;
}

const cell = (text: string): string => text.replace(/[\\|*_<>`$]/g, '\\$&');

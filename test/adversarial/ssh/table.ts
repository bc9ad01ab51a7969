// The page that shows what becomes of every attack: docs/reference/ssh-attacks.md.

import type { Row } from './attack.ts';

const introduction = `# Attacks on SSH

What becomes of each attack of \`npm run adversarial -- ssh\`, written by \`npm run adversarial -- ssh --table\`. Those on the transport, the login and the
channels are made by hand, packet by packet, at the guards alone, while somebody else works undisturbed; all others at a whole gateway with OpenSSH's
sshd as its target, in whose files stand canaries: one that nobody may read or change, and a program that nobody may run.

- \`refused\`: the caller was told so, and nothing of it came to the target; \`cut\`: the connection was ended.
- \`reached\`: a canary was read, changed or run. Of command lines it is made sure first that each does that in a shell of its own: in the tables \`@\` is
  the directory of the canaries, \`!\` the program.
- \`ignored\`, \`served\`: what came of it is what an honest client would have got.

A policy that names what is forbidden cannot know under which other names a target has it: a link or a copy that is already there is read by \`cat\`, scp and
rsync under its own name. Only of sftp are paths followed on the target before they are judged.

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

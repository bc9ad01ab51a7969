// Who takes part in the demo, and the tokens that say so.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { createToken } from '#engine';

const people = {
  ada: { id: 'ada@example.com', kind: 'human', groups: ['engineering'] },
  grace: { id: 'grace@example.com', kind: 'human', groups: ['engineering', 'pii-readers'] },
  dora: { id: 'dora@example.com', kind: 'human', groups: ['dba', 'on-call', 'agent-owners'] },
  agent: { id: 'triage-agent', kind: 'workload', groups: ['agents'] },
} as const;

export type PersonName = keyof typeof people;

export interface Person {
  readonly name: PersonName;
  readonly id: string;
  readonly groups: readonly string[];
  readonly token: string;
  /** Holds the token, for `--token-file`. */
  readonly tokenFile: string;
}

export type People = Readonly<Record<PersonName, Person>>;

/** Writes tokens.yaml and, for the reader of the demo, each token in a file of its own. */
export async function writePeople(directory: string): Promise<People> {
  await mkdir(join(directory, 'tokens'), { mode: 0o700 });
  const listed = [];
  const made: Partial<Record<PersonName, Person>> = {};
  for (const [name, person] of Object.entries(people) as [PersonName, (typeof people)['ada']][]) {
    const { token, hash } = createToken();
    const tokenFile = join(directory, 'tokens', name);
    await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
    listed.push({ ...person, hash });
    made[name] = { name, id: person.id, groups: person.groups, token, tokenFile };
  }
  await writeFile(join(directory, 'tokens.yaml'), stringify({ tokens: listed }), { mode: 0o600 });
  return made as People;
}

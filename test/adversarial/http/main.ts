// npm run adversarial -- http [--json FILE] [--against nginx|haproxy] [--only TEXT] [--backends] [--table]
// Prints what did not come out as expected; exits 1 if that is anything of Sallyport's. `--backends` puts
// six real servers behind it instead; `--table` writes docs/reference/http-attacks.md.

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { startRecordingUpstream } from '#lab';

import { backendNames } from './backends.ts';
import { payloads } from './cases.ts';
import { behindSallyport, directly } from './differential.ts';
import { attackMasked } from './masked-cases.ts';
import type { Payload } from './payload.ts';
import type { Row } from './run.ts';
import { run, unpermitted } from './run.ts';
import type { SubjectName } from './subject.ts';
import { startSubject, subjectNames } from './subject.ts';
import type { BackendRow } from './table.ts';
import { tablePage } from './table.ts';

const page = new URL('../../../docs/reference/http-attacks.md', import.meta.url);

export interface Attacked {
  readonly rows: readonly Row[];
  /** Requests that came to the target without a permission on record. */
  readonly unaccounted: readonly string[];
}

export async function attack(name: SubjectName, chosen: readonly Payload[]): Promise<Attacked> {
  await using upstream = await startRecordingUpstream();
  await using subject = await startSubject(name, upstream);
  const rows: Row[] = [];
  const received: string[] = [];
  for (const payload of chosen) {
    if (payload.isHttp2 === true && name !== 'sallyport') continue;
    const outcome = await run(payload, subject, upstream);
    rows.push(outcome.row);
    received.push(...outcome.received);
  }
  const isJudge = name === 'sallyport';
  return { rows, unaccounted: isJudge ? unpermitted(received, await subject.permitted()) : [] };
}

const isSubject = (name: string): name is SubjectName =>
  (subjectNames as readonly string[]).includes(name);

async function countAtBackends(): Promise<readonly BackendRow[]> {
  const requests = payloads.filter(({ answer }) => answer === undefined);
  const rows: BackendRow[] = [];
  for (const name of backendNames) {
    const guarded = await behindSallyport(name, requests);
    const alone = await directly(name, requests);
    rows.push({ name, guarded, alone });
    const found = `behind sallyport ${guarded.unjudged.length} of ${guarded.requests} requests not judged`;
    console.log(`${name}: ${found}, directly ${alone.unjudged.length} of ${alone.requests}`);
  }
  return rows;
}

/** With all subjects. */
async function writeTable(): Promise<number> {
  const backends = await countAtBackends();
  const results = new Map<SubjectName, readonly Row[]>();
  for (const name of subjectNames) {
    const { rows } = await attack(name, payloads);
    results.set(name, name === 'sallyport' ? [...rows, ...(await attackMasked(''))] : rows);
  }
  const { format } = await import('prettier');
  await writeFile(
    page,
    await format(tablePage(results, backends), { parser: 'markdown', printWidth: 100 }),
  );
  return 0;
}

export async function main(): Promise<number> {
  const { values } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      against: { type: 'string', default: 'sallyport' },
      only: { type: 'string', default: '' },
      backends: { type: 'boolean', default: false },
      table: { type: 'boolean', default: false },
    },
  });
  const { against, json, only, table } = values;
  if (table) return writeTable();
  if (values.backends) {
    const rows = await countAtBackends();
    return rows.every(({ guarded }) => guarded.unjudged.length === 0) ? 0 : 1;
  }
  if (!isSubject(against)) {
    console.error(`error: no subject ${against}\nhint: one of ${subjectNames.join(' ')}`);
    return 2;
  }
  const chosen = payloads.filter(({ class: kind, name }) => `${kind}: ${name}`.includes(only));
  const { rows: requests, unaccounted } = await attack(against, chosen);
  const rows = [...requests, ...(against === 'sallyport' ? await attackMasked(only) : [])];
  const failed = rows.filter(({ pass }) => !pass);
  for (const { class: kind, name, expected, got } of failed) {
    console.log(`${kind}: ${name}: expected ${expected}, got ${got}`);
  }
  for (const text of unaccounted) console.log(`received without permission: ${text}`);
  console.log(`${against}: ${rows.length - failed.length} of ${rows.length} as expected`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(rows, null, 2)}\n`);
  return failed.length + unaccounted.length === 0 || against !== 'sallyport' ? 0 : 1;
}

// The tour's last step: what was recorded, and that a change of one letter shows.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { listRecordings } from '#engine';
import { runCommand } from './programs.ts';
import type { TourParts } from './tour-context.ts';
import { command } from './tour-context.ts';

export async function recordings(tour: TourParts): Promise<void> {
  const { narrator, workspace } = tour;
  narrator.begin('everything was recorded, and the recording is provably whole');
  const session = await sessionOf(tour, workspace.people.ada.id);
  const shown = await command(tour, undefined, ['sessions', 'show', session]);
  const expected = ['TRUNCATE orders', 'DELETE FROM carts', 'carts of the load test', 'frozen'];
  narrator.claim(
    shown.code === 0 && expected.every((words) => shown.text.includes(words)),
    'each statement with its decision, the hold with its answer',
  );
  const whole = await command(tour, undefined, ['sessions', 'verify']);
  narrator.claim(
    whole.code === 0 && whole.text.includes(`${session}: intact`),
    'every chain of hashes is intact',
  );
  const file = await fileOf(tour, session);
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('TRUNCATE orders', 'TRUNCATE Orders'));
  narrator.say('one letter of the recording is changed');
  const broken = await command(tour, undefined, ['sessions', 'verify', session]);
  await writeFile(file, text);
  narrator.claim(broken.code === 1 && broken.text.includes('altered'), 'and verify says where');
}

async function sessionOf({ workspace }: TourParts, principal: string): Promise<string> {
  const listed = await runCommand(['sessions', 'list', '--json', '--config', workspace.config]);
  const sessions = JSON.parse(listed.text) as readonly {
    readonly session: string;
    readonly principal: string;
  }[];
  return sessions.find((each) => each.principal === principal)?.session ?? '';
}

async function fileOf({ workspace }: TourParts, session: string): Promise<string> {
  const all = await listRecordings(join(workspace.state, 'recordings'));
  return all.find((recording) => recording.session === session)?.file ?? '';
}

// The narrated tour: every step does something real, shows it, and proves what it claims.

import { cartCount, clearEmail, maskedEmail, orderCount } from './shop.ts';
import type { Tour, TourParts } from './tour-context.ts';
import { ask, askAs, command } from './tour-context.ts';
import { brokenEdit, livePolicyEdit } from './tour-edits.ts';
import { httpTour } from './tour-http.ts';
import { recordings } from './tour-recordings.ts';
import { sshTour } from './tour-ssh.ts';

export async function runTour(parts: TourParts): Promise<void> {
  const { client, narrator, workspace } = parts;
  narrator.begin('an engineer connects with her usual client and reads');
  const ada = await client.connect(workspace.people.ada);
  try {
    const tour = { ...parts, ada };
    await allowedRead(tour);
    await masking(tour);
    await deniedTruncate(tour);
    await heldDelete(tour);
    await livePolicyEdit(tour);
    await brokenEdit(tour);
  } finally {
    await ada.close();
  }
  await recordings(parts);
  await httpTour(parts);
  await sshTour(parts);
}

async function allowedRead(tour: Tour): Promise<void> {
  const { narrator } = tour;
  narrator.say('TLS on both hops; she logs in with her token and never sees the database password');
  const { sqlstate, text } = await ask(
    tour,
    'SELECT id, status, total FROM orders ORDER BY id LIMIT 3;',
  );
  narrator.claim(sqlstate === '00000' && text.includes('(3 rows)'), 'allowed: the rows came back');
}

async function masking(tour: Tour): Promise<void> {
  const { narrator, client, workspace } = tour;
  const sql = 'SELECT id, full_name, email, phone, country FROM users ORDER BY id LIMIT 2;';
  narrator.begin('the same query, masked for one person and clear for another');
  const masked = await ask(tour, sql);
  narrator.claim(
    masked.text.includes(maskedEmail) && !masked.text.includes(clearEmail),
    'ada sees masked names, addresses and numbers',
  );
  const grace = await client.connect(workspace.people.grace);
  try {
    const clear = await askAs(tour, { name: 'grace', session: grace }, sql);
    narrator.claim(clear.text.includes(clearEmail), 'grace, of group pii-readers, sees them clear');
  } finally {
    await grace.close();
  }
}

async function deniedTruncate(tour: Tour): Promise<void> {
  const { narrator } = tour;
  narrator.begin('a destructive statement is denied, and the connection lives');
  const denied = await ask(tour, 'TRUNCATE orders;');
  narrator.claim(denied.sqlstate === '42501', 'denied with SQLSTATE 42501');
  narrator.claim(
    /TRUNCATE is never allowed/.test(denied.text) && /decision d-\w+/.test(denied.text),
    'the error says why, and which decision it was',
  );
  const after = await ask(tour, 'SELECT count(*) FROM orders;');
  narrator.claim(
    after.sqlstate === '00000' && after.text.includes(String(orderCount)),
    'the connection is usable and no row is gone',
  );
}

async function heldDelete(tour: Tour): Promise<void> {
  const { narrator, ada } = tour;
  const sql = 'DELETE FROM carts;';
  narrator.begin('a risky statement is held until somebody else says yes');
  narrator.typed('ada=>', sql);
  const held = Promise.withResolvers<string>();
  const reply = ada.run(sql, (text) => {
    const [, id] = /held for approval (\S+?):/.exec(text) ?? [];
    if (id !== undefined && text.includes('HINT')) held.resolve(id);
  });
  // Where no notice comes, the reply does; the hold's id is then missing.
  const id = await Promise.race([held.promise, reply.then(() => '')]);
  narrator.claim(id !== '', `held: her client shows the notice and waits (${id})`);
  const { dora, ada: requester } = tour.workspace.people;
  const own = await command(tour, requester, ['approvals', 'approve', id]);
  narrator.claim(own.code === 1, 'she cannot approve it herself');
  await command(tour, dora, ['approvals', 'list']);
  const yes = ['approvals', 'approve', id, '--note', 'carts of the load test'];
  const given = await command(tour, dora, yes);
  narrator.claim(given.code === 0, 'dora, a dba, approved exactly this statement');
  const { text, sqlstate } = await reply;
  narrator.say("ada's terminal, all of it");
  narrator.shown(text);
  narrator.claim(
    sqlstate === '00000' && text.includes(`DELETE ${String(cartCount)}`),
    'the statement ran',
  );
}

// Attacks on statements that wait for an approver, on credentials that end, and on cancel requests.

import { writeFile, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { createToken } from '#engine/identity';

import { eventually } from '../../support/eventually.ts';
import type { Arena } from './arena.ts';
import { clearPolicy, maskingPolicy, policyOf } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack, demand, demandError, demandRows } from './attack.ts';
import {
  encodeBodyless,
  encodeCancelRequest,
  encodeCopyData,
  encodeQuery,
  frontend,
} from './frames.ts';
import { RawClient, answerOf, extended, sync } from './raw-client.ts';

const fill = 'INSERT INTO drop_box (t) SELECT $$x$$ FROM generate_series(1, 5)';
const empty = 'DELETE FROM drop_box';

/** A client with a held DELETE, and the id of its approval. */
async function heldDelete(
  arena: Arena,
): Promise<{ readonly client: RawClient; readonly id: string }> {
  await arena.server(fill);
  const client = await arena.clear();
  client.query(empty);
  const [held] = await arena.held();
  demand(held?.statement === empty, 'another statement is held');
  return { client, id: held.id };
}

async function disconnected(arena: Arena): Promise<void> {
  const { client, id } = await heldDelete(arena);
  client[Symbol.dispose]();
  await eventually('the hold is withdrawn', async () => (await arena.holds()).length === 0);
  demand((await arena.answer(id, 'approve')) === 'refused', 'a dead hold was approved');
  demand((await arena.count('drop_box')) >= 5, 'a withdrawn statement ran');
}

async function disconnectedBehindFlood(arena: Arena): Promise<void> {
  const { client, id } = await heldDelete(arena);
  const flood = encodeQuery(`SELECT 1 /* ${'x'.repeat(60_000)} */`);
  for (let count = 0; count < 20; count += 1) client.send(flood);
  client.socket.end();
  await eventually('the hold is withdrawn', async () => (await arena.holds()).length === 0);
  await arena.answer(id, 'approve');
  client[Symbol.dispose]();
  demand((await arena.count('drop_box')) >= 5, 'a withdrawn statement ran');
}

async function orderKept(arena: Arena): Promise<void> {
  const { client, id } = await heldDelete(arena);
  client.send(encodeQuery('SELECT count(*)::int FROM drop_box'), ...extended('SELECT 7'), sync);
  demand((await arena.count('drop_box')) >= 5, 'a held statement ran');
  await arena.answer(id, 'approve');
  const answer = answerOf(await client.ready(3));
  demandRows(answer, [['0'], ['7']]);
  client[Symbol.dispose]();
}

async function deniedByApprover(arena: Arena): Promise<void> {
  const { client, id } = await heldDelete(arena);
  await arena.answer(id, 'deny');
  demandError(answerOf(await client.ready()), '42501');
  demand((await arena.count('drop_box')) >= 5, 'a denied statement ran');
  demandRows(await client.ask('SELECT 1'), [['1']]);
  client[Symbol.dispose]();
}

async function inTransaction(arena: Arena): Promise<void> {
  await arena.server(fill);
  using client = await arena.clear();
  await client.ask('BEGIN');
  await client.ask("INSERT INTO drop_box (t) VALUES ('same transaction')");
  client.send(...extended(empty), sync);
  const [held] = await arena.held();
  await arena.answer(held?.id ?? '', 'deny');
  const answer = answerOf(await client.ready());
  demand(answer.status === 'failed', 'the transaction did not fail');
  demand((await client.ask('COMMIT')).status === 'idle', 'the transaction did not end');
}

async function timeout(arena: Arena): Promise<void> {
  using client = await arena.clear();
  demandError(await client.ask('INSERT INTO brief VALUES (1)'), '42501');
  demand((await arena.count('brief')) === 0, 'a statement ran that nobody approved');
  demandRows(await client.ask('SELECT 1'), [['1']]);
}

async function policyChanged(arena: Arena): Promise<void> {
  const { client, id } = await heldDelete(arena);
  const stricter = policyOf('deny contains "no DELETE" if input.statement.command == "DELETE"');
  await arena.setPolicy(stricter);
  try {
    await arena.answer(id, 'approve');
    demandError(answerOf(await client.ready()), '42501');
    demand((await arena.count('drop_box')) >= 5, 'a statement ran that the policy denies');
  } finally {
    await arena.setPolicy(maskingPolicy);
    client[Symbol.dispose]();
  }
}

async function maskedMeanwhile(arena: Arena): Promise<void> {
  await arena.setPolicy(clearPolicy);
  using client = await arena.masked();
  client.query('DELETE FROM people RETURNING email');
  const [held] = await arena.held();
  await arena.setPolicy(maskingPolicy);
  await arena.answer(held?.id ?? '', 'approve');
  const answer = answerOf(await client.ready());
  demand(
    answer.rows.every(([value]) => value === '***'),
    'rows are not masked',
  );
}

async function heldCopy(arena: Arena): Promise<void> {
  await arena.setPolicy(
    policyOf(
      'approve contains {"id": "c", "msg": "COPY", "groups": ["dba"], "ttl": "60s"} if input.statement.command == "COPY"',
    ),
  );
  try {
    using client = await arena.clear();
    client.query('COPY drop_box (t) FROM STDIN');
    const [held] = await arena.held();
    await arena.answer(held?.id ?? '', 'approve');
    await client.until(({ type }) => type === 0x47);
    client.send(encodeCopyData(Buffer.from('held copy\n')), encodeBodyless(frontend.copyDone));
    const answer = answerOf(await client.ready());
    demand(answer.errors.length === 0, `no error was due, not ${answer.errors.join()}`);
  } finally {
    await arena.setPolicy(maskingPolicy);
  }
}

async function failedBefore(arena: Arena): Promise<void> {
  await arena.server(fill);
  using client = await arena.clear();
  client.send(...extended('SELECT pg_sleep(0.3), 1 / (count(*) - count(*)) FROM drop_box'));
  client.send(...extended(empty), sync);
  demandError(answerOf(await client.ready()), '22012');
  demand((await arena.holds()).length === 0, 'a statement is held that would be skipped');
  demand((await arena.count('drop_box')) >= 5, 'a skipped statement ran');
}

async function cancelled(arena: Arena): Promise<void> {
  const { client } = await heldDelete(arena);
  await sendCancel(arena, client.key);
  demandError(answerOf(await client.ready()), '57014');
  demand((await arena.count('drop_box')) >= 5, 'a cancelled statement ran');
  demandRows(await client.ask('SELECT 1'), [['1']]);
  client[Symbol.dispose]();
}

async function cancelRunning(arena: Arena): Promise<void> {
  using client = await arena.clear();
  client.query('SELECT pg_sleep(20)');
  await eventually('the query runs', async () => {
    const rows = await arena.server(
      "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(20)' AND state = 'active'",
    );
    return rows.length === 1;
  });
  await sendCancel(arena, client.key);
  demandError(answerOf(await client.ready()), '57014');
}

async function cancelOthers(arena: Arena): Promise<void> {
  using client = await arena.clear();
  using other = await arena.clear();
  client.query('SELECT pg_sleep(0.5)');
  const wrong = Buffer.from(client.key);
  wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
  await sendCancel(arena, wrong);
  await sendCancel(arena, other.key);
  const answer = answerOf(await client.ready());
  demand(answer.errors.length === 0, 'a wrong key cancelled a statement');
}

async function sendCancel(arena: Arena, key: Buffer): Promise<void> {
  using canceller = await RawClient.open(arena.gateway.port);
  const processId = key.readInt32BE(5);
  canceller.send(encodeCancelRequest({ processId, secretKey: key.subarray(9) }));
  await canceller.ended();
}

interface Token {
  readonly id: string;
  readonly hash: string;
  readonly expires?: string;
}

async function editTokens(
  arena: Arena,
  edit: (tokens: readonly Token[]) => readonly Token[],
): Promise<void> {
  const file = join(dirname(arena.gateway.files.config), 'tokens.yaml');
  const { tokens } = JSON.parse(await readFile(file, 'utf8')) as { tokens: readonly Token[] };
  await writeFile(`${file}.new`, JSON.stringify({ tokens: edit(tokens) }));
  await rename(`${file}.new`, file);
}

async function expired(arena: Arena): Promise<void> {
  const { token, hash } = createToken();
  const expires = new Date(Date.now() + 2000).toISOString();
  await editTokens(arena, (tokens) => [...tokens, { id: 'guest', hash, expires }]);
  const options = { ...arena.options(), user: 'guest', password: token };
  let guest = await RawClient.login(options);
  await eventually('the gateway knows the new token', async () => {
    if (!guest.closed) return true;
    guest = await RawClient.login(options);
    return !guest.closed;
  });
  await guest.ask('BEGIN');
  demandError(answerOf(await guest.ended()), '28000');
  demandError(answerOf((await RawClient.login(options)).all), '28P01');
}

async function revoked(arena: Arena): Promise<void> {
  const idle = await arena.clear('temp');
  const holding = await arena.clear('temp');
  await arena.server(fill);
  holding.query(empty);
  const [held] = await arena.held();
  await editTokens(arena, (tokens) => tokens.filter(({ id }) => id !== 'temp'));
  demandError(answerOf(await idle.ended()), '28000');
  await holding.ended();
  await arena.answer(held?.id ?? '', 'approve');
  demand((await arena.count('drop_box')) >= 5, 'a statement of a revoked token ran');
  demandError(answerOf((await RawClient.login(arena.options('temp'))).all), '28P01');
}

export const holdAttacks: readonly Attack[] = [
  attack('holds', 'a client that leaves', disconnected),
  attack('holds', 'a client that floods and leaves', disconnectedBehindFlood),
  attack('holds', 'statements behind a held one', orderKept),
  attack('holds', 'denied by the approver', deniedByApprover),
  attack('holds', 'inside a transaction', inTransaction),
  attack('holds', 'nobody answers', timeout),
  attack('holds', 'the policy changes meanwhile', policyChanged),
  attack('holds', 'masks come meanwhile', maskedMeanwhile),
  attack('holds', 'a held COPY', heldCopy),
  attack('holds', 'behind what fails', failedBefore),
  attack('cancel', 'a held statement', cancelled),
  attack('cancel', 'a running statement', cancelRunning),
  attack('cancel', "other people's statements", cancelOthers),
  attack('credentials', 'expiry in a live session', expired),
  attack('credentials', 'revocation in a live session', revoked),
];

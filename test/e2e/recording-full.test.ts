// A disk that takes no more: what cannot be recorded is not forwarded, and what was recorded stays whole.

import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client } from 'pg';

import { listRecordings, verifyRecording } from '#engine';
import { describeIf } from '../support/describe-if.ts';
import { TestGateway } from '../support/gateway.ts';
import { runToSuccess } from '../support/program.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start();
  await gateway.postgres.query('CREATE TABLE written (id int)', gateway.postgres.database);
  await gateway.postgres.query('GRANT ALL ON written TO PUBLIC', gateway.postgres.database);
});

afterAll(async () => {
  await gateway.stop();
});

async function connected(): Promise<Client> {
  const client = new Client(gateway.connection());
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

describeIf('prlimit', 'a recording that cannot be written', (prlimit) => {
  const limitFiles = (bytes: string) =>
    runToSuccess(prlimit, ['--pid', String(gateway.process.pid), `--fsize=${bytes}:unlimited`], {
      env: process.env,
    });

  it('refuses statements until there is room for new sessions', async () => {
    const client = await connected();
    await client.query('INSERT INTO written VALUES (1)');

    await limitFiles('1');
    await expect(client.query('INSERT INTO written VALUES (2)')).rejects.toMatchObject({
      code: '58030',
      detail: expect.stringContaining('record-failed'),
    });
    await expect(connected()).rejects.toThrow('sallyport');
    await limitFiles('unlimited');

    // A torn line may end the old session's recording: nothing is chained behind it any more.
    await expect(client.query('INSERT INTO written VALUES (3)')).rejects.toMatchObject({
      code: '58030',
    });
    const next = await connected();
    await next.query('INSERT INTO written VALUES (4)');
    const { rows } = await next.query<{ id: number }>('SELECT id FROM written ORDER BY id');
    expect(rows.map(({ id }) => id)).toEqual([1, 4]);
    await client.end();
    await next.end();
  });

  it('leaves every recording intact as far as it goes', async () => {
    const recordings = await listRecordings(gateway.recordings);
    const states = await Promise.all(recordings.map(({ file }) => verifyRecording(file)));
    expect(states.filter(({ state }) => state === 'broken')).toEqual([]);
    expect(states.length).toBeGreaterThanOrEqual(2);
  });
});

// pgbench through the gateway: every protocol, reads and whole transactions, no failure.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import { temporaryDirectory } from '#lab';
import { describeIf } from '../../support/describe-if.ts';
import { TestGateway } from '../../support/gateway.ts';
import { runToSuccess } from '../../support/program.ts';

const clients = 4;
const transactions = 50;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start();
});

afterAll(async () => {
  await gateway.stop();
});

describeIf('pgbench', 'pgbench', (pgbench) => {
  it('initialises its tables, by COPY', async () => {
    const env = gateway.environment();
    await runToSuccess(pgbench, ['-i', '-s', '1'], { env });
    const [row] = await gateway.postgres.query('SELECT count(*)::int AS n FROM pgbench_accounts');
    expect(row).toEqual({ n: 100_000 });
  });

  for (const protocol of ['simple', 'extended', 'prepared']) {
    for (const script of ['select-only', 'tpcb-like']) {
      it(`runs ${script} with ${protocol} statements`, async () => {
        const stdout = await runToSuccess(
          pgbench,
          [
            ...['-n', '-b', script, '-M', protocol],
            ...['-c', String(clients), '-t', String(transactions)],
          ],
          { env: gateway.environment() },
        );
        expect(stdout).toContain(`processed: ${clients * transactions}/${clients * transactions}`);
        expect(stdout).toContain('failed transactions: 0 ');
      });
    }
  }

  it('runs a pipeline', async () => {
    await using directory = await temporaryDirectory();
    const script = join(directory.path, 'pipeline.sql');
    await writeFile(script, '\\startpipeline\nSELECT 1;\nSELECT 2;\nSELECT 3;\n\\endpipeline\n');
    const stdout = await runToSuccess(
      pgbench,
      ['-n', '-f', script, '-M', 'extended', '-t', '100'],
      { env: gateway.environment() },
    );
    expect(stdout).toContain('processed: 100/100');
  });
});

// `npm run soak -- reloads [--count 1000]`: what must hold for long, under load.

import { parseArgs } from 'node:util';

import { soakReloads } from './reloads.ts';

const usage = 'usage: npm run soak -- reloads [--count 1000]\n';
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { count: { type: 'string', default: '1000' } },
    allowPositionals: true,
  });
  const count = Number(values.count);
  if (positionals.join() !== 'reloads' || !Number.isSafeInteger(count) || count < 1) {
    process.stderr.write(usage);
    return 64;
  }
  const report = await soakReloads(count, say);
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  return report.wrong === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  say(`error: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

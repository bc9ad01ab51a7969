// `npm run soak -- reloads [--count 1000] | ssh [--minutes 10] [--sessions 200]`: what must hold for long, under load.

import { parseArgs } from 'node:util';

import { soakReloads } from './reloads.ts';
import { soakSsh } from './ssh.ts';

const usage =
  'usage: npm run soak -- reloads [--count 1000]\n' +
  '       npm run soak -- ssh [--minutes 10] [--sessions 200]\n';
/** Of resident memory, which the heap's collector moves up and down. */
const growthMax = 1.1;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      count: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '10' },
      sessions: { type: 'string', default: '200' },
    },
    allowPositionals: true,
  });
  const [count, minutes, sessions] = [values.count, values.minutes, values.sessions].map(Number);
  if (!isCount(count) || !isCount(sessions) || !(Number(minutes) > 0)) return misused();
  switch (positionals.join()) {
    case 'reloads': {
      const report = await soakReloads(count, say);
      print(report);
      return report.wrong === 0 ? 0 : 1;
    }
    case 'ssh': {
      const report = await soakSsh({ sessions, minutes: Number(minutes) }, say);
      print(report);
      return report.errors === 0 && report.growth <= growthMax ? 0 : 1;
    }
    default:
      return misused();
  }
}

const isCount = (value: number | undefined): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 1;

function print(report: object): void {
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
}

function misused(): number {
  process.stderr.write(usage);
  return 64;
}

process.exitCode = await main().catch((error: unknown) => {
  say(`error: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

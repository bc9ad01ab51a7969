// npm run adversarial -- http [--json FILE] [--against nginx|haproxy] [--only TEXT] [--table]
// The other hosts' attacks run with the e2e tests.

import { main } from './http/main.ts';

const [, , room] = process.argv;
if (room === 'http') {
  process.exitCode = await main();
} else {
  console.error('error: which host?\nhint: npm run adversarial -- http');
  process.exitCode = 2;
}

// npm run adversarial -- http [--json FILE] [--against nginx|haproxy] [--only TEXT] [--table]
// npm run adversarial -- ssh [--json FILE] [--only TEXT]
// The other hosts' attacks run with the e2e tests.

import { main as http } from './http/main.ts';
import { main as ssh } from './ssh/main.ts';

const [, , room] = process.argv;
switch (room) {
  case 'http':
    process.exitCode = await http();
    break;
  case 'ssh':
    process.exitCode = await ssh();
    break;
  default:
    console.error('error: which host?\nhint: npm run adversarial -- http');
    process.exitCode = 2;
}

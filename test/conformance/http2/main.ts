// `npm run http2 -- --table FILE`: writes the page about HTTP/2's conformance.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { http2Page } from './table.ts';

const { values } = parseArgs({ options: { table: { type: 'string' } } });
if (values.table === undefined) process.stdout.write(http2Page());
else writeFileSync(values.table, http2Page());

// What the engine lane asks: statements whose input document is about 0.75 KB, as a busy session gives them.

import type { Session, Statement } from '#engine';
import { inputDocument, sessionId } from '#engine';

export const session: Session = {
  id: sessionId('s-5f0c2b7e-1a'),
  host: 'postgres',
  principal: {
    id: 'ada.lovelace@example.com',
    kind: 'human',
    groups: ['engineering', 'team-0', 'team-40', 'on-call-9', 'dba-reviewers'],
  },
  target: { name: 'shop', labels: { env: 'production', area: 'area-17' }, database: 'shop' },
  client: '10.20.30.40',
  clientPort: 51544,
  application: 'psql',
  startedAt: 1_790_000_000_000,
};

const orders = ['id', 'customer_id', 'placed_at', 'total'].map(
  (column) => `public.orders.${column}`,
);

/** Reads that differ in their limit: equal facts must not be answered from a memory of the last ones. */
export const statements: readonly Statement[] = Array.from({ length: 16 }, (_unused, index) => ({
  kind: 'postgres',
  text: '',
  facts: {
    command: 'SELECT',
    relations: [
      { name: 'public.orders', access: 'read' },
      { name: 'public.customers', access: 'read' },
    ],
    columns: ['public.customers.id', 'public.customers.name', ...orders],
    functions: ['count', 'date_trunc'],
    where: true,
    limit: 100 + index,
    truncated: false,
  },
}));

/** Bytes of one input document as JSON, without its nonce. */
export function inputBytes(now: number): number {
  const [statement] = statements;
  if (statement === undefined) return 0;
  return Buffer.byteLength(JSON.stringify(inputDocument(statement, session, now)));
}

import type { Attack } from './attack.ts';
export const benignStatements: readonly Attack[] = [{ class: 'x', name: 'x', run: async () => {} }];

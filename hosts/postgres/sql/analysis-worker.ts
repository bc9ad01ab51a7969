// The thread in which large texts are analysed, one after the other.

import { parentPort } from 'node:worker_threads';

import { analyse } from './analyse.ts';
import type { AnalysisAnswer, AnalysisOrder } from './analysis-thread.ts';
import { RecentCatalogs } from './recent-catalogs.ts';

const catalogs = new RecentCatalogs();

parentPort?.on('message', ({ number, text, options, catalog, sent }: AnalysisOrder) => {
  if (sent !== undefined) catalogs.add(catalog, sent);
  const known = catalogs.find(catalog);
  if (known === undefined) throw new Error('a catalog was never sent');
  const answer: AnalysisAnswer = { number, analysed: analyse(text, known, options) };
  parentPort?.postMessage(answer);
});

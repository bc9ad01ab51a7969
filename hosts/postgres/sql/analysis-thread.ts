// Large texts are analysed in a thread of their own: 240 KB can take most of a second, in which nobody else would be
// served. What comes out is the same.

import { Worker } from 'node:worker_threads';

import type { Catalog } from './catalog.ts';
import { RecentCatalogs } from './recent-catalogs.ts';
import type { Analysed, AnalyseOptions, Refused } from './types.ts';

/** UTF-16 units of a text from which the way to the thread is the smaller cost: a few milliseconds of parsing. */
export const threadTextMin = 8 * 1024;
/** Ten times what the worst text of the default size takes. */
const lateMilliseconds = 10_000;

export interface AnalysisOrder {
  readonly number: number;
  readonly text: string;
  readonly options: AnalyseOptions;
  /** Number of the catalog. */
  readonly catalog: number;
  /** The catalog itself, unless the thread has it. */
  readonly sent: Catalog | undefined;
}

export interface AnalysisAnswer {
  readonly number: number;
  readonly analysed: Analysed | Refused;
}

const failed: Refused = {
  kind: 'refused',
  code: 'statement-unparsable',
  message: 'the parser failed on the statement',
};

const numbers = new WeakMap<Catalog, number>();
let catalogCount = 0;

function numberOf(catalog: Catalog): number {
  let number = numbers.get(catalog);
  if (number === undefined) numbers.set(catalog, (number = catalogCount += 1));
  return number;
}

/** Started by its first text; another takes its place when it crashes or is late. */
export class AnalysisThread {
  readonly #waiting = new Map<number, (analysed: Analysed | Refused) => void>();
  #worker: Worker | undefined;
  #sent = new RecentCatalogs();
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  /** As `analyse`. Never rejects: what the thread fails on is refused. */
  async analyse(
    text: string,
    catalog: Catalog,
    options: AnalyseOptions,
  ): Promise<Analysed | Refused> {
    const worker = (this.#worker ??= this.#start());
    const number = (this.#count += 1);
    const catalogNumber = numberOf(catalog);
    const isSent = this.#sent.find(catalogNumber) !== undefined;
    const order: AnalysisOrder = {
      ...{ number, text, options, catalog: catalogNumber },
      sent: isSent ? undefined : catalog,
    };
    worker.postMessage(order);
    if (!isSent) this.#sent.add(catalogNumber, catalog);
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      if (this.#waiting.size === 1) this.#watch(worker);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./analysis-worker.ts', import.meta.url));
    worker.on('message', ({ number, analysed }: AnalysisAnswer) => {
      const resolve = this.#waiting.get(number);
      this.#waiting.delete(number);
      this.#watch(worker);
      resolve?.(whole(analysed));
    });
    worker.on('error', () => {
      this.#end(worker);
    });
    worker.on('exit', () => {
      this.#end(worker);
    });
    return worker;
  }

  /** From one answer to the next; an idle thread does not keep the process. */
  #watch(worker: Worker): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) {
      worker.unref();
      return;
    }
    worker.ref();
    this.#timer = setTimeout(() => {
      this.#end(worker);
    }, lateMilliseconds);
  }

  #end(worker: Worker): void {
    if (this.#worker !== worker) return;
    clearTimeout(this.#timer);
    this.#worker = undefined;
    this.#sent = new RecentCatalogs();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const resolve of waiting) resolve(failed);
    void worker.terminate();
  }
}

/** A Buffer comes out of another thread as a mere array of bytes. */
function whole(analysed: Analysed | Refused): Analysed | Refused {
  if (analysed.kind === 'refused') return analysed;
  const statements = analysed.statements.map((statement) => {
    const { copyLayout } = statement;
    if (copyLayout === undefined) return statement;
    const nullText = Buffer.from(copyLayout.nullText);
    return { ...statement, copyLayout: { ...copyLayout, nullText } };
  });
  return { kind: 'analysed', statements };
}

// The file that keeps the last catalog of a database for offline `eval`. Written in pieces, since some thousand tables are
// megabytes, and seldom, since a migration changes them hundreds of times.

import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { CatalogFacts, CatalogRow } from '../sql/index.ts';
import { rowsOf } from '../sql/index.ts';

const restMilliseconds = 1000;
/** Rows that are turned to text at once: about a millisecond. */
const pieceRows = 1000;

export interface CatalogSnapshotOptions {
  readonly file: string;
  readonly onError: (error: unknown) => void;
}

export class CatalogSnapshot {
  readonly #options: CatalogSnapshotOptions;
  #next: CatalogFacts | undefined;
  #isResting = false;

  constructor(options: CatalogSnapshotOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the facts are saved; at once where something was saved a moment ago, and they wait for their turn or for
   * later ones to take it. Never rejects. What waits does not keep the process.
   */
  async save(facts: CatalogFacts): Promise<void> {
    this.#next = facts;
    if (!this.#isResting) await this.#saveNext();
  }

  async #saveNext(): Promise<void> {
    const facts = this.#next;
    this.#next = undefined;
    this.#isResting = facts !== undefined;
    if (facts === undefined) return;
    try {
      await write(this.#options.file, facts);
    } catch (error) {
      this.#options.onError(error);
    }
    setTimeout(() => void this.#saveNext(), restMilliseconds).unref();
  }
}

async function write(file: string, facts: CatalogFacts): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.new`;
  const handle = await open(unfinished, 'w', 0o600);
  try {
    for (const piece of pieces(facts)) await handle.write(piece);
  } finally {
    await handle.close();
  }
  await rename(unfinished, file);
}

/** JSON of an array of row sets. */
function* pieces(facts: CatalogFacts): Iterable<string> {
  let opening = '[[';
  for (const rows of rowsOf(facts)) {
    yield opening;
    yield* joined(rows);
    opening = '],[';
  }
  yield ']]';
}

function* joined(rows: Iterable<CatalogRow>): Iterable<string> {
  let piece: string[] = [];
  let before = '';
  for (const row of rows) {
    piece.push(JSON.stringify(row));
    if (piece.length < pieceRows) continue;
    yield before + piece.join(',');
    piece = [];
    before = ',';
  }
  if (piece.length > 0) yield before + piece.join(',');
}

// npm run differential -- shell [--runs N] [--seed S] [--shell bash|dash] [--line TEXT] [--wrappers]
// Mutated lines run by a real shell in a cell, against what is said of them. Exits 1 on a silent miss: a program or a
// change that was not reported of a line rated `static`. With --wrappers, the table of wrappers is put to the real programs.

import { parseArgs } from 'node:util';

import { readCommand } from '../../../hosts/ssh/shell/index.ts';
import { seededRandom } from '../../fuzz/random.ts';
import { Cell, cellObstacle } from './cell.ts';
import { missed } from './judge.ts';
import { mutated } from './mutate.ts';
import { seeds } from './seeds.ts';
import { truths } from './truth.ts';
import { compareWrappers } from './wrappers.ts';

const batchLength = 200;

interface Tally {
  runs: number;
  readonly ratings: Map<string, number>;
  /** Static lines that ran or changed something. */
  telling: number;
  unfinished: number;
  silent: number;
}

interface Miss {
  readonly line: string;
  readonly missing: readonly string[];
}

type Shell = 'bash' | 'dash';

/** Lines of which something was left out. Only those rated `static` are run: nothing is promised of others. */
function misses(
  cell: Cell,
  lines: readonly string[],
  shell: Shell,
  tally?: Tally,
): readonly Miss[] {
  const promised = lines.flatMap((line) => {
    const read = readCommand(line);
    const rating = read.kind === 'read' ? read.facts.confidence : 'refused';
    tally?.ratings.set(rating, (tally.ratings.get(rating) ?? 0) + 1);
    return read.kind === 'read' && rating === 'static' ? [{ line, facts: read.facts }] : [];
  });
  const known = truths(
    cell.run(
      promised.map(({ line }) => line),
      shell,
    ),
  );
  return promised.flatMap(({ line, facts }, at) => {
    const truth = known.get(at);
    if (truth === undefined) {
      if (tally !== undefined) tally.unfinished += 1;
      return [];
    }
    if (tally !== undefined && truth.ran.size + truth.changed.size > 0) tally.telling += 1;
    const missing = missed(facts, truth, cell.root);
    return missing.length === 0 ? [] : [{ line, missing }];
  });
}

/** A line whose predecessor left something running looks guilty: each is run again alone. */
const confirmed = (cell: Cell, suspects: readonly Miss[], shell: Shell): readonly Miss[] =>
  suspects.flatMap(({ line }) => misses(cell, [line], shell));

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly shell: Shell;
}

function run(cell: Cell, { runs, seed, shell }: Options): number {
  const random = seededRandom(seed);
  const tally: Tally = { runs: 0, ratings: new Map(), telling: 0, unfinished: 0, silent: 0 };
  const began = performance.now();
  while (tally.runs < runs) {
    const length = Math.min(batchLength, runs - tally.runs);
    const lines = Array.from({ length }, () => mutated(seeds, random));
    tally.runs += length;
    for (const { line, missing } of confirmed(cell, misses(cell, lines, shell, tally), shell)) {
      tally.silent += 1;
      console.error(`error: ${JSON.stringify(line)}: ${missing.join(', ')}`);
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    const rated = [...tally.ratings].map(([name, number]) => `${name} ${number}`).join(', ');
    console.log(
      `${tally.runs} lines in ${seconds} s: ${rated}; ${tally.telling} static ones did something, ${tally.unfinished} did not end, ${tally.silent} silent misses`,
    );
  }
  return tally.silent === 0 ? 0 : 1;
}

/** One line: what is said of it, and what it did. */
function show(cell: Cell, line: string, shell: Shell): number {
  const [truth] = truths(cell.run([line], shell)).values();
  console.log(JSON.stringify(readCommand(line), null, 1));
  console.log('ran', [...(truth?.ran ?? [])], 'changed', [...(truth?.changed ?? [])]);
  const found = misses(cell, [line], shell);
  for (const { missing } of found) console.error(`error: ${missing.join(', ')}`);
  return found.length === 0 ? 0 : 1;
}

/** Only lines that a program here understood say anything. */
function showWrappers(): number {
  const { agreed, silent, differing } = compareWrappers();
  for (const difference of differing) console.error(`error: ${difference}`);
  console.log(`${agreed} lines agree, ${silent} were not run here, ${differing.length} differ`);
  return differing.length === 0 && agreed > 0 ? 0 : 1;
}

export function main(args: readonly string[]): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '10000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
      shell: { type: 'string', default: 'bash' },
      line: { type: 'string' },
      wrappers: { type: 'boolean', default: false },
    },
  });
  const obstacle = cellObstacle();
  if (obstacle !== undefined) {
    console.error(`error: lines cannot be run in a cell: ${obstacle}`);
    return 2;
  }
  if (values.wrappers) return showWrappers();
  const shell = values.shell === 'dash' ? 'dash' : 'bash';
  const cell = new Cell();
  try {
    if (values.line !== undefined) return show(cell, values.line, shell);
    console.log(`seed ${values.seed}`);
    return run(cell, { runs: Number(values.runs), seed: Number(values.seed), shell });
  } finally {
    cell.remove();
  }
}

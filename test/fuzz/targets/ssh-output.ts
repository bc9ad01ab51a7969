// Masks and filter of output: however it is cut the same comes out, and nothing that a terminal would answer.

import { strict as assert } from 'node:assert';
import { isUtf8 } from 'node:buffer';
import { OutputMasker, TerminalFilter, planOutputMasks } from '../../../hosts/ssh/output/index.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';

interface Stage {
  readonly push: (chunk: Buffer) => Buffer;
  readonly end: () => Buffer;
}

const run = (stage: Stage, chunks: readonly Buffer[]): Buffer => {
  const pieces = chunks.map((chunk) => {
    const own = Buffer.from(chunk);
    const put = Buffer.from(stage.push(own));
    own.fill(0x5a);
    return put;
  });
  return Buffer.concat([...pieces, stage.end()]);
};

const everyWay = (stage: () => Stage, input: Buffer, random: Random): Buffer => {
  const whole = run(stage(), [input]);
  const at = random.below(input.length + 1);
  const single = Array.from(input, (_, offset) => input.subarray(offset, offset + 1));
  for (const chunks of [single, [input.subarray(0, at), input.subarray(at)]]) {
    assert.equal(run(stage(), chunks).toString('hex'), whole.toString('hex'));
  }
  return whole;
};

const detectors = ['card', 'email', 'iban', 'token', 'nl-bsn', 'es-dni', 'se-personnummer'];

const masker = (): OutputMasker => {
  const masks = detectors.map((detect) => ({ detect, strategy: 'fixed' as const }));
  const plan = planOutputMasks(masks);
  assert(plan.kind === 'plan');
  return new OutputMasker(plan, (_, strategy) => (strategy === 'null' ? null : Buffer.from('***')));
};

/** Written out once more, so that a slip in the filter's tables is seen. */
const harmless = new RegExp(
  String.raw`\x1b(?:[78=>DEHM]|[()*+][0AB]|%G|\[[0-9:;]*[@A-IKLMPSTXZ${'`'}abdefgmrsu]|\[[0-9:;]*(?:!p| q)|\[\??[0-2;]*J|\[\?[0-9:;]*K|\[[4;]*[hl]|\[\?[0-9;]+[hl])`,
  'g',
);
const forbidden = new RegExp(String.raw`[\x00-\x06\x10-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]`);
const reporting = new RegExp(
  String.raw`\x1b\[\?[0-9;]*\b(?:2|3|9|67|1000|1001|1002|1003|1004|1005|1006|1007|1015|1016|1036)\b[0-9;]*h`,
);

const checkFilter = (input: Buffer, random: Random): void => {
  const output = everyWay(() => new TerminalFilter(), input, random);
  assert(isUtf8(output));
  const text = output.toString('utf8');
  assert(!forbidden.test(text.replaceAll(harmless, '')));
  assert(!reporting.test(text));
  assert.equal(run(new TerminalFilter(), [output]).toString('utf8'), text);
};

const checkMasker = (input: Buffer, random: Random): void => {
  const output = everyWay(masker, input, random);
  if (!input.includes('@') && !/[0-9]{4}|[A-Za-z]{2}/.test(input.toString('latin1'))) {
    assert.equal(output.toString('hex'), input.toString('hex'));
  }
};

const isRefusal = (): boolean => false;

export const outputTargets: readonly Target[] = [
  { name: 'OutputMasker', check: checkMasker, isRefusal },
  { name: 'TerminalFilter', check: checkFilter, isRefusal },
];

import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Decision, EntryText } from '../../../../engine/index.ts';
import { decisionEntry, decisionId } from '../../../../engine/index.ts';
import type { Revision } from '../../../../engine/model/index.ts';
import { unbounded } from '../../../../engine/model/index.ts';
import {
  completedEntry,
  permittedEntry,
  refusedEntry,
} from '../../../../hosts/postgres/session/evidence.ts';
import { refusal } from '../../../../hosts/postgres/refusal.ts';
import type { Bind } from '../../../../hosts/postgres/wire/index.ts';

const revision = '0123456789abcdef' as Revision;
const reasons = [{ code: 'rule-allow', message: 'a "reason"', rule: 'rules.a' }] as const;
const plain: Decision = {
  ...{ id: decisionId('d-0a1b2c3d-1'), revision, verdict: 'allow', reasons },
  obligations: { masks: [], infer: [], budget: unbounded },
};
const demanding: Decision = {
  ...{ id: decisionId('d-0a1b2c3d-2'), revision, verdict: 'allow', reasons },
  obligations: {
    masks: [{ column: 'public.customers.email', strategy: 'null' }],
    infer: ['public.customers.id'],
    budget: { rows: 5 },
  },
};
const denying: Decision = {
  ...{ id: decisionId('d-0a1b2c3d-3'), revision, verdict: 'deny', reasons },
};

const members = (entry: EntryText): unknown => JSON.parse(`{${entry}}`);

function bindOf(values: readonly (Buffer | null)[], parameterFormats: readonly number[]): Bind {
  return { portal: '', statement: 's', parameterFormats, parameters: values, resultFormats: [] };
}

describe('the entries of statements', () => {
  it('say what was asked, by which decisions, with the values', () => {
    const long = Buffer.alloc(1025, 'x');
    const bind = bindOf([Buffer.from('a"\n'), null, Buffer.from([0, 255]), long], [0, 0, 1, 0]);
    const decisions = [plain, demanding];
    const entry = permittedEntry(
      { protocol: 'extended', text: 'select $1', bind, decisions },
      'a-1',
    );
    expect(members(entry)).toEqual({
      ...{ type: 'statement', verdict: 'allow', protocol: 'extended', text: 'select $1' },
      parameters: [
        { text: 'a"\n' },
        { null: true },
        { binary: '00ff' },
        { bytes: 1025, sha256: createHash('sha256').update(long).digest('hex') },
      ],
      decisions: decisions.map(decisionEntry),
      approval: 'a-1',
    });
  });

  it('say why one was refused', () => {
    const evidence = {
      protocol: 'simple',
      text: 'x',
      bind: undefined,
      decisions: [denying],
    } as const;
    const entry = refusedEntry(evidence, refusal('rule-deny', 'not "this"'));
    expect(members(entry)).toEqual({
      ...{ type: 'statement', verdict: 'deny', protocol: 'simple', text: 'x' },
      decisions: [decisionEntry(denying)],
      refused: { code: 'rule-deny', message: 'not "this"' },
    });
  });

  it('do not mix decisions that share their reasons', () => {
    const other: Decision = { ...plain, revision: 'fedcba9876543210' as Revision };
    for (const decision of [plain, demanding, plain, other, plain, denying]) {
      const evidence = { protocol: 'simple', text: 'x', bind: undefined } as const;
      const entry = permittedEntry({ ...evidence, decisions: [decision] });
      expect(members(entry)).toMatchObject({ decisions: [decisionEntry(decision)] });
    }
  });

  it('are JSON of one line whatever clients and targets say', () => {
    const said = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(said, said, fc.uint8Array({ maxLength: 40 }), (text, tag, value) => {
        const bind = bindOf([Buffer.from(value)], []);
        const evidence = { protocol: 'extended', text, bind, decisions: [plain] } as const;
        const entries = [permittedEntry(evidence), completedEntry(tag, [plain, denying])];
        expect(entries.join('')).not.toContain('\n');
        expect(entries.map(members)).toMatchObject([
          {
            text: text.toWellFormed(),
            parameters: [{ text: Buffer.from(value).toString('utf8') }],
          },
          { tag: tag.toWellFormed(), decisions: [plain.id, denying.id] },
        ]);
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';

import { approvalId, decisionId, reasonCodes, revisionId } from '#engine/model';
import type { Decision, ReasonCode } from '#engine/model';

import {
  encodeFatal,
  encodeHeld,
  encodeRefusal,
  refusal,
  refusalOf,
  refusalOfHold,
  substituteText,
} from '../../../hosts/postgres/refusal.ts';
import { analyse, emptyCatalog } from '../../../hosts/postgres/sql/index.ts';
import { decodeServerReport, reportField } from '../../../hosts/postgres/wire/index.ts';

const codes = Object.keys(reasonCodes) as readonly ReasonCode[];
const settings = { standardConformingStrings: 'on', clientEncoding: 'UTF8' };

const denied: Decision = {
  id: decisionId('d-1-7'),
  verdict: 'deny',
  reasons: [
    { code: 'rule-deny', rule: 'rules.postgres.production', message: 'no TRUNCATE' },
    { code: 'rule-deny', rule: 'rules.postgres.hours', message: 'not at night' },
  ],
  revision: revisionId('abc'),
};

describe('a refusal', () => {
  it.each(codes)('of code %s is an ERROR that leaves the connection', (code) => {
    const report = decodeServerReport(encodeRefusal(refusal(code, 'why', { hint: 'how' })));
    expect(reportField(report, 'severity')).toBe('ERROR');
    expect(reportField(report, 'code')).toMatch(/^[0-9A-Z]{5}$/);
    expect(reportField(report, 'message')).toBe('sallyport: why');
    expect(reportField(report, 'detail')).toContain(`reason ${code}`);
    expect(reportField(report, 'hint')).toBe('how');
  });

  it.each(codes)('of code %s goes to the server as text that it cannot parse', (code) => {
    const text = substituteText(refusal(code, "a'; DROP TABLE users; --"));
    expect(text).not.toContain('DROP');
    const analysed = analyse(text, emptyCatalog, { settings, statementBytesMax: 1000 });
    expect(analysed).toMatchObject({ kind: 'refused', code: 'statement-unparsable' });
  });

  it('of a syntax error is in the words of PostgreSQL, with the place', () => {
    const refused = refusal('statement-unparsable', 'syntax error at or near "SELEC"', {
      position: 7,
    });
    const report = decodeServerReport(encodeRefusal(refused));
    const said = report.fields.map(({ letter, value }) => `${letter} ${value}`);
    expect(said).toEqual([
      ...['S ERROR', 'V ERROR', 'C 42601', 'M syntax error at or near "SELEC"', 'P 7'],
      'R sallyport',
    ]);
  });

  it('names every rule that denied, and the decision', () => {
    const refused = refusalOf(denied);
    expect(refused).toMatchObject({ message: 'no TRUNCATE; not at night', decision: 'd-1-7' });
    expect(refused.hint).toContain('rules.postgres.hours');
    expect(substituteText(refused)).toBe('sallyport refused d_1_7');
  });

  it('of a hold says how it ended', () => {
    const hold = { id: approvalId('a-1') };
    const outcomes = [
      refusalOfHold({ kind: 'denied', by: 'dora', note: 'no' }, hold),
      refusalOfHold({ kind: 'timeout' }, hold),
      refusalOfHold({ kind: 'cancelled' }, hold),
    ];
    expect(outcomes.map(({ code }) => code)).toEqual([
      'approval-denied',
      'approval-timeout',
      'approval-cancelled',
    ]);
    expect(outcomes[0]?.message).toBe('dora denied approval a-1: no');
    expect(outcomes.every(({ message }) => message.includes('a-1'))).toBe(true);
  });
});

describe('other words of the gateway', () => {
  it('are FATAL when the connection ends', () => {
    const report = decodeServerReport(encodeFatal({ code: '57P01', message: 'bye' }));
    expect(reportField(report, 'severity')).toBe('FATAL');
    expect(reportField(report, 'message')).toBe('sallyport: bye');
  });

  it('tell of a hold in a notice, with what an approver has to type', () => {
    const hold = {
      id: approvalId('a-1'),
      expiresAt: Date.now() + 60_000,
      outcome: Promise.resolve({ kind: 'timeout' } as const),
      cancel: () => undefined,
    };
    const report = decodeServerReport(
      encodeHeld(hold, ['DELETE without WHERE'], 'a member of dba'),
    );
    expect(report.kind).toBe('notice');
    expect(reportField(report, 'message')).toContain('DELETE without WHERE');
    expect(reportField(report, 'hint')).toContain('sallyport approvals approve a-1');
  });
});

import { describe, expect, it } from '@jest/globals';

import { guardedError } from '../../../../hosts/postgres/session/guarded-reports.ts';
import type { OwnReport } from '../../../../hosts/postgres/wire/index.ts';
import {
  decodeServerReport,
  encodeServerReport,
  reportField,
  reportFields,
} from '../../../../hosts/postgres/wire/index.ts';

type Fields = Partial<Record<keyof typeof reportFields, string>>;

function guarded(fields: Fields): Fields {
  const frame = encodeServerReport(
    'error',
    Object.entries(fields).map(([name, value]) => ({
      letter: reportFields[name as keyof typeof reportFields],
      value,
    })),
  );
  const report = decodeServerReport(guardedError(decodeServerReport(frame)));
  const kept = Object.keys(reportFields).map((name) => [
    name,
    reportField(report, name as keyof typeof reportFields),
  ]);
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined)) as Fields;
}

const severity: OwnReport['severity'] = 'ERROR';

describe('an error under masks', () => {
  it('keeps what names objects', () => {
    const error = { severity, code: '42703', message: 'column "x" does not exist', position: '8' };
    expect(guarded(error)).toEqual(error);
  });

  it.each(['22P02', '23505', '23502', 'P0001', 'XX000', ''])('withholds the text of %j', (code) => {
    const error = guarded({ severity, code, message: 'bad value: "secret"', constraint: 'c' });
    expect(error.message).not.toContain('secret');
    expect(error).toMatchObject({ severity, constraint: 'c' });
  });

  it('loses the fields that quote rows, statements and code', () => {
    const secret = 'secret';
    const error = guarded({
      ...{ severity, code: '42501', message: 'permission denied', detail: secret, hint: secret },
      ...{ internalQuery: secret, internalPosition: '3', file: secret, routine: secret },
    });
    expect(error).toEqual({ severity, code: '42501', message: 'permission denied' });
  });

  it('withholds what code inside the statement raises under a harmless code', () => {
    const where = 'PL/pgSQL function complain() line 1 at RAISE';
    const error = guarded({ severity, code: '42501', message: 'not secret', where });
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(error.where).toBeUndefined();
  });
});

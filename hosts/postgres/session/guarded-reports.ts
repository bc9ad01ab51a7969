// Errors and notices under masks: their texts quote rows and values ("Failing row contains …"), so only what
// cannot is passed on.

import type { ServerReport } from '../wire/index.ts';
import { encodeServerReport, reportField, reportFields } from '../wire/index.ts';

/** SQLSTATE classes whose primary messages name objects and states, never values of rows. */
const namingClasses = new Set(['08', '0A', '25', '26', '34', '40', '42', '53', '55', '57']);
/** Fields that say nothing of rows. */
const safeLetters = new Set<string>([
  reportFields.severity,
  reportFields.severityName,
  reportFields.code,
  reportFields.position,
  reportFields.schema,
  reportFields.table,
  reportFields.column,
  reportFields.dataType,
  reportFields.constraint,
]);

/** The error with nothing in it that a row may have said; `isSilent` for statements that compute with masked values. */
export function guardedError(report: ServerReport, isSilent = false): Buffer {
  const sqlstate = reportField(report, 'code') ?? '';
  const kept = report.fields.filter((field) => safeLetters.has(field.letter));
  // A trigger raises what it likes under any code, but only code that runs inside a statement has a context.
  const names =
    !isSilent &&
    namingClasses.has(sqlstate.slice(0, 2)) &&
    reportField(report, 'where') === undefined;
  const message = names
    ? (reportField(report, 'message') ?? '')
    : `sallyport: error ${sqlstate}; its text is withheld while columns are masked`;
  return encodeServerReport('error', [...kept, { letter: reportFields.message, value: message }]);
}

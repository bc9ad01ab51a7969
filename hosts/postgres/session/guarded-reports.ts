// Errors and notices under masks: their texts quote rows and values ("Failing row contains …"), so only what
// cannot is passed on.

import type { ServerReport } from '../wire/index.ts';
import { encodeServerReport, reportField, reportFields } from '../wire/index.ts';
import type { Permission } from './permission.ts';

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

/** The error as the client may see it. */
export function guardError(
  frame: Buffer,
  report: ServerReport,
  permission: Permission | undefined,
): Buffer {
  if (permission?.guarded !== true) return frame;
  const sqlstate = reportField(report, 'code') ?? '';
  const kept = report.fields.filter((field) => safeLetters.has(field.letter));
  const message = namingClasses.has(sqlstate.slice(0, 2))
    ? (reportField(report, 'message') ?? '')
    : `sallyport: error ${sqlstate}; its text is withheld while columns are masked`;
  return encodeServerReport('error', [...kept, { letter: reportFields.message, value: message }]);
}

/** Notices are free text of functions and triggers: under masks none passes. */
export function isGuardedNotice(permission: Permission | undefined): boolean {
  return permission?.guarded === true;
}

// Clients of databases, whose own commands start programs and read files.

import type { Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import { argumentOf } from '../value.ts';

/** Clients of databases: statements are for their own host, backslashes and dots run programs. */
const databaseClient =
  (escape: RegExp): Reader =>
  (invocation, reading, place) => {
    const texts = invocation.args.map(argumentOf);
    const isPlain = texts.every((text) => text !== null && !escape.test(text));
    const hasStatement = texts.some((text) =>
      /^(?:-\w*[ceE]\w*|--command.*|--execute.*|-l|--list|--version)$/.test(text ?? ''),
    );
    const isRead =
      hasStatement ||
      (place.input.kind === 'inherited' && invocation.name === 'sqlite3' && texts.length > 1);
    report(invocation, reading, place, isPlain && isRead ? '' : 'stdin');
    if (!isPlain) reading.found.doubt('option-runs');
    if (!isRead) reading.found.doubt('opaque-stdin');
  };

const mysql = databaseClient(
  /\\!|\bsystem\b|\bsource\b|^--(?:pager|init|defaults|plugin|login|tee|shell|html)|pager|edit|into\s+(?:out|dump)file/i,
);

export const databasePrograms: readonly (readonly [string, Reader])[] = [
  ['psql', databaseClient(/\\|^-\w*f|^--(?:file|set|variable|host=\/|pset)|^-v/)],
  ['mysql', mysql],
  ['mariadb', mysql],
  ['sqlite3', databaseClient(/(?:^|\s)\.|load_extension|writefile|^-(?:init|cmd)|edit\s*\(/i)],
];

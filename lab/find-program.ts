// Where a program that the machine may have (psql, pgbench, nginx) is.

import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const postgresRoot = '/usr/lib/postgresql';

/** Debian keeps the programs of each PostgreSQL major apart; the newest comes first. */
function postgresDirectories(): readonly string[] {
  try {
    const majors = readdirSync(postgresRoot).filter((name) => /^\d+$/.test(name));
    return majors
      .sort((a, b) => Number(b) - Number(a))
      .map((name) => join(postgresRoot, name, 'bin'));
  } catch {
    return [];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** PATH first, then the places that Debian leaves out of an ordinary user's PATH. */
export function findProgram(name: string): string | null {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  const directories = [...path, ...postgresDirectories(), '/usr/sbin', '/usr/local/sbin'];
  return directories.map((directory) => join(directory, name)).find(isProgram) ?? null;
}

/** Throws with the name of the Debian package that brings the program. */
export function requiredProgram(name: string, debianPackage: string): string {
  const path = findProgram(name);
  if (path === null) throw new Error(`${name} is not installed: apt-get install ${debianPackage}`);
  return path;
}

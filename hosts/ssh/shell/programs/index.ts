// Every program whose arguments are known to read, write, delete, reach or run something, by name.

import type { Reader } from '../invocation.ts';
import { archivePrograms } from './archives.ts';
import { editingPrograms } from './editing.ts';
import { filePrograms } from './files.ts';
import { git } from './git.ts';
import { networkPrograms } from './network.ts';
import { numberedFilePrograms } from './numbered-files.ts';
import { systemPrograms } from './system.ts';

export const programs: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...filePrograms,
  ...numberedFilePrograms,
  ...archivePrograms,
  ...editingPrograms,
  ...networkPrograms,
  ...systemPrograms,
  ['git', git],
]);

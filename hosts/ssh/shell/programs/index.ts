// Every program whose arguments are known to read, write, delete, reach or run something, by name.

import type { Reader } from '../invocation.ts';

export const programs: ReadonlyMap<string, Reader> = new Map<string, Reader>();

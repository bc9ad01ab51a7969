// What comes of an argument whose purpose a table names.

import type { Role } from './options.ts';
import type { Place, Reading } from './place.ts';
import { checkUrl } from './hosts.ts';
import type { Value } from './value.ts';

export function applyRole(role: Role, value: Value, reading: Reading, place: Place): void {
  const { found } = reading;
  // Standard input, to programs that read files; those that write take it for a name.
  if (role === 'read' && value.kind === 'literal' && value.text === '-') return;
  switch (role) {
    case 'flag':
    case 'text':
    case 'directory':
      return;
    case 'read':
      return found.path('reads', value, place);
    case 'write':
    case 'target':
      return found.path('writes', value, place);
    case 'delete':
      return found.path('deletes', value, place);
    case 'move':
      found.path('reads', value, place);
      return found.path('deletes', value, place);
    case 'change':
      found.path('reads', value, place);
      return found.path('writes', value, place);
    case 'remote':
      return found.path('reads', value, place);
    case 'host':
      return found.host(value);
    case 'url':
      return checkUrl(value, reading);
    case 'user':
      if (value.kind !== 'literal') found.doubt('argument');
      return;
    case 'code':
      if (value.kind === 'literal') reading.text(value.text, { ...place, depth: place.depth + 1 });
      else found.doubt('argument');
      return;
    case 'runs':
      return found.doubt('option-runs');
    default:
      return role satisfies never;
  }
}

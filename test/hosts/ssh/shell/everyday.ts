// Lines that people who operate servers type all day. Few of them may be rated anything but `static`.

import { onHosts } from './everyday-hosts.ts';
import { withTools } from './everyday-tools.ts';

export const everyday: readonly string[] = `${onHosts}${withTools}`
  .split(/\n(?!three lines|EOF)/)
  .map((line) => line.trim())
  .filter((line) => line !== '');

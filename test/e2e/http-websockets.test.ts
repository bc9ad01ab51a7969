// WebSocket peers that share no code with the relay: Python's `websockets` on both ends.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from '@jest/globals';
import { describeIf } from '../support/describe-if.ts';
import { startWebSocketGateway } from '../hosts/http/streams/websocket-gateway.ts';

const driver = join(import.meta.dirname, 'drivers/websocket-peer.py');

/** Debian's own Python: its packages are not those of another that PATH may name first. */
function python(...args: readonly string[]): {
  child: ChildProcess;
  lines: AsyncIterator<string, undefined>;
} {
  const child = spawn('/usr/bin/python3', [driver, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const input = createInterface({ input: child.stdout });
  const lines = input[Symbol.asyncIterator]() as AsyncIterator<string, undefined>;
  return { child, lines };
}

const nextLine = async (lines: AsyncIterator<string, undefined>): Promise<string | undefined> => {
  const line = await lines.next();
  return line.done === true ? undefined : line.value;
};

const modes = [
  ['in pieces', {}],
  ['judged', { judge: () => ({ kind: 'forward' }) as const }],
] as const;

describeIf('python3', "Python's websockets", () => {
  it.each(modes)('echo, ping and close through the relay, messages %s', async (_, options) => {
    const server = python('serve');
    const port = await nextLine(server.lines);
    const gateway = await startWebSocketGateway({ targetPort: Number(port), ...options });
    try {
      const caller = python('call', gateway.url);
      const heard: string[] = [];
      for (let line = await nextLine(caller.lines); line !== undefined;) {
        heard.push(line);
        line = await nextLine(caller.lines);
      }
      expect(heard).toEqual([
        'extensions 0',
        'hello',
        'one two three',
        'True',
        'pong',
        'closed 4002 bye',
      ]);
      expect(await nextLine(server.lines)).toBe('closed 4002 bye');
      expect(await gateway.ended).toEqual({ kind: 'closed', by: 'caller', code: 4002 });
    } finally {
      await gateway[Symbol.asyncDispose]();
      server.child.kill();
      await once(server.child, 'exit');
    }
  });
});

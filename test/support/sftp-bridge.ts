// An SFTP server for `sftp -D`: the real one, behind the inspector. SFTP_BRIDGE is a JSON file of BridgeOrder.

import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { SftpInspector, type SftpEffect } from '../../hosts/ssh/files/index.ts';

export interface BridgeOrder {
  readonly server: string;
  /** Where effects go, but for bytes: a JSON line each. */
  readonly log: string;
  /** `operation` or `*`, and the beginning of paths, that are denied. */
  readonly denied: readonly (readonly [operation: string, prefix: string])[];
}

const order = JSON.parse(readFileSync(process.env['SFTP_BRIDGE'] ?? '', 'utf8')) as BridgeOrder;
const server = spawn(order.server, { stdio: ['pipe', 'pipe', 'inherit'] });
const inspector = new SftpInspector();

const isDenied = ({ facts }: Extract<SftpEffect, { kind: 'judge' }>): boolean =>
  order.denied.some(
    ([operation, prefix]) =>
      (operation === '*' || operation === facts.operation) &&
      [facts.path, facts.to].some((path) => path.startsWith(prefix)),
  );

function carryOut(effects: readonly SftpEffect[]): void {
  for (const effect of effects) {
    switch (effect.kind) {
      case 'to-client':
        if (!process.stdout.write(effect.bytes)) server.stdout.pause();
        break;
      case 'to-target':
        if (!server.stdin.write(effect.bytes)) process.stdin.pause();
        break;
      case 'judge': {
        appendFileSync(order.log, `${JSON.stringify(effect)}\n`);
        const message = `no ${effect.facts.operation} here`;
        carryOut(
          inspector.decide(isDenied(effect) ? { kind: 'deny', message } : { kind: 'allow' }),
        );
        break;
      }
      default:
        appendFileSync(order.log, `${JSON.stringify(effect)}\n`);
        if (effect.kind === 'cut') process.exitCode = 1;
    }
  }
  if (!inspector.wantsClient) process.stdin.pause();
  else if (!server.stdin.writableNeedDrain) process.stdin.resume();
}

process.stdin.on('data', (chunk: Buffer) => carryOut(inspector.fromClient(chunk)));
process.stdin.on('end', () => server.stdin.end());
process.stdout.on('drain', () => server.stdout.resume());
server.stdin.on('drain', () => {
  if (inspector.wantsClient) process.stdin.resume();
});
server.stdout.on('data', (chunk: Buffer) => carryOut(inspector.fromTarget(chunk)));
server.on('exit', () => carryOut(inspector.end()));

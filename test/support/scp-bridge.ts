#!/usr/bin/env node
// For `scp -O -S`: instead of ssh to another machine, the command here, behind the inspector. SCP_BRIDGE names the log of
// effects: a JSON line each.

import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { recogniseFileCommand, ScpInspector, type ScpEffect } from '../../hosts/ssh/files/index.ts';

const log = process.env['SCP_BRIDGE'] ?? '';
const argv = (process.argv.at(-1) ?? '').split(' ');
const command = recogniseFileCommand(argv);
if (command?.kind !== 'scp') throw new Error(`not a command of scp: ${argv.join(' ')}`);
const { direction, recursive, facts } = command;
const inspector = new ScpInspector({ direction, recursive, path: facts[0]?.path ?? '' });
const [program = '', ...words] = argv;
const target = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });

function carryOut(effects: readonly ScpEffect[]): void {
  for (const effect of effects) {
    if (effect.kind === 'to-client') process.stdout.write(effect.bytes);
    else if (effect.kind === 'to-target') target.stdin.write(effect.bytes);
    else appendFileSync(log, `${JSON.stringify(effect)}\n`);
    if (effect.kind === 'cut') target.kill();
  }
}

appendFileSync(log, `${JSON.stringify(facts)}\n`);
process.stdin.on('data', (chunk: Buffer) => carryOut(inspector.fromClient(chunk)));
process.stdin.on('end', () => target.stdin.end());
target.stdout.on('data', (chunk: Buffer) => carryOut(inspector.fromTarget(chunk)));
target.on('close', (code) => {
  carryOut(inspector.end());
  process.exitCode = code ?? 1;
  process.stdin.destroy();
});

// How `eval` tells its answer: for people, and as JSON.

import type { Decision, Json } from '#engine';
import { fileIn } from '../policies.ts';
import type { Style, Terminal } from '../terminal.ts';
import { harmless } from '../terminal.ts';
import type { Evaluated } from './evaluate.ts';

export interface Answer {
  /** What would come of the whole text. */
  readonly verdict: Decision['verdict'];
  /** A refusal that is not the policy's, for example `mask-unsupported`. */
  readonly refusal:
    | {
        readonly code: string;
        readonly message: string;
        readonly hint?: string | undefined;
        readonly rule?: string | undefined;
      }
    | undefined;
  readonly revision: string;
  /** The saved catalog that names were resolved by. */
  readonly catalog: string | undefined;
  readonly evaluated: readonly Evaluated[];
}

const styles = { allow: 'green', hold: 'yellow', deny: 'red' } as const satisfies Record<
  Decision['verdict'],
  Style
>;

export function tellJson(answer: Answer, terminal: Terminal): void {
  const { verdict, refusal, revision, catalog, evaluated } = answer;
  terminal.json({
    verdict,
    ...(refusal === undefined ? {} : { refusal }),
    revision,
    catalog: catalog ?? null,
    statements: evaluated.map(({ statement, decision, fired, disagreement }) => ({
      text: statement.text,
      facts: statement.facts,
      verdict: decision.verdict,
      reasons: decision.reasons,
      masks: decision.verdict === 'deny' ? [] : decision.obligations.masks,
      infer: decision.verdict === 'deny' ? [] : decision.obligations.infer,
      budget: decision.verdict === 'deny' ? {} : decision.obligations.budget,
      requirements: decision.verdict === 'hold' ? decision.requirements : [],
      fired,
      ...(disagreement === undefined ? {} : { disagreement }),
    })),
  });
}

export function tell(answer: Answer, directory: string, terminal: Terminal): void {
  for (const each of answer.evaluated) tellOne(each, directory, terminal);
  const { refusal, evaluated, verdict } = answer;
  const others = evaluated.some(({ decision }) => decision.verdict !== verdict);
  if (refusal !== undefined) {
    const word = terminal.style('red', 'deny');
    terminal.out(`${word}   ${refusal.code}: ${harmless(refusal.message)}`);
    if (refusal.hint !== undefined) terminal.out(`       ${harmless(refusal.hint)}`);
  } else if (others) {
    terminal.out(`${terminal.style(styles[verdict], verdict.padEnd(5))}  all of it`);
  }
}

function tellOne(evaluated: Evaluated, directory: string, terminal: Terminal): void {
  const { statement, decision, fired } = evaluated;
  const command = commandOf(statement.facts['command']);
  const verdict = terminal.style(styles[decision.verdict], decision.verdict.padEnd(5));
  const text = harmless(statement.text.trim());
  terminal.out(
    `${verdict}  ${text.toUpperCase().startsWith(command) ? text : `${command} in ${text}`}`,
  );
  for (const { code, rule, message } of decision.reasons) {
    const origin = rule === undefined ? code : `${code} by ${rule}`;
    terminal.out(`       ${harmless(message)} (${harmless(origin)})`);
  }
  if (decision.verdict === 'hold') {
    for (const { groups, quorum } of decision.requirements) {
      terminal.out(
        `       needs ${quorum} of ${groups.join(', ')} within ${decision.ttlSeconds} s`,
      );
    }
  }
  if (decision.verdict !== 'deny') {
    for (const { strategy, ...selector } of decision.obligations.masks) {
      terminal.out(`       masks ${harmless(Object.values(selector).join())}: ${strategy}`);
    }
    for (const column of decision.obligations.infer) {
      terminal.out(`       may be inferred ${harmless(column)}`);
    }
    for (const [unit, bound] of Object.entries(decision.obligations.budget)) {
      terminal.out(`       at most ${bound} ${unit.replaceAll('_', ' ')}`);
    }
  }
  for (const { package: name, rule, file, line } of fired) {
    if (!contributions.has(rule)) continue;
    const place = `${fileIn(directory, file)}:${line}`;
    terminal.out(terminal.style('dim', `       fired ${place} ${name}.${rule}`));
  }
}

const commandOf = (value: Json | undefined) => (typeof value === 'string' ? value : '');

const contributions = new Set(['allow', 'deny', 'approve', 'mask', 'infer', 'budget']);
